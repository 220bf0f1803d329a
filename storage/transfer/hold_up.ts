/**
 * When the end of an upload may have arrived (storage/contract/arrivals.ts). While the server itself
 * delays an upload (a slow disk, a rate limit, a login), the rest of it, its end included, waits in
 * buffers of the system. Its client may have given up, and sent something else, before the server
 * reads it.
 */
import { arrivals, type Moment } from "../contract/arrivals.ts";
import type { Part } from "./part.ts";

/** A shorter delay is left out, ms: no client gives up so soon. */
const MIN_LAG_MS = 250;
/** Maximum of bytes that wait in buffers of the system, on both sides. */
const BUFFERED_BYTES = 16 * 1024 * 1024;

/** A place in an upload, and the number that had been taken last there. */
interface Mark {
  readonly offset: number;
  readonly last: number;
}

/** How far the server lags behind the client of one upload, which determines when it arrives. */
export class HoldUp {
  /** Time that the server took while the client waited, less the time that it waited itself. */
  #lagMs = 0;
  /** The number at the beginning of the lag … */
  #first: Mark | undefined;
  /** … and the one `BUFFERED_BYTES` or more later. */
  #second: Mark | undefined;
  #beganMs = 0;
  #endedMs = awakeMs();
  /** Number of the request. */
  #came = 0;

  constructor(private readonly part: Part) {}

  /**
   * Notes when the request came: the client may have sent all of the upload since.
   *
   * @param behind number of what the client's requests before it changed, which it comes after even
   * where it was read, and waited, earlier
   */
  since({ last, atMs }: Moment, behind = 0): void {
    this.#beganMs = atMs;
    this.#came = Math.max(last, behind);
    this.#first = { offset: this.part.offset, last: this.#came };
    this.#second = undefined;
    this.end();
  }

  /** Waits for something that delays the client, such as a rate limit. */
  async during(work: Promise<unknown>): Promise<void> {
    this.begin();
    try {
      await work;
    } finally {
      this.end();
    }
  }

  /** The server begins something that the client has to wait for. */
  begin(): void {
    const { offset } = this.part;
    this.#noteFreeze();
    this.#beganMs = performance.now();
    this.#lagMs = this.#lagAt(this.#beganMs);
    if (this.#lagMs === 0) this.#first = this.#second = undefined;
    const newest = this.#second ?? this.#first;
    if (newest !== undefined && offset - newest.offset <= BUFFERED_BYTES) return;
    const mark = { offset, last: arrivals.lastNow() };
    if (this.#first === undefined) this.#first = mark;
    else {
      this.#first = this.#second ?? this.#first;
      this.#second = mark;
    }
  }

  /** It is done. */
  end(): void {
    this.#endedMs = awakeMs();
    this.#lagMs += this.#endedMs - this.#beganMs;
  }

  /** The client is known to wait for the reply: its end counts as it is processed. */
  forget(): void {
    this.#lagMs = 0;
    this.#endedMs = awakeMs();
  }

  /** The end of the upload is processed: it arrived now, or during the lag. */
  arrive(): void {
    this.#noteFreeze();
    const lags = this.#lagAt(performance.now()) >= MIN_LAG_MS;
    this.part.arrive(lags ? this.#first?.last : undefined);
  }

  /** A server that stood still while it waited for the client delayed it as well. */
  #noteFreeze(): void {
    const { freeze } = arrivals;
    if (freeze === undefined || freeze.toMs <= this.#endedMs) return;
    const fromMs = Math.max(freeze.fromMs, this.#endedMs);
    const before = this.#lagAt(fromMs);
    if (before === 0) this.#first = this.#second = undefined;
    const last = Math.max(this.#came, freeze.last);
    this.#first ??= { offset: this.part.offset, last };
    this.#lagMs = before + freeze.toMs - fromMs;
    this.#endedMs = freeze.toMs;
  }

  #lagAt(nowMs: number): number {
    return Math.max(0, this.#lagMs - (nowMs - this.#endedMs));
  }
}

/** The monotonic clock, ms, after any time in which this server stood still. */
function awakeMs(): number {
  return Math.max(arrivals.freeze?.toMs ?? 0, performance.now());
}
