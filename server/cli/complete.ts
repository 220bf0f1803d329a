/** Completion of command lines of `towpath serve` and `towpath admin`. */
import { adminCandidates } from "../../common/admin/completion.ts";
import { ADMIN_NAMES } from "../admin/commands.ts";
import { OPTION_NAMES, type OptionName, OPTIONS } from "../options/definitions.ts";

/** Requests completion of local files, which the shell does itself. */
const FILES = ":files";

/**
 * Completes the last of some words.
 *
 * @param program whose words they are
 * @returns candidates, each with a tab and its meaning, or `:files`
 */
export function serverCandidates(program: "serve" | "admin", words: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const rows = program === "serve" ? serveRows(before) : adminRows(before, last);
  if (rows === FILES) return [FILES];
  return rows.filter(([name]) => name.startsWith(last)).map((row) => row.join("\t"));
}

type Rows = [string, string][];

function serveRows(before: readonly string[]): Rows | typeof FILES {
  const name = before.at(-1)?.replace(/^--/, "") ?? "";
  const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as OptionName] : undefined;
  if (option?.isPath) return FILES;
  if (option !== undefined && option.kind.placeholder !== null) {
    const choices = option.kind.placeholder.split("|");
    return choices.length > 1 ? choices.map((choice): [string, string] => [choice, ""]) : [];
  }
  return OPTION_NAMES.map((one) => [`--${one}`, OPTIONS[one].summary]);
}

function adminRows(before: readonly string[], last: string): Rows | typeof FILES {
  if (before.at(-1) === "--data") return FILES;
  const at = before.indexOf("--data");
  const words = at < 0 ? before : before.toSpliced(at, 2);
  const found = adminCandidates(words, last, ADMIN_NAMES);
  if (found === "files") return FILES;
  if (!last.startsWith("-")) return found;
  return [...found, ["--data", "the data directory"], ["--json", "one JSON object"]];
}
