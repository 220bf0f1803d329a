/** Download and view (docs/protocol.md, "Download"). */
import { buffers } from "../../../buffers/pool.ts";
import { CHUNK_BYTES, HEADER_BYTES, makeReply } from "../../../protocol/mod.ts";
import type { Download } from "../../../storage/transfer/download.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { type Answer, command, type Context } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";

/** Up to this many bytes a download's frames are gathered with the replies around them. */
const SMALL_BYTES = 64 * 1024;

/** The command `DOWNLOAD`. */
export const download = command({
  name: "DOWNLOAD",
  aliases: ["RETR"],
  letters: "r",
  summary: "Sends a file, or a range of it.",
  reply: "OK 150 {filename, file_size, file_hash, mtime, mode?, offset, length}, DATA, " +
    "then OK 226 {hash}",
  async run(context, { data, slot, id }) {
    const offset = data.offset ?? context.restart ?? 0;
    context.restart = undefined;
    const file = await context.view.transfers.download(context.resolve(data.filename), {
      ifHash: data.if_hash,
    });
    try {
      const { size, hash, mtimeMs } = file.record;
      if (offset > size) {
        throw new StoreError("offset", `The file has ${size} bytes only`, { offset: size });
      }
      const length = Math.min(data.length ?? Infinity, size - offset);
      const head = {
        filename: file.path,
        file_size: size,
        file_hash: hash,
        mtime: mtimeMs,
        ...(file.mode !== undefined && { mode: file.mode }),
        offset,
        length,
      };
      slot.interim(makeReply("OK", head, id, 150));
      return await send(context, file, offset, length);
    } finally {
      file.close();
    }
  },
});

async function send(
  context: Context,
  file: Download,
  offset: number,
  length: number,
): Promise<Answer> {
  const end = offset + length;
  const buffer = buffers.take(HEADER_BYTES + Math.min(length, CHUNK_BYTES));
  const frame = buffer.bytes;
  const roomBytes = Math.min(frame.length - HEADER_BYTES, CHUNK_BYTES);
  try {
    for (let at = offset; at < end;) {
      const wanted = Math.min(end - at, roomBytes, context.limits.pieceBytes);
      const payload = frame.subarray(HEADER_BYTES, HEADER_BYTES + wanted);
      const count = await file.read(payload, at);
      if (count < payload.length) {
        throw new StoreError(
          "checksum",
          `"${file.path}" is shorter on the server's disk than it was`,
        );
      }
      const paused = context.limits.throttle("down", count, () => context.aborted);
      if (paused !== undefined) await paused;
      if (context.aborted) {
        throw new RequestError("ABORTED", "The download was stopped", { offset: at });
      }
      if (length <= SMALL_BYTES) context.outbox.smallData(payload);
      else await context.outbox.data(frame.subarray(0, HEADER_BYTES + count));
      at += count;
    }
  } finally {
    buffer.release();
  }
  await file.finish();
  return { code: 226, data: { message: "Sent", hash: file.record.hash } };
}

/** The command `VIEW`. */
export const view = command({
  name: "VIEW",
  letters: "r",
  summary: "Shows the beginning of a file.",
  reply: "OK {filename, size, content, encoding, truncated}",
  async run(context, { data }) {
    const wanted = data.bytes ?? 1024;
    const file = await context.view.transfers.download(context.resolve(data.filename));
    try {
      const bytes = new Uint8Array(Math.min(wanted, file.record.size));
      const count = await file.read(bytes, 0);
      const truncated = file.record.size > count;
      await file.finish();
      return {
        data: {
          filename: file.path,
          size: file.record.size,
          ...asText(bytes.subarray(0, count), truncated),
          truncated,
        },
      };
    } finally {
      file.close();
    }
  },
});

/** Text where the bytes are UTF-8, but for a last character that was cut; else base64. */
function asText(
  bytes: Uint8Array,
  truncated: boolean,
): { content: string; encoding: "utf-8" | "base64" } {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    // A character that was begun is kept back where more would follow, else it is an error.
    return { content: decoder.decode(bytes, { stream: truncated }), encoding: "utf-8" };
  } catch {
    return { content: bytes.toBase64(), encoding: "base64" };
  }
}
