import { OWN } from "../../../buffers/pool.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import type { WebServices } from "../request/env.ts";
import { moverOf, type WebSession } from "../request/web_session.ts";

/**
 * Appends a body to an upload, but for its first `skip` bytes. An upload whose body is cut is kept.
 *
 * @throws {StoreError} see {@linkcode Upload.write}; what reading the body throws
 */
export async function takeBody(
  body: ReadableStream<Uint8Array> | null,
  upload: Upload,
  { rate }: WebServices,
  session: WebSession,
  skip: number,
): Promise<void> {
  if (body === null) return;
  let left = skip;
  try {
    const stopped = () => session.signal.aborted;
    const held = (wait: Promise<void>) => upload.delays.during(wait);
    for await (const piece of rate.paced(moverOf(session), "up", body, stopped, held)) {
      if (session.signal.aborted) throw session.signal.reason;
      session.touch();
      const wanted = left === 0 ? piece : piece.subarray(Math.min(left, piece.length));
      left -= piece.length - wanted.length;
      if (wanted.length > 0) await upload.write(wanted, 0, OWN); // of a buffer of its own
    }
  } catch (error) {
    await upload.suspend().catch(() => {}); // the first error is reported
    throw error;
  }
}
