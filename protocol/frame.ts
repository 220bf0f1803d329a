/** Frames of the native protocol: an 8-byte header and a payload (docs/protocol.md, "Frames"). */

/** Length of a frame header in bytes. */
export const HEADER_BYTES = 8;
/** Largest JSON payload in bytes once a connection is authenticated. */
export const MAX_JSON_BYTES = 1024 * 1024;
/** Largest JSON payload in bytes before that. */
export const MAX_JSON_BYTES_BEFORE_LOGIN = 16 * 1024;
/** Largest DATA payload in bytes. */
export const MAX_DATA_BYTES = 1024 * 1024;
/** Plaintext bytes of a full TLS record (RFC 8446, section 5.1). */
const TLS_RECORD_BYTES = 16 * 1024;
/**
 * DATA payload in bytes that our own programs send: with its header it fills TLS records whole. A
 * frame of eight bytes more would end in a record, a system call and a segment for those eight.
 */
export const CHUNK_BYTES = 32 * TLS_RECORD_BYTES - HEADER_BYTES;

/** Kinds of frames: the first byte of the header. */
export const FrameKind = { json: 0x00, data: 0x01 } as const;

/** A header that cannot be trusted, or a stream that ended inside a frame; the connection is lost. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  /** @param truncated whether the stream ended inside a frame (else: the header is invalid) */
  constructor(message: string, readonly truncated: boolean) {
    super(message);
  }
}

/** Source of bytes for a frame reader; a `Deno.Conn` is one. */
export interface ByteSource {
  /** Reads at most `into.length` bytes; resolves to how many, or to null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** Destination of bytes for a frame writer; a `Deno.Conn` is one. */
export interface ByteSink {
  /** Writes at least one byte of `bytes`; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Puts a frame header at `at`.
 *
 * @param kind one of {@linkcode FrameKind}
 * @param length payload length in bytes, 0 … 1 MiB
 */
export function putHeader(into: Uint8Array, at: number, kind: number, length: number): void {
  into[at] = kind;
  into[at + 1] = into[at + 2] = into[at + 3] = 0;
  into[at + 4] = length >>> 24;
  into[at + 5] = length >>> 16;
  into[at + 6] = length >>> 8;
  into[at + 7] = length;
}

/**
 * Reads a header's payload length.
 *
 * @returns the length in bytes, or Infinity where it does not fit 32 bits (over every limit)
 */
export function headerLength(header: Uint8Array, at: number): number {
  if (header[at + 1] || header[at + 2] || header[at + 3]) return Infinity;
  return header[at + 4]! * 0x1000000 +
    (header[at + 5]! << 16 | header[at + 6]! << 8 | header[at + 7]!);
}

/** Writes all of `bytes`, however many writes it takes. */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  let done = await sink.write(bytes);
  while (done < bytes.length) done += await sink.write(bytes.subarray(done));
}
