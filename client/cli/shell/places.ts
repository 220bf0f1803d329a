/** Kinds of the words of a client command in the shell: remote and local paths, or others. */

/** Kind of a word. */
export type Operand = "local" | "remote" | "other";

interface Places {
  /** Kinds of the words; the last one applies to all further words. */
  words: Operand[];
  /** Options whose value is a path. */
  options?: Record<string, Operand>;
  /** Word or option that defaults to the current remote directory. */
  here?: "word" | "to";
}

const PLACES: Record<string, Places> = {
  list: { words: ["remote"], here: "word" },
  upload: { words: ["local"], options: { to: "remote" }, here: "to" },
  download: { words: ["remote"], options: { to: "local" } },
  resume: { words: ["local"], options: { to: "remote" } },
  sync: { words: ["local", "remote"] },
  rm: { words: ["remote"] },
  mkdir: { words: ["remote"] },
  rmdir: { words: ["remote"] },
  mv: { words: ["remote"] },
  cp: { words: ["remote"] },
  stat: { words: ["remote"] },
  view: { words: ["remote"] },
  hash: { words: ["remote"] },
  verify: { words: ["remote"], here: "word" },
  versions: { words: ["remote"] },
  share: { words: ["remote", "other"] },
  unshare: { words: ["remote", "other"] },
  why: { words: ["remote"] },
  token: { words: ["other"], options: { path: "remote" } },
};

/** Kind of the word at an index. */
export function operandAt(command: string, index: number, args: readonly string[]): Operand {
  const words = PLACES[command]?.words ?? ["other"];
  const turned = command === "sync" && args.includes("--down") ? words.toReversed() : words;
  return turned[Math.min(index, turned.length - 1)]!;
}

/** Kind of an option's value. */
export function operandOf(command: string, option: string): Operand {
  return PLACES[command]?.options?.[option] ?? "other";
}

/** Word or option of a command that defaults to the current remote directory. */
export function here(command: string): "word" | "to" | undefined {
  return PLACES[command]?.here;
}

/** A remote path as seen from a directory; `.` and `..` are left to the server. */
export function remoteFrom(directory: string, path: string): string {
  if (path.startsWith("/")) return path;
  return `${directory === "/" ? "" : directory}/${path}`;
}
