/** Turns for others between the requests that clients have sent. */
import { setImmediate } from "node:timers";
import { nextSlice } from "./slices.ts";

/** How long requests go on in this thread before others have their turn, ms. */
const TURN_MS = 10;
/** After so long, ms, the event loop is made to look at all sockets between two turns. */
const LOOK_MS = 15;
/** The event loop looks at its sockets where no request has run for so long, ms. */
const IDLE_MS = 1;

/** Clients whose requests wait for their turn, the longest waiting first. */
const waiting: (() => void)[] = [];
/** When the turn ends that was given last, as `performance.now()` has it. */
let endMs = 0;
/** When the sockets were looked at last, as far as is known. */
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
 * Carries out requests of one client that are at hand: at once, or in their turn where requests of
 * others that came at the same time have taken long enough.
 */
export async function inTurn<T>(requests: () => Promise<T>): Promise<T> {
  const turn = begin();
  try {
    if (turn !== undefined) await turn;
    return await requests();
  } finally {
    if (--active === 0) idleSinceMs = performance.now();
  }
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
 * To be awaited between two requests that a client has sent ahead, where it is not undefined: others
 * waited long enough. The turns are those of all clients together: however many have work at hand,
 * others wait no longer than for one of them.
 */
export function betweenRequests(): Promise<void> | undefined {
  return performance.now() < endMs ? undefined : nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) approachTurn();
  });
}

function approachTurn(): void {
  // With work always at hand, an immediate lets Deno look at its sockets at every 61st turn only.
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
