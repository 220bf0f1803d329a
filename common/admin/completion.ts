/** Completion of command lines of `admin` and `client admin`. */
import { LOG_LEVELS, LOG_NAMES } from "../log_names.ts";
import { adminWords, allOptions, namedCommand } from "./command_line.ts";
import type { AdminName } from "./words.ts";

/** Candidates with their meaning; "files": files of this machine. */
export type AdminCandidates = [candidate: string, meaning: string][] | "files";

/** Operands and values of options that are files of this machine. */
const FILES = new Set(["FILE", "TARGET", "BACKUP"]);
/** Operands and values that are one of some words. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "logs [NAME]": LOG_NAMES,
  "LEVEL": LOG_LEVELS,
};

/**
 * Completes the last of some words.
 *
 * @param before the words before it, without options of the program and their values
 * @param last what is typed of it; every candidate begins with this
 * @param names commands of the program
 */
export function adminCandidates(
  before: readonly string[],
  last: string,
  names: readonly AdminName[],
): AdminCandidates {
  const command = namedCommand(before, names);
  const pending = allOptions(names).get(before.at(-1)?.replace(/^--/, "") ?? "")?.value;
  if (pending !== undefined && before.at(-1)!.startsWith("--")) return valuesOf(pending, last);
  if (last.startsWith("-")) {
    const options = command === undefined ? {} : adminWords(command).options;
    return starting(
      Object.entries(options).map(([name, { summary }]) => [`--${name}`, summary]),
      last,
    );
  }
  const words = before.filter((word) => !word.startsWith("-"));
  const rows = nextWords(words, names);
  if (rows.length > 0 || command === undefined) return starting(rows, last);
  const operand = adminWords(command).operands[words.length - command.split(" ").length] ?? "";
  return valuesOf(FILES.has(operand) ? operand : `${command} ${operand}`, last);
}

/** The words that may follow to make the name of a command. */
function nextWords(before: readonly string[], names: readonly AdminName[]): [string, string][] {
  const found = new Map<string, string>();
  for (const name of names) {
    const words = name.split(" ");
    const begins = before.every((word, index) => word === words[index]);
    if (!begins || words.length <= before.length) continue;
    const isLast = words.length === before.length + 1;
    found.set(words[before.length]!, isLast ? adminWords(name).summary : "");
  }
  return [...found];
}

function valuesOf(kind: string, last: string): AdminCandidates {
  if (FILES.has(kind)) return "files";
  return starting((CHOICES[kind] ?? []).map((word) => [word, ""]), last);
}

function starting(rows: [string, string][], last: string): [string, string][] {
  return rows.filter(([candidate]) => candidate.startsWith(last));
}
