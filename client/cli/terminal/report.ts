import { ClientError, ExitCode } from "../../lib/common/error.ts";
import { remoteJoin, userDirectory } from "../../lib/local/local_path.ts";
import type { Output } from "./output.ts";
import type { Progress, ProgressView } from "./progress.ts";
import { quoted } from "../../../common/printable.ts";
import type { TransferEvents } from "../../lib/upload/upload_many.ts";
import { formatSize } from "../../../common/size.ts";
import { counted } from "../../../common/counted.ts";
import type { LocalTree } from "../../lib/local/walk.ts";

/** Result of a finished file, in both directions. */
interface Result {
  filename: string;
  size: number;
  hash: string;
  resumedFrom: number;
  skipped?: boolean;
}

/** Property of an item that may be known in advance. */
interface Sized {
  /** Bytes. */
  size?: number | undefined;
}

/** Which transfer it is, for people and for events. */
export interface ReportNames<T> {
  direction: "upload" | "download";
  /** Name of an item while it runs. */
  title(item: T): string;
  /** Line on stdout for a finished item, if any. */
  line(item: T, result: Result): string | undefined;
  /** The path that a file has in the end, where it is transferred under a temporary one. */
  final?(path: string): string;
  /** Called for each finished item, before anything is printed. */
  onDone?(item: T, result: Result): void;
}

/** Prints the results of transfers, and adds them up. */
export class TransferReport<T extends Sized> implements TransferEvents<T, Result> {
  #done = 0;
  #skipped = 0;
  #bytes = 0;
  /** Bytes of each running item that were there before this run. */
  readonly #before = new Map<T, number>();
  readonly #errors: ClientError[] = [];
  readonly #began = performance.now();
  readonly #here = `${userDirectory()}/`;

  constructor(
    readonly output: Output,
    readonly progress: Progress,
    readonly names: ReportNames<T>,
    /** Whether there is just one item: its error is then the command's. */
    readonly single: boolean,
  ) {}

