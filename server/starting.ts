/** Answers on the web port during recovery, before any door is open. */
import type { Certificate } from "./certificates/certificates.ts";
import type { DoorPlace } from "./process/doors.ts";

/** How long responses that have begun may take once the doors are open, ms. */
const GRACE_MS = 1000;

/**
 * Answers every request with 503, so that a supervisor sees a server that starts, not a missing
 * one. The port is shared with the web door, which is opened before this one is closed.
 *
 * @param certificate undefined: proxies end TLS
 * @returns function that closes it; the kernel gives it no connection once that has resolved
 */
export function answerStarting(
  places: readonly DoorPlace[],
  certificate: Certificate | undefined,
): () => Promise<void> {
  const place = places.find(({ name }) => name === "web");
  // Port 0 is a free port that the door picks: no one asks there before.
  if (place === undefined || place.port === 0) return () => Promise.resolve();
  const end = new AbortController();
  const server = Deno.serve({
    hostname: place.host,
    port: place.port,
    ...(certificate !== undefined && { cert: certificate.cert, key: certificate.key }),
    reusePort: true,
    signal: end.signal,
    onListen() {},
  }, () =>
    new Response("starting\n", {
      status: 503,
      headers: { "retry-after": "1", "cache-control": "no-store", connection: "close" },
    }));
  return async () => {
    const timer = setTimeout(() => end.abort(), GRACE_MS);
    await server.shutdown().catch(() => {});
    await server.finished.catch(() => {});
    clearTimeout(timer);
  };
}
