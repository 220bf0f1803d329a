/** Rates of accounts and addresses: bytes per second over all connections, doors and workers. */

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

/** An account that moves bytes, with the address of its peer. */
export interface Mover {
  readonly account: string;
  /** The peer's address, without port. @default not known: it has no rate of its own */
  readonly address?: string;
}

/** Rates that movers share. */
export interface RateBudget {
  readonly name: string;
  readonly rates: Rates;
}

/** No budget: nothing limits the rate. */
export const NO_BUDGETS: readonly RateBudget[] = [];

/** A request to move bytes within a budget. */
export interface RateRequest extends RateBudget {
  readonly direction: Direction;
  readonly bytes: number;
}

/** Keeps the budgets. */
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

/** Holds accounts and addresses to their rates in one worker, for all of its doors. */
export class RateLimiter {
  /**
   * @param granter holds the budgets
   * @param budgetsOf returns the present budgets of a mover: each of them holds
   */
  constructor(
    private readonly granter: RateGranter,
    private readonly budgetsOf: (mover: Mover) => readonly RateBudget[] = () => NO_BUDGETS,
  ) {}

  /** Whether nothing limits a mover's rate at present. */
  isFree(mover: Mover): boolean {
    return this.budgetsOf(mover) === NO_BUDGETS;
  }

  /** Size of the pieces to move at once, so that the rate is even; without a limit `Infinity`. */
  pieceBytes(mover: Mover, direction: Direction): number {
    const budgets = this.budgetsOf(mover);
    if (budgets === NO_BUDGETS) return Infinity;
    let rate = Infinity;
    for (const { rates } of budgets) {
      rate = Math.min(rate, effective(rates, direction));
    }
    return Math.max(MIN_PIECE_BYTES, Math.ceil(rate * PIECE_MS / 1000));
  }

  /**
   * Cuts received bytes into pieces for an even rate: at a low rate, the wait for all bytes of one
   * read would exceed the timeout of a silent peer.
   */
  piecesOf(mover: Mover, direction: Direction, bytes: Uint8Array): readonly Uint8Array[] {
    const most = this.pieceBytes(mover, direction);
    if (bytes.length <= most) return [bytes];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += most) pieces.push(bytes.subarray(at, at + most));
    return pieces;
  }

  /**
   * Yields a stream's bytes in pieces that the mover may move at that moment.
   *
   * @param stopped whether to stop waiting; polled every 100 ms
   * @param held awaits a delay of the sender
   */
  async *paced(
    mover: Mover,
    direction: Direction,
    stream: AsyncIterable<Uint8Array>,
    stopped: () => boolean,
    held: (wait: Promise<void>) => Promise<void>,
  ): AsyncGenerator<Uint8Array> {
    for await (const bytes of stream) {
      for (const piece of this.piecesOf(mover, direction, bytes)) {
        const wait = this.take(mover, direction, piece.length, stopped);
        if (wait !== undefined) await held(wait);
        yield piece;
      }
    }
  }

  /**
   * Resolves once the mover may move `bytes` more. A change of the rates applies to a running
   * wait after the current piece.
   *
   * @param stopped whether to stop waiting; polled every 100 ms
   */
  take(
    mover: Mover,
    direction: Direction,
    bytes: number,
    stopped: () => boolean = () => false,
  ): Promise<void> | void {
    const piece = this.pieceBytes(mover, direction);
    if (piece === Infinity) return;
    if (bytes <= piece) return this.#take(mover, direction, bytes, stopped);
    return this.#takePieces(mover, direction, bytes, stopped);
  }

  async #takePieces(
    mover: Mover,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> {
    for (let left = bytes; left > 0 && !stopped();) {
      const piece = Math.min(left, this.pieceBytes(mover, direction));
      await this.#take(mover, direction, piece, stopped);
      left -= piece;
    }
  }

  #take(
    mover: Mover,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> | void {
    let waitMs = 0;
    let waits: Promise<void>[] | undefined;
    for (const { name, rates } of this.budgetsOf(mover)) {
      if (effective(rates, direction) === Infinity) continue;
      const granted = this.granter.grant({ name, direction, bytes, rates }, stopped);
      if (typeof granted === "number") waitMs = Math.max(waitMs, granted);
      else (waits ??= []).push(granted);
    }
    if (waits === undefined) return wait(waitMs, stopped);
    return Promise.all(waits).then(() => {});
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
