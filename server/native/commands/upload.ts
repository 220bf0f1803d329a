/** Upload and resume (docs/protocol.md, "Upload" and "Resume"). */
import { CHUNK_BYTES, makeReply, type RequestData } from "../../../protocol/mod.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { announceHash } from "../../../storage/transfer/announce.ts";
import type { UploadOpening, UploadRequest } from "../../../storage/transfer/transfers.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { type Answer, command, type Context, type Request } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";
import { fitting } from "../context/fitting.ts";
import { repeatedData } from "../context/repeated.ts";

/** The command `UPLOAD`. */
export const upload = command({
  name: "UPLOAD",
  aliases: ["STOR"],
  letters: "w",
  summary: "Stores a file, whole and verified, under its name or its next version.",
  reply: "OK 150 {ready, temp_id, offset, chunk_size, filename}, then OK 226 " +
    "{filename, size, hash, version, mtime}; or OK 200 {ready: false, skipped, filename, hash}",
  run(context, request) {
    const { data } = request;
    const restart = takeRestart(context);
    if (restart !== undefined && restart > 0) return restartAt(context, request, restart);
    const refused = (error: unknown): never => {
      if (data.pipelined) context.discardUntilEnd(); // as refusable() does, with fewer promises
      throw error;
    };
    try {
      const opening = context.view.transfers.uploadAtOnce(toRequest(context, data));
      if (!(opening instanceof Promise)) return opened(context, request, opening);
      return opening.then((opening) => opened(context, request, opening), refused);
    } catch (error) {
      return refused(error);
    }
  },
});

/** The command `APPE`. */
export const append = command({
  name: "APPE",
  letters: "w",
  summary: "Appends to a file; others see the old content until it is done.",
  reply: "as UPLOAD; offset and sizes are of the whole result",
  async run(context, { data, slot, id }) {
    takeRestart(context);
    const { upload } = await refusable(
      context,
      data,
      () => context.view.transfers.append(toRequest(context, data)),
    );
    if (!data.pipelined) slot.interim(makeReply("OK", readyData(upload), id, 150));
    context.receive(upload, slot, id, data.pipelined ?? false);
  },
});

/** The command `RESUME`. */
export const resume = command({
  name: "RESUME",
  letters: "w",
  summary: "Continues an unfinished upload, taking it from a connection that still holds it.",
  reply: "OK 150 {ready, temp_id, filename, file_size, offset, prefix_hash, chunk_size}, " +
    "then as UPLOAD",
  async run(context, { data, slot, id }) {
    takeRestart(context);
    if (data.temp_id === undefined && data.filename === undefined) {
      throw new RequestError("BAD_REQUEST", `RESUME: "temp_id" or "filename" is missing`);
    }
    const { upload, prefixHash } = await context.view.transfers.resume(
      data.temp_id !== undefined
        ? { id: data.temp_id }
        : { path: context.resolve(data.filename!), sizeBytes: data.file_size },
    );
    upload.part.key ??= data.key;
    const ready = { ...readyData(upload), file_size: upload.size ?? null, prefix_hash: prefixHash };
    slot.interim(makeReply("OK", ready, id, 150));
    context.receive(upload, slot, id, false);
  },
});

/** The command `REST`. */
export const rest = command({
  name: "REST",
  letters: "",
  summary: "Sets the offset at which the next RETR or STOR begins.",
  reply: "OK 350 {offset}",
  run(context, { data }) {
    context.restart = data.offset;
    return { code: 350, data: { offset: data.offset } };
  },
});

/** The command `PARTS`. */
export const parts = command({
  name: "PARTS",
  letters: "w",
  summary: "Lists the account's unfinished uploads, and those of guests into its tree.",
  reply:
    "OK {parts: [{temp_id, filename, file_size, offset, created, updated, expires, active, account, guest}], truncated?}",
  async run(context) {
    const unfinished = await context.view.transfers.unfinished();
    const { items, more } = await fitting(
      unfinished,
      ({ record, offset, expiresMs, active, guest }) => ({
        temp_id: record.id,
        filename: record.shownPath,
        file_size: record.sizeBytes,
        offset,
        created: record.createdMs,
        updated: record.updatedMs,
        expires: expiresMs,
        active,
        account: record.account,
        guest,
      }),
    );
    return { data: { parts: items, ...(more ? { truncated: true } : {}) } };
  },
});

