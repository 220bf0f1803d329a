/** Log records as they travel from a worker to the main thread, and as lines. */
import { jsonLine as jsonText, printable } from "../../common/printable.ts";
import type { LogLevel, LogRecord } from "@logtape/logtape";

/** A record made of plain data: it can be posted between threads. */
export interface PlainRecord {
  level: LogLevel;
  /** Where it comes from: `native`, `web`. */
  source: string;
  timestamp: number;
  /** The sentence, its values filled in. */
  message: string;
  /** Values that the sentence does not show. */
  values: Record<string, unknown>;
  /** Values that the sentence shows, for lines of JSON. */
  fields?: Record<string, unknown>;
  /** Stacks of the errors among the values. */
  stacks: string[];
}

/** Longest text of one value in a log line. */
const MAX_CHARACTERS = 2000;

/** Text of one value in a log line: printable, and shortened where it is long. */
function escapeControls(text: string): string {
  return printable(
    text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text,
  );
}

function describeError(error: Error): string {
  const own = `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own} (cause: ${toPlain(error.cause)})`;
}

function toPlain(value: unknown): unknown {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Error) return escapeControls(describeError(value));
  if (typeof value === "string") return escapeControls(value);
  try {
    return escapeControls(JSON.stringify(value) ?? String(value));
  } catch {
    return escapeControls(String(value));
  }
}

/** Makes a record plain. */
export function plainRecord(record: LogRecord): PlainRecord {
  const template = typeof record.rawMessage === "string" ? record.rawMessage : "";
  const values: Record<string, unknown> = {};
  const stacks: string[] = [];
  for (const [name, value] of Object.entries(record.properties)) {
    if (value instanceof Error && value.stack) stacks.push(value.stack);
    // A value that is not there is left out, as JSON has it.
    if (value !== undefined && !template.includes(`{${name}}`)) values[name] = toPlain(value);
  }
  const [, ...source] = record.category;
  return {
    level: record.level,
    source: source.join("."),
    timestamp: record.timestamp,
    message: record.message.map((part, index) => index % 2 === 0 ? part : toPlain(part)).join(""),
    values,
    stacks,
  };
}

/** One line of text; with `stacks`, their lines follow, indented. */
export function textLine(record: PlainRecord, stacks: boolean): string {
  const time = new Date(record.timestamp).toISOString();
  const source = record.source ? ` ${record.source}:` : "";
  const values = Object.entries(record.values)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? JSON.stringify(value) : value}`)
    .join("");
  const line = `${time} ${record.level.toUpperCase()}${source} ${record.message}${values}\n`;
  if (!stacks) return line;
  const trace = record.stacks.flatMap((stack) => stack.split("\n"))
    .map((text) => `    ${escapeControls(text)}\n`);
  return line + trace.join("");
}

/** One line with one JSON object. */
export function jsonLine(record: PlainRecord, stacks: boolean): string {
  const { timestamp, level, source, message, values, fields } = record;
  const time = new Date(timestamp).toISOString();
  const stack = stacks && record.stacks.length > 0 ? { stack: record.stacks.join("\n") } : {};
  return jsonText({ time, level, source, message, ...fields, ...values, ...stack }) + "\n";
}
