/** Errors of the operating system in words for the operator, who may know places on disk. */
import { ReasonedError } from "./reasoned_error.ts";
import { osCode } from "./os_error.ts";

/** The remedy for an error, by the operating system's name of it. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: "check the path",
  EEXIST: "move away the existing file, or choose another name",
  EISDIR: "move the directory away, or choose another place",
  ENOTDIR: "move the file away that is in a directory's place, or choose another place",
  ENOTEMPTY: "empty the directory, or choose another place",
  EACCES: "give it to the user that runs this (chown), or run this as its owner",
  EPERM: "give it to the user that runs this (chown), or run this as its owner",
  ENOSPC: "make room on the disk, and try again",
  EDQUOT: "make room within the disk's quota, and try again",
  EROFS: "mount the file system writable, or choose another place",
  EMFILE: "raise the limit of open files (ulimit -n)",
  ENFILE: "close other programs, or raise the machine's limit of open files (fs.file-max)",
  EIO: "check the disk",
  EBUSY: "end what uses it, or choose a place that is no mount point",
  EXDEV: "both must be on one file system: choose another place",
  ELOOP: "a link leads to itself: remove it",
  ENAMETOOLONG: "choose a shorter path",
};

/** `message (os error N): call 'place'` or `… 'place' -> 'other'`, as Deno's errors are worded. */
const OS_MESSAGE = /^(.*?) \(os error \d+\)(?:: \w+ '(?:(.*)' -> ')?(.*)')?$/;

/**
 * Describes an error for the operator: what failed, where, and what to do, as in `/data/x:
 * Permission denied: give it to …`. A {@linkcode ReasonedError} describes itself. Never send it to
 * a client: it contains internal paths.
 *
 * @param place used where the error names none; null: the sentence around it names the place
 */
export function reasonOf(error: unknown, place?: string | null): string {
  if (error instanceof ReasonedError) return error.reason(place);
  const text = firstLine(error);
  const [, what = text, source, target] = OS_MESSAGE.exec(text) ?? [];
  const code = osCode(error) ?? "";
  // A rename or link fails at its target, unless the source is not there.
  const named = code === "ENOENT" ? source ?? target : target;
  const at = place === null ? undefined : named ?? place;
  return [at, what, ADVICE[code]].filter((part) => part !== undefined).join(": ");
}

/** A sentence with what to do about an error of the operating system, by its name (`ENOSPC`). */
export function advised(message: string, code: string): string {
  const advice = ADVICE[code];
  return advice === undefined ? message : `${message}: ${advice}`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}
