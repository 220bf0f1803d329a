import type { CommandRow } from "./context/context.ts";
import type { Line } from "./context/line_buffer.ts";
import { findRow } from "./table.ts";

/** A parsed command line: the row it names, and the argument or the error. */
export type CommandLine =
  & { row: CommandRow | undefined }
  & ({ fault: string } | { name: string; argument: string });

/** Maximum length of an unknown command's name in a reply. */
const SHOWN_NAME_LENGTH = 32;

/** Takes a command line apart. The argument is all behind the name and one space. */
export function parseCommand(line: Line): CommandLine {
  if ("fault" in line) return { row: undefined, fault: line.fault };
  const [, name = "", argument = ""] = /^\s*(\S*) ?(.*)$/s.exec(line.text) ?? [];
  const row = findRow(name.toUpperCase());
  return { row, name: name.slice(0, SHOWN_NAME_LENGTH), argument };
}

/** Checks that a line requests TLS: the bytes after it may already belong to the handshake. */
export function asksForTls(line: Line): boolean {
  return "text" in line && /^\s*auth\b/i.test(line.text);
}
