/** The permissions of an account, a token or a share, by their letters. */
export const LETTERS = {
  r: "read: list directories, download files, ask for sizes, times, checksums and versions",
  w: "write: upload, resume and append to files, set their times, take the target of a rename or copy",
  c: "create: make directories",
  d: "delete: remove files and directories, and rename them away",
  t: "administer: manage accounts, sessions, quotas and logs",
} as const;

/** The letter of one permission. */
export type Letter = keyof typeof LETTERS;

/** The letters of all permissions in canonical order. */
export const ALL_LETTERS = "rwcdt";

/** Brings the letters of permissions into canonical order, each once. */
export function canonicalLetters(letters: string): string {
  return [...ALL_LETTERS].filter((letter) => letters.includes(letter)).join("");
}

/** Intersection of two sets of permissions. */
export function commonLetters(a: string, b: string): string {
  return [...ALL_LETTERS].filter((letter) => a.includes(letter) && b.includes(letter)).join("");
}
