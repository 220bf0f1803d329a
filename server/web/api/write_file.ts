/** `PUT` of a file (RFC 9110, section 9.3.4), whole or from where an earlier one was cut. */
import { StoreError } from "../../../storage/contract/error.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { hrefOut } from "../request/base_path.ts";
import type { WebContext } from "../request/env.ts";
import { encodePath } from "../ui/href.ts";
import { WebError } from "../request/failure.ts";
import { conditionOf, demandsFreeName, preconditionFailed } from "../request/preconditions.ts";
import { contentRangeIn, type PutRange } from "./content_range.ts";
import { announcedHash, digestHeaders } from "./digest.ts";
import * as v from "valibot";
import { type ApiRequest, route } from "./route.ts";
import { choice, IF_EXISTS, modeInQuery, text, wholeInQuery } from "./schemas.ts";
import { takeBody } from "./take_body.ts";
import { modeIn } from "./values.ts";

const QUERY = v.object({
  ifExists: v.exactOptional(
    choice(IF_EXISTS, "How an existing file is treated (default overwrite)"),
  ),
  mtimeMs: v.exactOptional(wholeInQuery("The file's modification time, ms since the epoch")),
  mode: v.exactOptional(modeInQuery("Permission bits for those who fetch it, as in 644")),
  upload: v.exactOptional(
    text("With `Content-Range`: the id of the unfinished upload that the body continues"),
  ),
});
type WriteRequest = ApiRequest<v.InferOutput<typeof QUERY>>;

/** The operation `PUT /files/{path}`. */
export const writeFile = route({
  name: "writeFile",
  method: "put",
  at: "/files/{path}",
  letters: "w",
  content: "takes",
  summary: "Stores a file. `Content-Range` continues an interrupted upload.",
  query: QUERY,
  replies: {
    200: "The same content is there already (ifExists=skip).",
    201: "Stored under a new name: {path, size, hash, version, mtimeMs}.",
    202: "A part was stored: {id, offset}.",
    204: "The file was replaced.",
    409: "Continue at the offset in the reply.",
    412: "The file is not as If-Match, If-None-Match or If-Unmodified-Since say.",
    422: "The content is not what Repr-Digest says.",
    507: "There is no room, or the quota is used up.",
  },
  async run(request) {
    const { c } = request;
    const encoding = c.req.header("content-encoding") ?? "identity";
    if (encoding.toLowerCase() !== "identity") {
      throw new WebError(415, "media-type", "Content is stored as it comes: send it unencoded");
    }
    if (request.path.endsWith("/")) {
      throw new WebError(400, "bad-name", "The address of a file does not end with a slash");
    }
    const range = contentRangeIn(c);
    const hash = announcedHash(c, range !== undefined);
    try {
      if (range !== undefined && range.start > 0) return await goOn(request, range, hash);
      return await beginning(request, range, hash);
    } catch (error) {
      const taken = error instanceof StoreError && error.kind === "exists";
      throw taken && demandsFreeName(c.req.raw) ? preconditionFailed() : error;
    }
  },
});

/** Stores a body that begins at the file's first byte. */
async function beginning(
  request: WriteRequest,
  range: PutRange | undefined,
  hash: string | undefined,
): Promise<Response> {
  const opening = await begin(request, range, hash);
  if ("upload" in opening) return await receive(request, opening.upload, { range, hash, skip: 0 });
  const { path, size, hash: stored } = opening.skipped;
  return request.c.json({ path, size, hash: stored }, 200, headersOf(request.c, path, stored));
}

/** Begins an upload for a body that begins at the file's first byte. */
async function begin(
  { c, session, path, query }: WriteRequest,
  range: PutRange | undefined,
  hash: string | undefined,
) {
  const asked = query.ifExists ?? "overwrite";
  const ifFree = demandsFreeName(c.req.raw);
  const ifExists = ifFree ? "fail" : asked;
  // The commit itself enforces "fail", so a name that must be free needs no permission r.
  const onlyFree = ifFree && c.req.header("if-match") === undefined;
  const condition = onlyFree ? undefined : conditionOf(c.req.raw);
  const { mtimeMs } = query;
  const mode = modeIn(query.mode);
  const length = c.req.header("content-length");
  // No body at all has no length field, unless it comes in chunks.
  const whole = length !== undefined || c.req.raw.body === null ? Number(length ?? 0) : undefined;
  const sizeBytes = range === undefined ? whole : range.total;
  return await session.view.transfers.upload({
    path,
    ifExists,
    makeDirectories: true,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(hash === undefined ? {} : { hash }),
    ...(mtimeMs === undefined ? {} : { mtimeMs }),
    ...(mode === undefined ? {} : { mode }),
    ...(condition === undefined ? {} : { condition }),
  });
}

/** Continues the unfinished upload that the request names, or whose checksum it announces. */
async function goOn(
  request: WriteRequest,
  range: PutRange,
  hash: string | undefined,
): Promise<Response> {
  const { c, session, path, query: { upload: id } } = request;
  const { start: from, total: sizeBytes } = range;
  const continued = { path, from, sizeBytes, id, hash };
  const upload = await session.view.transfers.continue(continued, conditionOf(c.req.raw));
  // Bytes that were received and kept before are skipped: the sender knows of fewer.
  return await receive(request, upload, { range, hash, skip: upload.offset - from });
}

async function receive(
  request: ApiRequest,
  upload: Upload,
  { range, hash, skip }: { range: PutRange | undefined; hash: string | undefined; skip: number },
): Promise<Response> {
  const { c, services, session, path } = request;
  const replaces = upload.occupied;
  upload.delays.since(c.env.came);
  upload.endsAtSize = range === undefined || range.end === range.total;
  await takeBody(c.req.raw.body, upload, services, session, skip);
  if (range !== undefined && range.end !== range.total) {
    const { id, offset } = upload;
    await upload.suspend();
    return c.json({ id, offset }, 202);
  }
  const committed = await upload.finish(hash === undefined ? {} : { hash });
  const stored = upload.shownPath(committed);
  if (range === undefined) await session.view.transfers.discardEarlier(upload);
  const headers = headersOf(c, stored, committed.hash);
  if (replaces && stored === path) return c.body(null, 204, headers);
  const { size, version, mtimeMs } = committed;
  const data = { path: stored, size, hash: committed.hash, version, mtimeMs };
  return c.json(data, 201, headers);
}

function headersOf(c: WebContext, path: string, hash: string): Record<string, string> {
  const location = hrefOut(c, `/api/v1/files${encodePath(path)}`);
  return { "etag": `"${hash}"`, "content-location": location, ...digestHeaders(hash) };
}
