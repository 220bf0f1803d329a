/** Takes the body of a request into an upload. */
import { timingSafeEqual } from "@std/crypto";
import { createHash } from "node:crypto";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { WebError } from "../request/failure.ts";
import type { WebSession } from "../request/web_session.ts";
import type { HeldUploads, Writer } from "./held.ts";

/** Options for receiving a body. */
export interface ReceiveOptions {
  readonly session: WebSession;
  readonly held: HeldUploads;
  readonly writer: Writer;
  /** Expected hash of the body. */
  readonly checksum?: { algorithm: string; digest: Uint8Array } | undefined;
}

/**
 * Appends a body. The received part of one that is cut is kept, unless it has a checksum, which
 * cannot be verified then.
 *
 * @throws {WebError} 460 where the checksum does not match, 413 for more than announced;
 * {StoreError} see {@linkcode Upload.write}
 */
export async function receive(
  upload: Upload,
  body: AsyncIterable<Uint8Array> | null,
  options: ReceiveOptions,
): Promise<void> {
  if (body === null) return;
  const { checksum, held, writer } = options;
  if (checksum !== undefined) await upload.part.checked();
  const mark = checksum === undefined ? undefined : upload.part.mark();
  const hash = checksum === undefined ? undefined : createHash(checksum.algorithm);
  try {
    for await (const piece of body) {
      if (options.session.signal.aborted) throw options.session.signal.reason;
      options.session.touch();
      held.assertWriter(upload.id, writer);
      if (upload.size !== undefined && upload.offset + piece.length > upload.size) {
        throw new WebError(413, "too-large", `More came than the ${upload.size} bytes announced`);
      }
      await held.write(upload.id, writer, piece);
      hash?.update(piece);
    }
    // The reply acknowledges these bytes: they must be what a later checkpoint makes safe.
    await upload.part.checked();
    if (hash === undefined) return;
    const actual = hash.digest();
    const { digest } = checksum!;
    if (actual.length === digest.length && timingSafeEqual(actual, digest)) return;
    throw new WebError(460, "checksum", "The body is not what its checksum says");
  } catch (error) {
    // Only by who still writes: the next one has begun where this one's pieces ended.
    if (mark !== undefined && upload.open && held.isWriter(upload.id, writer)) {
      await upload.part.rewind(mark);
    }
    throw error;
  }
}
