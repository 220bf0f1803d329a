/** Parses the request that creates an upload (tus 1.0.0, "Creation", "Creation Defer Length"). */
import type { IfExists } from "../../../storage/contract/catalog.ts";
import type { UploadRequest } from "../../../storage/transfer/transfers.ts";
import { parseSignedDecimal } from "../../../common/decimal.ts";
import { modeIn } from "../api/values.ts";
import type { WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { bad, bytesIn, CONTENT_TYPE, hashIn, metadataOf } from "./protocol.ts";

const IF_EXISTS: readonly string[] = ["version", "overwrite", "skip", "fail"] satisfies IfExists[];

/**
 * Parses the upload that a request creates. Its path is the metadata `path`, or `filename` alone,
 * which other clients of tus send, in the root.
 *
 * @throws {WebError} 400
 */
export function wantedUpload(c: WebContext): UploadRequest {
  const metadata = metadataOf(c);
  const path = metadata.get("path") ?? metadata.get("filename") ?? metadata.get("name");
  if (path === undefined || path === "") {
    throw bad('The metadata must have the "path" of the file');
  }
  if (c.req.header("upload-concat") !== undefined) {
    throw bad("Uploads cannot be concatenated here: send the file as one upload");
  }
  const size = bytesIn(c, "upload-length");
  if (size === Infinity) {
    throw new WebError(413, "too-large", "A file has at most 2^53-1 bytes");
  }
  const deferred = c.req.header("upload-defer-length");
  if ((size === undefined) === (deferred === undefined) || (deferred ?? "1") !== "1") {
    throw bad('Either "Upload-Length" or "Upload-Defer-Length: 1" is required');
  }
  const ifExists = metadata.get("ifexists") ?? "version";
  if (!IF_EXISTS.includes(ifExists)) {
    throw bad(`The metadata "ifexists" is to be one of ${IF_EXISTS.join(", ")}`);
  }
  const hash = hashIn(metadata);
  const mtimeMs = modifiedIn(metadata.get("lastmodified"));
  const mode = modeIn(metadata.get("mode"));
  const length = bytesIn(c, "content-length");
  return {
    path,
    ifExists: ifExists as IfExists,
    makeDirectories: true,
    ...(size === undefined ? {} : { sizeBytes: size }),
    ...(hash === undefined ? {} : { hash }),
    ...(mtimeMs === undefined ? {} : { mtimeMs }),
    ...(mode === undefined ? {} : { mode }),
    // All of it comes in this request: a small one needs no record.
    pipelined: c.req.header("content-type") === CONTENT_TYPE && length === size,
  };
}

function modifiedIn(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const ms = parseSignedDecimal(text);
  if (ms !== undefined) return ms; // the vault knows which times there are
  throw bad('The metadata "lastmodified" is to be a time in milliseconds');
}
