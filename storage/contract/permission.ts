/** The permission letters: what an account, a token or a share allows. */
export const LETTERS = {
  r: "read: list directories, download files, ask for sizes, times, checksums and versions",
  w: "write: upload, resume and append to files, set their times, take the target of a rename or copy",
  c: "create: make directories",
  d: "delete: remove files and directories, and rename them away",
  t: "administer: manage accounts, sessions, quotas and logs",
} as const;

/** One permission letter. */
export type Letter = keyof typeof LETTERS;

/** All letters in their canonical order. */
export const ALL_LETTERS = "rwcdt";

/** Brings letters into canonical order, each once. */
export function canonicalLetters(letters: string): string {
  return [...ALL_LETTERS].filter((letter) => letters.includes(letter)).join("");
}

/** The letters that stand in both. */
export function commonLetters(a: string, b: string): string {
  return [...ALL_LETTERS].filter((letter) => a.includes(letter) && b.includes(letter)).join("");
}
