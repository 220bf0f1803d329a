/** Downloads, and what comes before and between transfers (RFC 959 section 4.1.3, RFC 3659). */
import { buffers } from "../../../buffers/pool.ts";
import type { Download } from "../../../storage/transfer/download.ts";
import { Pace } from "../../../storage/common/slices.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { parseDecimalBound } from "../../../common/decimal.ts";
import { ToWire } from "../data/ascii.ts";
import type { Channel } from "../../tls/channel.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { type Reply, reply, ReplyError } from "../context/reply.ts";
import type { Transfer } from "../data/transfer.ts";

/** Bytes read and written at once: whole pieces of the 48 KiB that `node:tls` encrypts at once. */
const CHUNK_BYTES = 5 * 48 * 1024;

/** The command `RETR`. */
export const retrieve: CommandRow = {
  name: "RETR",
  letters: "r",
  syntax: "path",
  summary: "Sends a file, from the offset on that REST named.",
  async run(context, argument) {
    const offset = context.restart;
    context.restart = 0;
    context.requireData();
    const path = context.resolve(argument);
    const file = await context.view.transfers.download(path);
    try {
      const { size } = file.record;
      refuseOtherSize(context, path, size);
      if (offset > size) {
        throw new StoreError("offset", `The file has ${size} bytes only`, { offset: size });
      }
      // Clients take this number for the count of the bytes that follow, so it is left out if it is
      // not.
      const exact = offset === 0 && !context.ascii && !context.data.compression.on
        ? ` (${size} bytes)`
        : "";
      const opening = `Opening ${context.ascii ? "ASCII" : "BINARY"} mode data connection for ${
        nameOf(argument)
      }${exact}`;
      return await context.transfer(
        opening,
        (channel, transfer) => send(context, file, offset, channel, transfer),
      );
    } finally {
      file.close();
    }
  },
};

/**
 * Clients that ask for `SIZE` first, as curl does, receive that many bytes and take them for the
 * file. Where the number was that of an unfinished upload, they would cut the file off in silence.
 */
function refuseOtherSize({ reported }: Context, path: string, size: number): void {
  if (reported?.uploadId === undefined || reported.path !== path || reported.size === size) return;
  throw new ReplyError(
    550,
    "The last SIZE of this name was that of an unfinished upload: continue it with REST or APPE, " +
      "remove it with DELE, or send SIZE again once it is finished",
  );
}

async function send(
  context: Context,
  file: Download,
  offset: number,
  channel: Channel,
  transfer: Transfer,
): Promise<Reply> {
  const { size, hash } = file.record;
  let writing: Promise<void> | undefined;
  // One buffer is read into and hashed while the one before is on its way.
  const lines = context.ascii ? new ToWire() : undefined;
  const pace = new Pace();
  for (let at = offset; at < size;) {
    if (lines !== undefined) await pace.turn(); // the text passes through here byte by byte
    const wantedBytes = Math.min(CHUNK_BYTES, size - at, context.limits.pieceBytes);
    const buffer = buffers.take(wantedBytes);
    try {
      const wanted = buffer.bytes.subarray(0, wantedBytes);
      const count = await transfer.own(() => file.read(wanted, at));
      if (count < wanted.length) {
        throw new StoreError("checksum", `"${file.path}" is shorter on disk than it was`);
      }
      await transfer.own(() => context.limits.throttle("down", count, () => transfer.over));
      await writing;
      buffer.retain();
      writing = channel.write(lines === undefined ? wanted : lines.push(wanted))
        .finally(() => buffer.release());
      writing.catch(() => {}); // reported where it is awaited
      transfer.moved(count);
      at += count;
    } finally {
      buffer.release();
    }
  }
  await writing;
  await file.finish();
  await channel.end();
  return reply(226, `Sent; SHA-256 ${hash}`);
}

/** Replaces brackets in a name, which clients would parse in the text of a reply. */
function nameOf(path: string): string {
  return path.replaceAll(/[()]/g, "_");
}

/** The command `REST`. */
export const restart: CommandRow = {
  name: "REST",
  letters: "",
  syntax: "offset",
  summary: "Sets the offset at which the next RETR or STOR begins; not in TYPE A.",
  features: () => ["REST STREAM"],
  run(context, argument) {
    const bound = parseDecimalBound(argument.trim());
    if (bound === undefined) throw new ReplyError(501, "REST takes a number of bytes");
    const offset = Math.min(bound, Number.MAX_SAFE_INTEGER); // behind the end of any file
    if (context.ascii && offset > 0) throw new ReplyError(550, "REST works in TYPE I only");
    context.restart = offset;
    return reply(350, `The next transfer begins at ${offset}`);
  },
};

/** The command `ABOR`. */
export const abort: CommandRow = {
  name: "ABOR",
  letters: "",
  syntax: "",
  summary: "Stops the running transfer; the received part of an upload is kept.",
  atOnce: true,
  run(context) {
    context.data.clear();
    return reply(226, "No transfer is running");
  },
};
