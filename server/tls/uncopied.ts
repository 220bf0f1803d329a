/**
 * Encrypted bytes of `node:tls` are sent without a copy.
 *
 * A fault of Deno makes this necessary. If a `TLSSocket` is made over a stream that is not a socket,
 * Deno (2.9.6, `_tls_wrap`, "JSStreamSocket") drains the encrypted bytes in a loop,
 * `while ((data = res.drainEncOut()) …) stream.write(new Uint8Array(data))`. `drainEncOut()` returns
 * a `Uint8Array` that owns its memory and has no other holder, so `new Uint8Array(data)` copies each
 * piece for nothing, and the first copy waits for the garbage collector, which counts it as external
 * memory: in a download by FTPS it runs several times for each 100 MB, and the server takes half as
 * long again. To reproduce: write 8 MiB in pieces of 256 KiB to a `TLSSocket` over a `Duplex` and
 * watch `Deno.memoryUsage().external` grow by 8 MiB (`tests/ftp/tls_output_test.ts`). Passing `data`
 * itself, or a view of `data.buffer`, would mend it.
 */
import type { TLSSocket } from "node:tls";

/** The part of Deno's engine that gives out encrypted bytes; not a documented one. */
interface Engine {
  drainEncOut?: () => unknown;
}

/**
 * Versions of Deno with which `tests/ftp/tls_output_test.ts` has passed. In another one the engine
 * might use the memory of a piece again, which would send wrong bytes: there they are copied.
 */
const TRIED: ReadonlySet<string> = new Set(["2.9.0", "2.9.4", "2.9.5", "2.9.6"]);

/** Whether {@linkcode sendUncopied} has an effect with a version of Deno. */
export function isTried(version: string): boolean {
  return TRIED.has(version);
}

/**
 * Makes a socket hand on encrypted bytes without a copy. `new Uint8Array(piece)` copies a
 * `Uint8Array`, but makes a view of an `ArrayBuffer`, so the engine gives out the latter.
 *
 * Nothing changes with a version of Deno that was not tried, or an engine of another shape.
 *
 * @param tls a socket that has sent nothing yet
 */
export function sendUncopied(tls: TLSSocket, version = Deno.version.deno): void {
  if (!isTried(version)) return;
  const engine = (tls as unknown as { _handle?: Engine | null })._handle;
  const drain = engine?.drainEncOut;
  if (!engine || typeof drain !== "function") return;
  engine.drainEncOut = () => {
    const piece = drain.call(engine);
    const whole = piece instanceof Uint8Array && piece.byteLength === piece.buffer.byteLength;
    return whole ? piece.buffer : piece;
  };
}
