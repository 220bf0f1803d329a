/** Facts of `MLSD` and `MLST` (RFC 3659 section 7). */
import { createHash } from "node:crypto";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { compactTime } from "../../../common/time.ts";

/** All facts, in the order of their output. */
export const FACTS = [
  "type",
  "size",
  "modify",
  "perm",
  "unique",
  "UNIX.mode",
  "X.sha256",
  "X.lock",
] as const;
/** Name of a fact. */
export type Fact = (typeof FACTS)[number];

/** All of them, until `OPTS MLST` chooses. */
export const DEFAULT_FACTS: readonly Fact[] = FACTS;

/** Permission bits that a client gave an entry; else what the data directory has. */
export function modeOf({ type, mode }: FileInfo): number {
  return mode ?? (type === "directory" ? 0o700 : 0o600);
}

/** The facts that a client chose: unknown ones are passed over, names are of any case. */
export function chosenFacts(text: string): readonly Fact[] {
  const wanted = new Set(text.split(";").map((name) => name.trim().toLowerCase()));
  return FACTS.filter((fact) => wanted.has(fact.toLowerCase()));
}

/**
 * Formats the facts of one entry, with the space that separates them from its name.
 *
 * @param path as the client writes it: identifies the file
 * @param letters permissions of the session there
 */
export function formatFacts(
  facts: readonly Fact[],
  info: FileInfo,
  path: string,
  letters: string,
): string {
  return facts.map((fact) => {
    const value = factOf(fact, info, path, letters);
    return value === undefined ? "" : `${fact}=${value};`;
  }).join("") + " ";
}

function factOf(fact: Fact, info: FileInfo, path: string, letters: string): string | undefined {
  const directory = info.type === "directory";
  switch (fact) {
    case "type":
      return directory ? "dir" : "file";
    case "size":
      return directory ? undefined : String(info.size);
    case "modify":
      return compactTime(info.mtimeMs);
    case "perm":
      return directory ? directoryPerm(letters) : filePerm(letters);
    case "unique":
      return createHash("sha256").update(path).digest("hex").slice(0, 24);
    case "UNIX.mode":
      return modeOf(info).toString(8).padStart(4, "0");
    case "X.sha256":
      return info.hash ?? undefined;
    case "X.lock":
      return info.lock && `${info.lock.by},${compactTime(info.lock.untilMs)}`;
  }
}

/** Translates permissions into the terms of RFC 3659 section 7.5.5. */
function filePerm(letters: string): string {
  const [r, w, d] = [..."rwd"].map((letter) => letters.includes(letter));
  return `${w ? "a" : ""}${d ? "d" : ""}${d && w ? "f" : ""}${r ? "r" : ""}${w ? "w" : ""}`;
}

function directoryPerm(letters: string): string {
  const [r, w, c, d] = [..."rwcd"].map((letter) => letters.includes(letter));
  return `${w ? "c" : ""}${d ? "d" : ""}e${d && w ? "f" : ""}${r ? "l" : ""}${c ? "m" : ""}${
    d ? "p" : ""
  }`;
}