/** The command `ABOR`. */
export const abort = command({
  name: "ABOR",
  letters: "w",
  summary: "Stops the running transfer; with temp_id and discard, drops an unfinished upload.",
  reply: "OK 226",
  async run(context, { data, stopped }) {
    // A running upload was stopped before this handler runs, so that needs no permission.
    if (!stopped) await context.view.permissions.require("w");
    if (data.temp_id !== undefined && data.discard && !stopped) {
      await context.view.transfers.discard(data.temp_id);
    }
    return { code: 226, data: {} };
  },
});

/** An upload has begun, or is needless. */
function opened(
  context: Context,
  { data, slot, id }: Request<"UPLOAD">,
  opening: UploadOpening,
): Answer | undefined {
  if ("skipped" in opening) {
    if (data.pipelined) context.discardUntilEnd();
    const { path: filename, hash, size, repeated } = opening.skipped;
    if (repeated) return { data: repeatedData({ filename, hash, size }) };
    return { data: { ready: false, skipped: true, filename, hash } };
  }
  if (!data.pipelined) slot.interim(makeReply("OK", readyData(opening.upload), id, 150));
  context.receive(opening.upload, slot, id, data.pipelined ?? false);
}

/** `REST n` then `STOR`: the account's own unfinished upload of that name, at its safe offset. */
async function restartAt(
  context: Context,
  { data, slot, id }: Request<"UPLOAD">,
  offset: number,
): Promise<Answer | undefined> {
  const upload = await refusable(context, data, async () => {
    const path = context.resolve(data.filename);
    try {
      const { upload } = await context.view.transfers.resume({ path, sizeBytes: data.file_size });
      return await restarted(upload, offset, data.file_hash);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== "transfer-not-found") throw error;
      throw new StoreError("offset", "There is no unfinished upload to restart", { offset: 0 });
    }
  });
  if (!data.pipelined) slot.interim(makeReply("OK", readyData(upload), id, 150));
  context.receive(upload, slot, id, data.pipelined ?? false);
  return undefined;
}

/** Opens an upload at `offset`, with the checksum of the whole where it is known. */
async function restarted(
  upload: Upload,
  offset: number,
  hash: string | undefined,
): Promise<Upload> {
  const known = upload.part.record.hash ?? hash;
  const same = hash === undefined || hash === known;
  try {
    if (upload.offset === offset && same) {
      if (hash !== undefined) await announceHash(upload, hash);
      return upload;
    }
    const safe = same ? upload.offset : 0;
    throw new StoreError("offset", `The upload can be restarted at ${safe}`, { offset: safe });
  } catch (error) {
    await upload.suspend();
    throw error;
  }
}

/** Opens an upload; where a pipelined one is refused, its data is thrown away up to its `END`. */
async function refusable<T>(
  context: Context,
  data: RequestData<"UPLOAD">,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (data.pipelined) context.discardUntilEnd();
    throw error;
  }
}

function takeRestart(context: Context): number | undefined {
  const { restart } = context;
  context.restart = undefined;
  return restart;
}

function toRequest(context: Context, data: RequestData<"UPLOAD">): UploadRequest {
  const request: UploadRequest = {
    path: context.resolve(data.filename),
    ifExists: data.overwrite && data.if_exists === undefined
      ? "overwrite"
      : data.if_exists ?? "version",
    makeDirectories: data.make_dirs ?? false,
    pipelined: data.pipelined ?? false,
  };
  if (data.file_size !== undefined) request.sizeBytes = data.file_size;
  if (data.file_hash !== undefined) request.hash = data.file_hash;
  if (data.mtime !== undefined) request.mtimeMs = data.mtime;
  if (data.mode !== undefined) request.mode = data.mode;
  if (data.key !== undefined) request.key = data.key;
  return request;
}

function readyData(upload: Upload) {
  return {
    ready: true,
    temp_id: upload.id,
    offset: upload.offset,
    chunk_size: CHUNK_BYTES,
    filename: upload.place.shown,
  };
}
