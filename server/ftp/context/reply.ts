/** Replies of the control connection (RFC 959 section 4.2). */
import { CONTROL } from "../../../common/printable.ts";

/** A reply: one line, or a first and a last line with others between. */
export interface Reply {
  readonly code: number;
  readonly text: string;
  /** Lines between the first one and the last; with them `end` is the text of the last. */
  readonly lines?: readonly string[];
  readonly end?: string;
}

/** A reply of one line. */
export function reply(code: number, text: string): Reply {
  return { code, text };
}

/** A reply of several lines. */
export function longReply(
  code: number,
  text: string,
  lines: readonly string[],
  end = "End",
): Reply {
  return { code, text, lines, end };
}

/**
 * Formats a reply for the wire. Line ends within it are escaped, so that a file name cannot add a
 * line.
 */
export function formatReply({ code, text, lines, end }: Reply): string {
  if (lines === undefined) return `${code} ${oneLine(text)}\r\n`;
  const middle = lines.map((line) => `${oneLine(line)}\r\n`).join("");
  return `${code}-${oneLine(text)}\r\n${middle}${code} ${oneLine(end ?? "End")}\r\n`;
}

function oneLine(text: string): string {
  return CONTROL.test(text) ? text.split(CONTROL).join("?") : text;
}

/** A refusal by the FTP door itself; the session sends it as the command's reply. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}
