/** Receives an upload from its data connection, to any kind of end. */
import { delay } from "@std/async";
import { Pace, yieldTurn } from "../../../storage/common/slices.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { FromWire } from "./ascii.ts";
import { DamagedContentError } from "./deflate_channel.ts";
import type { Channel } from "../../tls/channel.ts";
import type { Context } from "../context/context.ts";
import { DataConnectionError, failureReply } from "../failure.ts";
import { type Reply, reply } from "../context/reply.ts";
import type { Transfer } from "./transfer.ts";

/**
 * Limits of the time that the control connection may take to end after its data connection. Within
 * TLS it is a share of the upload's duration, and 0 for a quick one: no client gives up that soon.
 */
const MAX_END_MS = 20;
const MIN_END_MS = 1;
const END_SHARE = 1 / 50;

/**
 * Receives an upload. The reply is 226 only if the end was announced and the file is verified,
 * stored and durable. Otherwise the received bytes are kept, and the reply contains the offset to
 * continue at.
 *
 * @param opening the text of the 150
 */
export async function receive(context: Context, upload: Upload, opening: string): Promise<Reply> {
  const begunAt = upload.offset;
  const begun = context.data.compression.on ? upload.part.mark() : undefined;
  let taking: Transfer | undefined;
  let taken: Reply | undefined;
  upload.onTaken = (why) => {
    taken = failureReply(why);
    if (taking !== undefined) taking.end(taken);
    else context.data.clear();
  };
  const answer = await context.transfer(opening, async (channel, transfer) => {
    taking = transfer;
    if (taken !== undefined) return taken;
    try {
      await takeAll(context, upload, channel, transfer);
    } catch (error) {
      // Content that cannot be decompressed may be anything: nothing of it is kept for a resume.
      if (error instanceof DamagedContentError && upload.open) await upload.part.rewind(begun!);
      return await broken(upload, begunAt, channel, transfer, error);
    }
    transfer.settle();
    if (context.present) upload.delays.forget(); // it has not given up
    const closing = channel.end();
    try {
      const { hash } = await upload.finish();
      return reply(226, `Stored; SHA-256 ${hash}`);
    } catch (error) {
      return kept(upload, failureReply(error));
    } finally {
      await closing; // who waits for our close_notify reads no reply before it
    }
  });
  // No data connection came, or it was stopped before.
  if (upload.open) await keep(upload, begunAt, taking !== undefined);
  return answer;
}

async function takeAll(
  context: Context,
  upload: Upload,
  channel: Channel,
  transfer: Transfer,
): Promise<void> {
  const begunMs = performance.now();
  const lines = context.ascii ? new FromWire() : undefined;
  const pace = new Pace();
  while (true) {
    if (lines !== undefined) await pace.turn(); // the text passes through here byte by byte
    const piece = await channel.read();
    if (piece === null) break;
    const { bytes } = piece;
    try {
      for (const part of context.limits.piecesOf(bytes) ?? [bytes]) {
        await transfer.own(async () => {
          const paused = context.limits.throttle("up", part.length, () => transfer.over);
          if (paused !== undefined) await upload.delays.during(paused);
          await upload.write(lines === undefined ? part : lines.push(part), 0, piece);
        });
        transfer.moved(part.length);
      }
    } finally {
      piece.release();
    }
  }
  if (!channel.endedCleanly) throw cut();
  // In plain text the end of a killed client looks like any other, and a client that gives up (curl
  // after --max-time) announces the end within TLS too: its control connection ends then as well.
  const shareMs = context.protectedData ? (performance.now() - begunMs) * END_SHARE : MAX_END_MS;
  if (shareMs >= MIN_END_MS) await delay(Math.min(shareMs, MAX_END_MS));
  await yieldTurn(); // what came together with the time-out is seen
  if (transfer.ended !== undefined) throw cut();
  if (lines !== undefined) await upload.write(lines.end());
  if (upload.size !== undefined && upload.offset < upload.size) {
    throw new DataConnectionError(
      `The upload has ${upload.offset} of the ${upload.size} bytes that it began with`,
    );
  }
}

function cut(): DataConnectionError {
  return new DataConnectionError("The data connection was cut before its end");
}

/** The reply to an upload that came to no end. */
async function broken(
  upload: Upload,
  begunAt: number,
  channel: Channel,
  transfer: Transfer,
  error: unknown,
): Promise<Reply> {
  channel.drop();
  const own = error instanceof StoreError || error instanceof DataConnectionError;
  const why = transfer.ended ??
    (own ? failureReply(error) : reply(426, "The data connection broke"));
  if (upload.open) await keep(upload, begunAt, true);
  return kept(upload, why);
}

/**
 * Keeps the received bytes. An upload without bytes is removed, unless its data connection was open
 * and a file of its name exists: much of the upload may have been lost on the way, and `SIZE` must
 * then return 0 instead of that file's size.
 */
async function keep(upload: Upload, begunAt: number, connected: boolean): Promise<void> {
  const nothing = begunAt === 0 && upload.offset === 0;
  if (nothing && !(connected && upload.occupied)) await upload.discard();
  else await upload.suspend().catch(() => {}); // the first error is reported
}

/** Adds the offset to continue at to a reply. */
function kept(upload: Upload, why: Reply): Reply {
  // As SIZE reports it: the last byte is sent again (storage/transfer/pending.ts).
  const { safeOffset } = upload.part;
  const incomplete = upload.size !== undefined && safeOffset < upload.size;
  const offset = incomplete ? safeOffset : safeOffset - 1;
  const text = why.text.replace(/; restart at \d+$/, "");
  return offset > 0 ? { ...why, text: `${text}; restart at ${offset}` } : { ...why, text };
}
