import { makeReply, parseData, PIPELINE_LIMIT } from "../../protocol/mod.ts";
import { arrivals, type Moment } from "../../storage/contract/arrivals.ts";
import { follow, isFollowing, newRequestId } from "../../storage/common/reports.ts";
import type { IncomingRequest } from "./intake.ts";
import { loggedSlot } from "./logged_slot.ts";
import type { Slot } from "./context/outbox.ts";
import { findRow } from "./table.ts";

/** Requests of 1 MiB each must not fill the memory 256 times. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** A request with the place of its replies. */
export interface QueuedRequest extends IncomingRequest {
  readonly slot: Slot;
  /** When it was read. */
  readonly came: Moment;
  /** Size of the request on the wire. */
  readonly sizeBytes: number;
  /** An `ABOR` came for it. */
  aborted: boolean;
  /** For `ABOR`: it stopped a transfer. */
  stopped: boolean;
  /** Its id in debug lines; undefined where there are none. */
  readonly requestId: string | undefined;
}

/** The requests of a connection that were read: the one being carried out, and those behind it. */
export class Requests {
  /** The one being carried out. */
  current: QueuedRequest | undefined;
  readonly #waiting: QueuedRequest[] = [];
  #waitingBytes = 0;

  /** Whether none waits. */
  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether no more should be read until these were carried out. */
  get full(): boolean {
    return this.#waiting.length >= PIPELINE_LIMIT || this.#waitingBytes > MAX_WAITING_BYTES;
  }

  /**
   * Adds a request that was just read; an `ABOR` stops a download ahead of it at once.
   *
   * @param address the peer's, for the log
   */
  add(request: IncomingRequest, sizeBytes: number, slot: Slot, address: string): void {
    const stopped = request.command === "ABOR" && this.#stopDownload(request.data);
    const { command, data, id, progressMs } = request;
    const requestId = isFollowing() ? newRequestId() : undefined;
    const queued: QueuedRequest = {
      command,
      data,
      id,
      sizeBytes,
      slot: loggedSlot(slot, request, address, requestId),
      came: arrivals.now(),
      aborted: false,
      stopped,
      requestId,
    };
    if (progressMs !== undefined) queued.progressMs = progressMs;
    this.#waiting.push(queued);
    this.#waitingBytes += sizeBytes;
  }

  /** Makes the next request the current one; undefined where none waits. */
  next(): QueuedRequest | undefined {
    this.current = this.#waiting.shift();
    this.#waitingBytes -= this.current?.sizeBytes ?? 0;
    return this.current;
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting.length = this.#waitingBytes = 0;
  }

  /** Stops the first download that runs or waits. @returns whether there was one */
  #stopDownload(data: unknown): boolean {
    const parsed = parseData("ABOR", data);
    if ("problem" in parsed || parsed.data.temp_id !== undefined) return false;
    const all = this.current ? [this.current, ...this.#waiting] : this.#waiting;
    const download = all.find(({ command, aborted }) =>
      !aborted && findRow(command)?.name === "DOWNLOAD"
    );
    if (download) download.aborted = true;
    return download !== undefined;
  }
}

/** Bounds of the interval of progress reports, ms. */
const PROGRESS_MS = { least: 100, most: 60_000 };

/** Runs a request; if it asks for progress, that is reported until the request is answered. */
export function reportProgress(
  request: QueuedRequest,
  run: (request: QueuedRequest) => Promise<void> | void,
): Promise<void> | void {
  const { progressMs, slot, id, requestId } = request;
  const begin = () => follow(requestId, () => run(request));
  if (progressMs === undefined) return requestId === undefined ? run(request) : begin();
  const report = () => slot.interim(makeReply("PROGRESS", { message: "The server works" }, id));
  const { least, most } = PROGRESS_MS;
  const timer = setInterval(report, Math.min(most, Math.max(least, progressMs)));
  return Promise.resolve(begin()).finally(() => clearInterval(timer));
}

/** Whether a malformed request is an upload whose data comes without waiting for the reply. */
export function sendsAhead(command: string, data: unknown): boolean {
  const isUpload = command === "UPLOAD" || command === "APPE";
  return isUpload && (data as { pipelined?: unknown } | null)?.pipelined === true;
}
