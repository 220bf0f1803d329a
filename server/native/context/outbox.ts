import { setImmediate } from "node:timers";
import { FrameWriter, type Reply } from "../../../protocol/mod.ts";
import { betweenRequests } from "../../../storage/common/turns.ts";

/** The place of one request's replies in their order. */
export interface Slot {
  /** Sends an interim reply. */
  interim(reply: Reply): void;
  /** Sends the final reply; later ones are not sent. */
  final(reply: Reply): void;
  /** Gives the place up: the request was answered elsewhere, or gets no reply of its own. */
  cancel(): void;
  /** Whether the final reply was sent. */
  readonly done: boolean;
}

/** Gathered replies beyond which no more requests are taken until some are written. */
const HIGH_WATER_BYTES = 256 * 1024;

class OrderedSlot implements Slot {
  readonly waiting: Reply[] = [];
  done = false;
  constructor(readonly outbox: Outbox) {}

  interim(reply: Reply): void {
    if (!this.done) this.outbox.put(this, reply);
  }
  final(reply: Reply): void {
    if (this.done) return;
    this.outbox.put(this, reply);
    this.cancel();
  }
  cancel(): void {
    this.done = true;
    this.outbox.advance();
  }
}

/**
 * Replies on their way out. They leave in the order of their requests, and are gathered while more
 * requests wait, so that many share one write.
 */
export class Outbox {
  readonly #writer: FrameWriter;
  readonly #slots: OrderedSlot[] = [];
  #flushing: Promise<void> | undefined;
  #eager = true;
  #scheduled = false;
  #failure: unknown;

  /** @param onActivity called whenever bytes have left */
  constructor(
    sink: { write(bytes: Uint8Array): Promise<number> },
    readonly onActivity: () => void,
  ) {
    this.#writer = new FrameWriter({
      write: async (bytes) => {
        const count = await sink.write(bytes);
        this.onActivity();
        return count;
      },
    });
  }

  /** Opens the slot of the next request. */
  open(): Slot {
    const slot = new OrderedSlot(this);
    this.#slots.push(slot);
    return slot;
  }

  /** Sends a reply at once, past those that wait for their turn. */
  immediate(reply: Reply): void {
    this.#send(reply);
  }

  /** While eager, replies are written as they come; else at the next `flush()`. */
  set eager(value: boolean) {
    this.#eager = value;
    if (value) this.#flushLater();
  }

  /** Whether bytes are on their way that the peer has not taken yet. */
  get writing(): boolean {
    return this.#flushing !== undefined;
  }

  /**
   * Whether requests should wait until replies are written; after a failed write they wait until
   * the end.
   */
  get congested(): boolean {
    return this.#failure !== undefined || this.#writer.pending > HIGH_WATER_BYTES;
  }

  /**
   * Await this between two requests of a batch: waits until accumulated replies are written, and
   * gives other connections a turn.
   *
   * @throws where the connection is closed
   */
  async betweenRequests(): Promise<void> {
    if (this.congested) await this.flush();
    await betweenRequests();
  }

  /** For {@linkcode Slot}: sends a reply, or keeps it until the slot is the first. */
  put(slot: OrderedSlot, reply: Reply): void {
    if (this.#slots[0] === slot) this.#send(reply);
    else slot.waiting.push(reply);
  }

  /** For {@linkcode Slot}: sends what waited behind slots that are done. */
  advance(): void {
    while (this.#slots[0]?.done) {
      this.#slots.shift();
      const next = this.#slots[0];
      if (next === undefined) return;
      for (const reply of next.waiting.splice(0)) this.#send(reply);
    }
  }

  /** Gathers a small DATA frame. The slot it belongs to must be the first. */
  smallData(bytes: Uint8Array): void {
    this.#writer.smallData(bytes);
  }

  /** Writes a DATA frame (8 bytes of room, then the payload) behind all that was gathered. */
  async data(frame: Uint8Array): Promise<void> {
    await this.flush();
    const written = this.#writer.data(frame);
    // Replies that come meanwhile (a BAD_SEQUENCE) wait for the frame's end.
    this.#flushing = written.catch(() => {}).finally(() => this.#flushing = undefined);
    await written;
  }

  /** Writes all gathered replies. @throws where the connection is closed */
  async flush(): Promise<void> {
    while (this.#writer.pending > 0 || this.#flushing) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#flushing ??= this.#writer.flush()
        .catch((error) => {
          this.#failure = error;
        })
        .finally(() => this.#flushing = undefined);
      await this.#flushing;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #send(reply: Reply): void {
    this.#writer.json(reply);
    if (this.#eager) this.#flushLater();
  }

  /**
   * Writes at the end of this turn, so that all replies of a batch leave in one write: a second
   * small one would be held back until the first is acknowledged (Nagle, RFC 896), which a peer
   * that waits for it delays by 40 ms. `Deno.TlsConn` has no switch for that.
   */
  #flushLater(): void {
    if (this.#writer.pending === 0 || this.#flushing || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush().catch(() => {}); // the reader notices the closed connection
    });
  }
}
