/**
 * Logs: to stderr, and to `logs/server.log` in the data directory, rotated. The main thread alone
 * writes them; workers post their records to it, so that lines never mix and one place rotates.
 *
 * Code that logs asks for `getLogger(["towpath", "native"])` and knows nothing of this module.
 */
import { join } from "@std/path";
import { configureSync, disposeSync, type LogRecord } from "@logtape/logtape";
import { PLACES } from "../data/data_directory.ts";
import type { LogName } from "../../common/log_names.ts";
import type { Health } from "./health.ts";
import { LogFile } from "./log_file.ts";
import { jsonLine, type PlainRecord, plainRecord, textLine } from "./log_record.ts";
import type { ServerOptions } from "../options/definitions.ts";

/** Levels, format and place of the logs. */
export interface LogOptions {
  format: ServerOptions["log-format"];
  level: ServerOptions["log-level"];
}

/** Source of the records that the log of the database has. */
const DATABASE = "database";

/** The first part of every category of ours. */
const ROOT = "towpath";
/** Bounds of the log files: what fills a disk by logging is an attack. */
const FILE_BYTES = 10 * 1024 * 1024;
const OLD_FILES = 5;
/** How long lines may wait to be written together. */
const FLUSH_MS = 100;

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** Takes records of every thread. */
export interface LogWriter {
  write(record: PlainRecord): void;
  /** Takes whole lines of the audit log. */
  audit(lines: string): void;
  /** Takes whole lines of the web door's log. */
  web(lines: string): void;
  /** Opens all files again, after another program rotated them. */
  reopen(): void;
  /** Writes the remaining lines. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Sets logging up in the main thread.
 *
 * @param health learns which log cannot be written
 */
export function startLogging(data: string, options: LogOptions, health: Health): LogWriter {
  const line = options.format === "json" ? jsonLine : textLine;
  const open = (name: LogName) =>
    openLogFile(data, name, (reason, lost) => {
      health.set(`${name} log`, reason);
      report(troubleRecord(name, reason, lost));
    });
  const report = (record: PlainRecord) => {
    toStderr(record);
    if (record.values.log !== "server") server.write(line(record, true));
  };
  const stacksOnTerminal = options.level === "debug";
  const encoder = new TextEncoder();
  const toStderr = (record: PlainRecord) => {
    try {
      const bytes = encoder.encode(line(record, stacksOnTerminal));
      for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
    } catch {
      // A closed stderr is no reason to stop serving.
    }
  };
  const least = LEVELS.indexOf(options.level);
  const write = (record: PlainRecord) => {
    const isOfDatabase = record.source === DATABASE;
    if (isOfDatabase) (files.database ??= open("database")).write(jsonLine(record, true));
    // Its informational lines are for its own log alone.
    if (isOfDatabase && LEVELS.indexOf(record.level) < LEVELS.indexOf("warning")) return;
    if (LEVELS.indexOf(record.level) < least) return;
    toStderr(record);
    server.write(line(record, true));
  };
  // The first: the trouble of the others, which they may have at once, is written to it.
  const server = open("server");
  const files: { audit: LogFile; web?: LogFile; database?: LogFile } = { audit: open("audit") };
  sendRecordsTo(write, options.level);
  return {
    write,
    audit: (lines) => files.audit.write(lines),
    web: (lines) => (files.web ??= open("web")).write(lines),
    reopen() {
      for (const file of [server, files.audit, files.web, files.database]) file?.reopen();
    },
    async [Symbol.asyncDispose]() {
      disposeSync();
      await files.web?.[Symbol.asyncDispose]();
      await files.database?.[Symbol.asyncDispose]();
      await files.audit[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function troubleRecord(name: LogName, reason: string | undefined, lost: number): PlainRecord {
  const message = reason !== undefined
    ? `The ${name} log cannot be written, its lines wait in memory: ${reason}`
    : `The ${name} log can be written again; ${lost} of its lines were lost`;
  const level = reason === undefined ? "info" : "error";
  const values = { log: name };
  return { level, source: "main", timestamp: Date.now(), message, values, stacks: [] };
}

/** Sets logging up in a worker: every record goes to `post`. */
export function sendRecordsTo(
  post: (record: PlainRecord) => void,
  level: LogOptions["level"],
): void {
  configureSync({
    reset: true,
    sinks: { post: (record: LogRecord) => post(plainRecord(record)) },
    loggers: [
      { category: ROOT, lowestLevel: level, sinks: ["post"] },
      {
        category: [ROOT, DATABASE],
        lowestLevel: level === "debug" ? level : "info",
        sinks: ["post"],
        parentSinks: "override",
      },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["post"] },
    ],
  });
}

/** Opens a log file of a data directory. @param onTrouble see {@linkcode LogFile} */
export function openLogFile(
  data: string,
  name: LogName,
  onTrouble: (reason: string | undefined, lostLines: number) => void,
): LogFile {
  return new LogFile(join(data, PLACES.logs, `${name}.log`), {
    maxBytes: FILE_BYTES,
    maxOldFiles: OLD_FILES,
    flushMs: FLUSH_MS,
    onTrouble,
  });
}