  onStart(item: T): void {
    const { direction, title } = this.names;
    this.progress.start(item, this.#fromHere(title(item)), item.size);
    this.output.event("start", { direction, filename: title(item), size: item.size ?? null });
  }

  onSize(item: T, size: number): void {
    this.progress.resize(item, size);
  }

  onResume(item: T, offset: number): void {
    if (!this.#before.has(item)) this.#before.set(item, offset);
    const name = quoted(this.#fromHere(this.names.title(item)));
    const size = this.progress.running.get(item)?.size;
    const whole = size === undefined ? "" : ` of ${formatSize(size)}`;
    this.output.note(`Resuming ${name} from ${formatSize(offset)}${whole}.`);
    this.progress.moved(item, offset);
  }

  onProgress(item: T, offset: number): void {
    if (!this.#before.has(item)) this.#before.set(item, 0);
    this.progress.moved(item, offset);
  }

  onDone(item: T, stored: Result): void {
    const { names } = this;
    const result = names.final ? { ...stored, filename: names.final(stored.filename) } : stored;
    names.onDone?.(item, result);
    const seconds = Math.round(this.progress.finish(item) * 1000) / 1000;
    this.#done++;
    // Bytes of an interrupted attempt of this run count too; bytes of an earlier run do not.
    const before = Math.min(result.resumedFrom, this.#before.get(item) ?? 0);
    if (result.skipped) this.#skipped++;
    else this.#bytes += result.size - before;
    this.#before.delete(item);
    // Only what changed is named.
    const line = result.skipped ? undefined : this.names.line(item, result);
    if (line !== undefined) this.output.result(line);
    const { filename, size, hash, resumedFrom, skipped } = result;
    this.output.event("done", {
      filename,
      size,
      hash,
      seconds,
      resumed_from: resumedFrom,
      ...(skipped && { skipped }),
    });
  }

  onError(item: T, error: ClientError): void {
    this.progress.finish(item);
    this.#before.delete(item);
    this.failed(error);
  }

  /** Records an item that failed before it could begin. */
  failed(error: ClientError): void {
    this.#errors.push(error);
    if (!this.single) this.output.error(error);
  }

  /**
   * Sums up on stderr.
   *
   * @throws {ClientError} where anything failed: the failure itself where it is the only item, or
   * one with the code that all have in common, or 10
   */
  finish(): void {
    const errors = this.#errors;
    if (this.single && errors.length > 0) throw errors[0]!;
    if (this.#done > 0) this.output.note(this.#summary());
    if (errors.length > 0) {
      const total = this.#done + errors.length;
      const alike = this.#done === 0 && errors.every((one) => one.exitCode === errors[0]!.exitCode);
      const failure = new ClientError(`${errors.length} of ${counted(total, "file")} failed`, {
        exitCode: alike ? errors[0]!.exitCode : ExitCode.some,
      });
      failure.resumable = errors.some((error) => error.resumable);
      throw failure;
    }
  }

  /** Shortens a path relative to the working directory. */
  #fromHere(path: string): string {
    return path.startsWith(this.#here) ? path.slice(this.#here.length) : path;
  }

  #summary(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const upload = this.names.direction === "upload";
    const sent = this.#done - this.#skipped;
    const there = `${counted(this.#skipped, "file")} ${this.#skipped === 1 ? "was" : "were"} ` +
      `${upload ? "at the server" : "here"} already`;
    if (sent === 0) return `Nothing to ${upload ? "send" : "fetch"}: ${there}.`;
    const rate = formatSize(this.#bytes / Math.max(seconds, 0.001));
    return `${upload ? "Uploaded" : "Downloaded"} ${counted(sent, "file")}, ` +
      `${formatSize(this.#bytes)} in ${seconds.toFixed(1)} s (${rate}/s), every checksum verified` +
      `${this.#skipped > 0 ? `; ${there}` : ""}.`;
  }
}

/** Yields the items, and adds them to the progress as they are found. */
export function expected<T extends Sized>(
  progress: Progress,
  items: T[] | AsyncIterable<T[]>,
): T[] | AsyncIterable<T[]> {
  const expect = (page: T[]) => {
    progress.expect(page.length, page.reduce((sum, item) => sum + (item.size ?? 0), 0));
    return page;
  };
  if (Array.isArray(items)) return expect(items);
  return (async function* () {
    for await (const page of items) yield expect(page);
  })();
}

/** Progress as JSON lines, about one a second for each running transfer. */
export class JsonProgress implements ProgressView {
  #last = performance.now();
  constructor(readonly output: Output) {}

  draw(progress: Progress): void {
    const now = performance.now();
    if (now - this.#last < 1000) return;
    this.#last = now;
    for (const { name, size, offset, rate, since } of progress.running.values()) {
      if (now - since < 500) continue;
      const perSecond = rate.perSecond;
      this.output.event("progress", {
        filename: name,
        offset,
        size: size ?? null,
        rate: perSecond === undefined ? null : Math.round(perSecond),
      });
    }
  }

  end(): void {}
}

/**
 * Names what a tree holds and is not transferred.
 *
 * @param root path of the tree; empty if the names are whole paths
 */
export function noteSkipped(
  output: Output,
  root: string,
  { skipped, parts }: Pick<LocalTree, "skipped" | "parts">,
): void {
  const path = (name: string) => quoted(root === "" ? name : remoteJoin(root, name));
  for (const name of skipped) {
    output.note(`Skipped ${path(name)}: a symbolic link or special file.`);
  }
  for (const name of parts) {
    output.note(`Skipped ${path(name)}: a temporary file of a download.`);
  }
}

/** Lists damaged files of the client's state: the transfers that they remembered begin again. */
export function noteDamaged(output: Output, names: string[]): void {
  for (const name of names) {
    output.note(`Removed ${quoted(name)} from the client's state: it was damaged.`);
  }
}
