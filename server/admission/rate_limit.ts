/** Rates of accounts: bytes per second over all connections, doors and workers. */

import { delay } from "@std/async";

/** Direction of a transfer: `up` to the server, `down` from it. */
export type Direction = "up" | "down";

/** Bytes per second; null: no limit. */
export interface Rates {
  /** In both directions together. */
  readonly total: number | null;
  readonly up: number | null;
  readonly down: number | null;
}

/** No limit at all. */
const NO_RATES: Rates = { total: null, up: null, down: null };

/** A request of an account to move bytes. */
export interface RateRequest {
  readonly account: string;
  readonly direction: Direction;
  readonly bytes: number;
  readonly rates: Rates;
}

/** Keeps the accounts' budgets. */
export interface RateGranter {
  /**
   * Takes bytes of a budget.
   *
   * @param stopped whether to stop waiting
   * @returns ms until they may move; or a promise that resolves then
   */
  grant(request: RateRequest, stopped: () => boolean): number | Promise<void>;
}

/** Waits shorter than a timer's precision are left out. */
const MIN_WAIT_MS = 2;
/** Bytes that are moved at once under a limit, in ms of the rate: an end waits no longer. */
const PIECE_MS = 100;
/** Smaller pieces would cost more than they bring. */
const MIN_PIECE_BYTES = 1024;

/** Holds accounts to their rates in one worker, for all of its doors. */
export class RateLimiter {
  /**
   * @param granter holds the budgets
   * @param ratesOf returns the present rates of an account
   */
  constructor(
    private readonly granter: RateGranter,
    private readonly ratesOf: (account: string) => Rates = () => NO_RATES,
  ) {}

  /** Size of the pieces to move at once, so that the rate is even; without a limit `Infinity`. */
  pieceBytes(account: string, direction: Direction): number {
    const rate = effective(this.ratesOf(account), direction);
    return Math.max(MIN_PIECE_BYTES, Math.ceil(rate * PIECE_MS / 1000));
  }

  /**
   * Cuts received bytes into pieces for an even rate: at a low rate, the wait for all bytes of one
   * read would exceed the timeout of a silent peer.
   */
  piecesOf(account: string, direction: Direction, bytes: Uint8Array): readonly Uint8Array[] {
    const most = this.pieceBytes(account, direction);
    if (bytes.length <= most) return [bytes];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most));
    return pieces;
  }

  /**
   * Yields a stream's bytes in pieces that the account may move at that moment.
   *
   * @param stopped whether to stop waiting; polled every 100 ms
   * @param held awaits a delay of the sender
   */
  async *paced(
    account: string,
    direction: Direction,
    stream: AsyncIterable<Uint8Array>,
    stopped: () => boolean,
    held: (wait: Promise<void>) => Promise<void>,
  ): AsyncGenerator<Uint8Array> {
    for await (const bytes of stream) {
      for (const piece of this.piecesOf(account, direction, bytes)) {
        const wait = this.take(account, direction, piece.length, stopped);
        if (wait !== undefined) await held(wait);
        yield piece;
      }
    }
  }

  /**
   * Resolves once the account may move `bytes` more. A change of its rates applies to a running
   * wait after the current piece.
   *
   * @param stopped whether to stop waiting; polled every 100 ms
   */
  take(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean = () => false,
  ): Promise<void> | void {
    const piece = this.pieceBytes(account, direction);
    if (piece === Infinity) return;
    if (bytes <= piece) return this.#take(account, direction, bytes, stopped);
    return this.#takePieces(account, direction, bytes, stopped);
  }

  async #takePieces(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> {
    for (let left = bytes; left > 0 && !stopped();) {
      const piece = Math.min(left, this.pieceBytes(account, direction));
      await this.#take(account, direction, piece, stopped);
      left -= piece;
    }
  }

  #take(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> | void {
    const rates = this.ratesOf(account);
    if (effective(rates, direction) === Infinity) return;
    const granted = this.granter.grant({ account, direction, bytes, rates }, stopped);
    return typeof granted === "number" ? wait(granted, stopped) : granted;
  }
}

/** Bytes per second that both limits allow. */
function effective(rates: Rates, direction: Direction): number {
  return Math.min(rates.total ?? Infinity, rates[direction] ?? Infinity);
}

function wait(ms: number, stopped: () => boolean): Promise<void> | void {
  if (ms >= MIN_WAIT_MS) return waitInSteps(performance.now() + ms, stopped);
}

async function waitInSteps(untilMs: number, stopped: () => boolean): Promise<void> {
  for (let now = performance.now(); now < untilMs && !stopped(); now = performance.now()) {
    const stepMs = Math.min(PIECE_MS, untilMs - now);
    await delay(stepMs);
  }
}
