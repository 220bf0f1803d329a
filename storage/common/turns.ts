/** Turns for others between the requests that clients have sent. */
import { setImmediate } from "node:timers";
import { nextSlice, yieldTurn } from "./slices.ts";

/** How long this thread carries out requests before other clients get a turn, ms. */
const TURN_MS = 10;
/** Interval, ms, after which the event loop is made to poll all sockets between two turns. */
const LOOK_MS = 15;
/** After this time without requests, ms, the event loop has polled its sockets. */
const IDLE_MS = 1;

/** Clients whose requests wait for their turn, the longest waiting first. */
const waiting: (() => void)[] = [];
/** When the turn ends that was given last, as `performance.now()` has it. */
let endMs = 0;
/** Last time at which the sockets are known to have been polled. */
let lookedMs = 0;
/** Clients whose requests are being carried out. */
let active = 0;
/** When the last of them had none left. */
let idleSinceMs = 0;
/** Whether requests were begun in this turn of the event loop. */
let begun = false;
/** When no more are begun in it. */
let lastBeginMs = 0;

/**
 * Carries out the requests of one client that have arrived: at once, or in turn if requests that
 * other clients sent at the same time have taken long enough.
 *
 * @param requests never throws: where it fails, its promise rejects
 * @returns undefined where nothing was waited for, and `requests` returns undefined
 */
export function inTurn<T>(requests: () => Promise<T>): Promise<T>;
export function inTurn(requests: () => Promise<void> | undefined): Promise<void> | undefined;
export function inTurn<T>(requests: () => Promise<T> | undefined): Promise<T> | undefined {
  const turn = begin();
  // Neither an async function nor finally(): every small file passes here.
  if (turn !== undefined) return turn.then(requests as () => Promise<T>).then(finished, failed);
  const running = requests();
  if (running !== undefined) return running.then(finished, failed);
  finished(undefined);
}

function finished<T>(value: T): T {
  if (--active === 0) idleSinceMs = performance.now();
  return value;
}

function failed(error: unknown): never {
  finished(undefined);
  throw error;
}

function begin(): Promise<void> | undefined {
  const nowMs = performance.now();
  if (active++ === 0 && nowMs - idleSinceMs > IDLE_MS) lookedMs = nowMs;
  if (begun) return nowMs < lastBeginMs ? undefined : nextTurn();
  begun = true;
  lastBeginMs = nowMs + TURN_MS;
  setImmediate(() => begun = false);
}

/**
 * Await this between two requests that a client has sent ahead, unless it is undefined. All clients
 * share the turns: the number of busy clients does not lengthen the wait of others.
 */
export function betweenRequests(): Promise<void> | undefined {
  return performance.now() < endMs ? undefined : nextTurn();
}

/**
 * Await this before work that is the cheaper the more requests share it: it comes after the requests
 * of this turn of the event loop, and after the clients that wait for a turn then.
 */
export async function afterWaiting(): Promise<void> {
  await yieldTurn();
  if (waiting.length > 0) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) approachTurn();
  });
}

function approachTurn(): void {
  // When there is always work, an immediate lets Deno poll its sockets only at every 61st turn.
  if (performance.now() - lookedMs < LOOK_MS) setImmediate(giveTurn);
  else nextSlice().then(giveTurnAfterLook);
}

function giveTurnAfterLook(): void {
  lookedMs = performance.now();
  giveTurn();
}

function giveTurn(): void {
  endMs = performance.now() + TURN_MS;
  waiting.shift()!();
  // Not before the turn is over.
  if (waiting.length > 0) setImmediate(approachTurn);
}
