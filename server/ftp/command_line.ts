import type { CommandRow } from "./context.ts";
import type { Line } from "./line_buffer.ts";
import { findRow } from "./table.ts";

/** A command line taken apart: the row it names, and the argument, or what is wrong with it. */
export type CommandLine =
  & { row: CommandRow | undefined }
  & ({ fault: string } | { name: string; argument: string });

/** How much of an unknown command's name is told back. */
const SHOWN_NAME_LENGTH = 32;

/** Takes a command line apart. The argument is all behind the name and one space. */
export function parseCommand(line: Line): CommandLine {
  if ("fault" in line) return { row: undefined, fault: line.fault };
  const [, name = "", argument = ""] = /^\s*(\S*) ?(.*)$/s.exec(line.text) ?? [];
  const row = findRow(name.toUpperCase());
  return { row, name: name.slice(0, SHOWN_NAME_LENGTH), argument };
}

/** Whether a line asks for TLS: what stands behind it may be a part of the handshake already. */
export function asksForTls(line: Line): boolean {
  return "text" in line && /^\s*auth\b/i.test(line.text);
}
