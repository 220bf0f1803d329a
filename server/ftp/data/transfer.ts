/** A running transfer: its channel, its early end, and its idle timer. */
import type { Channel } from "../../tls/channel.ts";
import { Deadline } from "../../listener/deadline.ts";
import { type Reply, reply } from "../context/reply.ts";

/** Idle timeout of a transfer. */
export const STALL_MS = 60_000;

/** The transfer of a session while its data connection is open. */
export class Transfer {
  /** Its final reply, once it was ended from outside. */
  ended: Reply | undefined;
  /** Number of bytes moved. */
  bytes = 0;
  #channel: Channel | undefined;
  #settling = false;
  #deadline: Deadline | undefined;
  #movedMs = performance.now();
  /** Whether it is the server that is waited for. */
  #ownTurn = false;
  readonly #onEnd = new Set<() => void>();

  /** @param what it does, for `STAT` */
  constructor(readonly what: string, readonly stallTimeoutMs: number) {}

  /** The data connection is open. */
  begin(channel: Channel): void {
    this.#channel = channel;
    if (this.ended !== undefined) channel.drop();
    this.#movedMs = performance.now();
    this.#watch(this.stallTimeoutMs);
  }

  /** Whether it was ended from outside. */
  get over(): boolean {
    return this.ended !== undefined;
  }

  /** Adds to the bytes moved. */
  moved(bytes: number): void {
    this.bytes += bytes;
    this.#movedMs = performance.now();
  }

  /** Does something for which the client cannot be blamed, however long it takes. */
  async own<T>(work: () => Promise<T> | T): Promise<T> {
    this.#ownTurn = true;
    try {
      return await work();
    } finally {
      this.#ownTurn = false;
      this.#movedMs = performance.now();
    }
  }

  /** All bytes have come: what follows is the server's, and is not ended any more. */
  settle(): void {
    this.#settling = true;
    this.#deadline?.cancel();
  }

  /** Ends it; nothing happens where it is past that. @returns whether it was ended */
  end(why: Reply): boolean {
    if (this.#settling || this.ended !== undefined) return false;
    this.ended = why;
    for (const notify of this.#onEnd) notify();
    this.#channel?.drop();
    return true;
  }

  /**
   * Calls `notify` when the transfer is ended from outside: for handlers that wait without a
   * connection.
   */
  whenEnded(notify: () => void): void {
    this.#onEnd.add(notify);
    if (this.ended !== undefined) notify();
  }

  /** It is over, one way or the other. */
  close(): void {
    this.#deadline?.cancel();
    this.#settling = true;
  }

  #watch(waitMs: number): void {
    this.#deadline = new Deadline(waitMs, () => {
      const sinceMs = this.#ownTurn ? 0 : performance.now() - this.#movedMs;
      const leftMs = this.stallTimeoutMs - sinceMs;
      if (leftMs > 0) return this.#watch(leftMs);
      const seconds = Math.round(this.stallTimeoutMs / 1000);
      this.end(reply(426, `No byte moved for ${seconds} s`));
    });
  }
}
