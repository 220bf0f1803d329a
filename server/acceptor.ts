/** What all doors do the same way with connections that they have just accepted. */
import { getLogger } from "@logtape/logtape";
import { closeNow } from "./linger.ts";

/** A peer that has not shaken hands by then is taken for silent. */
const HANDSHAKE_MS = 5000;
/** How long a connection that there is no place for is kept, so that it can be told so. */
const REFUSAL_MS = 3000;
/** Connections that are being refused at once; more are closed without a word. */
const MAX_REFUSALS = 32;
/** Pause after a connection could not be accepted: descriptors may have run out. */
const PAUSE_MS = 50;
/** Interval at which that is logged. */
const LOG_MS = 10_000;

const log = getLogger(["towpath", "doors"]);

/** Since when each connection waits for its handshake, on the monotonic clock in ms. */
const shaking = new Map<Deno.TlsConn, number>();

let refusals = 0;
let loggedMs = -Infinity;

/**
 * Waits for the handshake of a connection that `Deno.listenTls` accepted. Deno keeps the descriptor
 * of such a connection until its peer sends or closes, even where `close` was called before. So this
 * waits as long as the descriptor is held: what counts connections must count this one.
 *
 * @returns false where the handshake failed or came too late; the connection is closed then
 */
export async function shakeHands(connection: Deno.TlsConn): Promise<boolean> {
  const sinceMs = performance.now();
  shaking.set(connection, sinceMs);
  try {
    await connection.handshake();
    if (performance.now() - sinceMs <= HANDSHAKE_MS) return true;
  } catch {
    // no TLS, or gone
  } finally {
    shaking.delete(connection);
  }
  closeNow(connection);
  return false;
}

/** How many connections of this worker are held by peers that have not shaken hands in time. */
export function silentPeers(): number {
  const beforeMs = performance.now() - HANDSHAKE_MS;
  let count = 0;
  for (const sinceMs of shaking.values()) {
    if (sinceMs > beforeMs) break; // the oldest come first
    count++;
  }
  return count;
}

/** Whether so many connections are being refused that no more should be accepted. */
export function refusesMany(): boolean {
  return refusals >= MAX_REFUSALS;
}

/**
 * Refuses a connection that there is no place for. Such connections have descriptors, too: they are
 * closed after 3 s, and at once where there are many.
 *
 * @param say tells the peer, and closes the connection
 */
export async function refuseFull(connection: Deno.Conn, say: () => Promise<void>): Promise<void> {
  if (refusesMany()) return closeNow(connection);
  refusals++;
  const timer = setTimeout(() => closeNow(connection), REFUSAL_MS);
  try {
    await say();
  } catch {
    // the peer was quicker, or the timer
  } finally {
    clearTimeout(timer);
    closeNow(connection);
    refusals--;
  }
}

/**
 * Whether a connection ended before it was accepted: its peer reset it while it waited. Every
 * stranger can cause that, and the listener and this machine are well, so that the next connection
 * is to be accepted at once.
 */
export function endedBeforeAccept(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

/**
 * Waits a moment after a connection could not be accepted, and logs it now and then. A peer that
 * has gone again is no reason for either, and lowers no limit.
 *
 * @param relieve makes room: nothing else is done for lack of descriptors
 */
export async function afterFailedAccept(error: unknown, relieve: () => void): Promise<void> {
  if (endedBeforeAccept(error)) return;
  relieve();
  const nowMs = performance.now();
  if (nowMs - loggedMs > LOG_MS) {
    loggedMs = nowMs;
    log.warn("A connection could not be accepted: {error}", { error: String(error) });
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
