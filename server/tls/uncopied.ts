/** What `node:tls` sends through a stream, handed on as it is. */
import type { TLSSocket } from "node:tls";

/** The part of Deno's engine that gives out encrypted bytes; not a documented one. */
interface Engine {
  drainEncOut?: () => unknown;
}

/**
 * Deno takes encrypted bytes as `new Uint8Array(piece)`. Of a `Uint8Array` that makes a copy, and
 * the piece itself waits for the garbage collector, which then runs several times for each 100 MB;
 * of its `ArrayBuffer` it makes a view. Where the engine is another one nothing is changed.
 */
export function sendUncopied(tls: TLSSocket): void {
  const engine = (tls as unknown as { _handle?: Engine | null })._handle;
  const drain = engine?.drainEncOut;
  if (!engine || typeof drain !== "function") return;
  engine.drainEncOut = () => {
    const piece = drain.call(engine);
    const whole = piece instanceof Uint8Array && piece.byteLength === piece.buffer.byteLength;
    return whole ? piece.buffer : piece;
  };
}
