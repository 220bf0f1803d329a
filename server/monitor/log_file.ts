/**
 * One log file that is written by one thread, rotated by size, and followed when someone renames or
 * removes it. LogTape's rotating sink keeps writing to a renamed file and hides failed writes, so
 * the audit log cannot be entrusted to it.
 */
import { dirname } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { makePrivateDirectory, removeIfThere } from "../data/data_directory.ts";

/** How a log file is kept, and who learns of its troubles. */
export interface LogFileOptions {
  /** A file that would exceed this size is rotated first. */
  maxBytes: number;
  /** Rotated files that are kept: `NAME.1` (the newest) to `NAME.N`. */
  maxOldFiles: number;
  /** Longest wait of a line, so that many are written together, in ms. */
  flushMs: number;
  /**
   * Called when the file can no longer be written, and when it can again.
   *
   * @param reason one clause; undefined: it can be written again
   * @param lostLines lines that were dropped in between, as the backlog was full
   */
  onTrouble(reason: string | undefined, lostLines: number): void;
}

/** Size of one write, characters. */
const BATCH_CHARACTERS = 256 * 1024;
/** Maximum of characters that wait in memory while the file cannot be written. */
const MAX_BACKLOG_CHARACTERS = 4 * 1024 * 1024;
/** A file that cannot be written is tried again at this interval. */
const RETRY_MS = 1000;

/** A log file that takes whole lines. Needs `--allow-read` and `--allow-write` for its directory. */
export class LogFile implements AsyncDisposable {
  #file: Deno.FsFile | undefined;
  #size = 0;
  #lines: string[] = [];
  #characters = 0;
  #lostLines = 0;
  /** The rest of a batch whose write failed half-way: its first line may be partly written. */
  #rest: Uint8Array = new Uint8Array(0);
  #trouble: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Infinity;
  #writing: Promise<void> | undefined;
  readonly #encoder = new TextEncoder();

  /** @param path absolute; the file and its directory (mode 600 and 700) are made */
  constructor(readonly path: string, readonly options: LogFileOptions) {
    try {
      this.#open();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Why it cannot be written; undefined while it can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Takes whole lines; they are written within `flushMs`. */
  write(lines: string): void {
    const failing = this.#trouble !== undefined;
    if (failing && this.#characters + lines.length > MAX_BACKLOG_CHARACTERS) {
      this.#lostLines += lines.split("\n").length - 1;
      return;
    }
    this.#lines.push(lines);
    this.#characters += lines.length;
    if (failing) this.#schedule(RETRY_MS);
    else this.#schedule(this.#characters < BATCH_CHARACTERS ? this.options.flushMs : 0);
  }

  /** Opens the file again by its name, as log rotation requests with SIGHUP. */
  reopen(): void {
    this.#writing = this.#flush(true);
  }

  /** Writes the remaining lines and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush(false);
    clearTimeout(this.#timer);
    this.#close();
  }

  #schedule(ms: number): void {
    const dueMs = performance.now() + ms;
    if (dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#dueMs = Infinity;
      this.#writing = this.#flush(false);
    }, ms);
    Deno.unrefTimer(this.#timer);
  }

  /** Writes the backlog; one run at a time. */
  async #flush(reopen: boolean): Promise<void> {
    await this.#writing;
    try {
      if (reopen) this.#close();
      this.#openCurrent();
      await this.#writeBacklog();
      if (this.#trouble !== undefined) this.#recovered();
    } catch (error) {
      this.#close();
      this.#failed(error);
      this.#schedule(RETRY_MS);
    }
  }

  async #writeBacklog(): Promise<void> {
    while (this.#rest.length > 0 || this.#lines.length > 0) {
      if (this.#rest.length === 0) {
        this.#rest = this.#encoder.encode(this.#takeBatch());
        this.#openCurrent();
        const { maxBytes } = this.options;
        if (this.#size > 0 && this.#size + this.#rest.length > maxBytes) this.#rotate();
      }
      while (this.#rest.length > 0) {
        const count = await this.#file!.write(this.#rest);
        this.#rest = this.#rest.subarray(count);
        this.#size += count;
      }
    }
  }

  #openCurrent(): void {
    if (!this.#isCurrent()) this.#close();
    if (this.#file === undefined) this.#open();
  }

  #takeBatch(): string {
    let end = 0;
    let length = 0;
    while (end < this.#lines.length && length < BATCH_CHARACTERS) {
      length += this.#lines[end++]!.length;
    }
    this.#characters -= length;
    return this.#lines.splice(0, end).join("");
  }

  /** Whether the open file still has its name. */
  #isCurrent(): boolean {
    if (this.#file === undefined) return false;
    try {
      const there = Deno.statSync(this.path);
      const open = this.#file.statSync();
      this.#size = open.size; // `admin` appends to the audit log too
      return there.ino === open.ino && there.dev === open.dev;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  #open(): void {
    makePrivateDirectory(dirname(this.path));
    assertNoPipe(this.path);
    this.#file = Deno.openSync(this.path, { append: true, create: true, mode: 0o600 });
    Deno.chmodSync(this.path, 0o600);
    this.#size = this.#file.statSync().size;
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #rotate(): void {
    this.#close();
    const { maxOldFiles } = this.options;
    removeIfThere(`${this.path}.${maxOldFiles}`);
    for (let age = maxOldFiles - 1; age >= 1; age--) {
      renameIfThere(`${this.path}.${age}`, `${this.path}.${age + 1}`);
    }
    renameIfThere(this.path, `${this.path}.1`);
    this.#open();
  }

  #failed(error: unknown): void {
    const first = this.#trouble === undefined;
    this.#trouble = `${this.path}: ${reasonOf(error, null)}`;
    if (first) this.options.onTrouble(this.#trouble, 0);
  }

  #recovered(): void {
    const lostLines = this.#lostLines;
    this.#trouble = undefined;
    this.#lostLines = 0;
    this.options.onTrouble(undefined, lostLines);
  }
}

/** Refuses a pipe or device: opening one waits for its other end, and this thread with it. */
export function assertNoPipe(path: string): void {
  try {
    const { isFile, isDirectory } = Deno.statSync(path); // a directory's own error names it
    if (!isFile && !isDirectory) throw new Error("neither file nor directory: move it away");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
