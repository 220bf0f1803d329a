/**
 * Logs: to stderr, and to `logs/server.log` in the data directory, rotated. The main thread alone
 * writes them; workers post their records to it, so that lines never mix and one place rotates.
 *
 * Code that logs asks for `getLogger(["towpath", "native"])` and knows nothing of this module.
 */
import { getRotatingFileSink } from "@logtape/file";
import { configureSync, disposeSync, type LogRecord, type Sink } from "@logtape/logtape";
import { join } from "node:path";
import { makePrivateDirectory, PLACES } from "./data_directory.ts";
import { jsonLine, type PlainRecord, plainRecord, textLine } from "./log_record.ts";
import type { ServerOptions } from "./options/definitions.ts";

/** What is logged, and how. */
export interface LogOptions {
  format: ServerOptions["log-format"];
  level: ServerOptions["log-level"];
}

/** The first part of every category of ours. */
const ROOT = "towpath";
/** Bounds of the log files: what fills a disk by logging is an attack. */
const FILE_BYTES = 10 * 1024 * 1024;
const OLD_FILES = 5;
/** How long lines may wait to be written together. */
const FLUSH_MS = 100;
/** A log file that cannot be written is reported on stderr once in so long. */
const COMPLAINT_MS = 10 * 60_000;

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;

/** Takes records of every thread. */
export interface LogWriter {
  write(record: PlainRecord): void;
  /** Takes whole lines of the audit log. */
  audit(lines: string): void;
  /** Takes whole lines of the web door's log. */
  web(lines: string): void;
  /** Writes what is left. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A log file that is open. */
export interface LogFile {
  /** Takes whole lines. */
  write(lines: string): void;
  /** Writes what is left. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sets logging up in the main thread. */
export function startLogging(data: string, options: LogOptions): LogWriter {
  const line = options.format === "json" ? jsonLine : textLine;
  const file = openLogFile(data, "server");
  const auditFile = openLogFile(data, "audit");
  let webFile: LogFile | undefined;
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
  let complainedMs = -Infinity;
  // A log file that cannot be written ends nothing; it is said where it can be.
  const complain = (record: PlainRecord) => {
    if (performance.now() - complainedMs < COMPLAINT_MS) return;
    complainedMs = performance.now();
    toStderr(record);
  };
  const least = LEVELS.indexOf(options.level);
  const write = (record: PlainRecord) => {
    if (LEVELS.indexOf(record.level) < least) return;
    toStderr(record);
    file.write(line(record, true));
  };
  sendRecordsTo(write, options.level, complain);
  return {
    write,
    audit: (lines) => auditFile.write(lines),
    web: (lines) => (webFile ??= openLogFile(data, "web")).write(lines),
    async [Symbol.asyncDispose]() {
      disposeSync();
      await webFile?.[Symbol.asyncDispose]();
      await auditFile[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}

/**
 * Sets logging up: every record goes to `post`.
 *
 * @param complain takes what the logging library says of itself @default post
 */
export function sendRecordsTo(
  post: (record: PlainRecord) => void,
  level: LogOptions["level"],
  complain = post,
): void {
  configureSync({
    reset: true,
    sinks: {
      post: (record: LogRecord) => post(plainRecord(record)),
      complain: (record: LogRecord) => complain(plainRecord(record)),
    },
    loggers: [
      { category: ROOT, lowestLevel: level, sinks: ["post"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["complain"] },
    ],
  });
}

/** Opens a log file of a data directory. */
export function openLogFile(data: string, name: "server" | "audit" | "web"): LogFile {
  const directory = join(data, PLACES.logs);
  const path = join(directory, `${name}.log`);
  makePrivateDirectory(directory);
  Deno.openSync(path, { append: true, create: true, mode: 0o600 }).close();
  const sink = getRotatingFileSink(path, {
    maxSize: FILE_BYTES,
    maxFiles: OLD_FILES,
    nonBlocking: true,
    flushInterval: FLUSH_MS,
    formatter: ({ properties }) => properties.lines as string,
  }) as unknown as Sink & AsyncDisposable; // what `nonBlocking` makes of it
  // The sink makes the next file after a rotation with the mode of the user's umask.
  let checking: ReturnType<typeof setTimeout> | undefined;
  const protect = () => {
    checking = undefined;
    try {
      Deno.chmodSync(path, 0o600);
    } catch {
      // Someone took the file away: the next rotation makes it again.
    }
  };
  return {
    write(lines) {
      const record = { category: [ROOT], level: "info", timestamp: 0 } as const;
      sink({ ...record, message: [""], rawMessage: "", properties: { lines } });
      if (checking === undefined) {
        checking = setTimeout(protect, 1000);
        Deno.unrefTimer(checking);
      }
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(checking);
      await sink[Symbol.asyncDispose]();
      protect();
    },
  };
}
