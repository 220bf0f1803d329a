/** Replies of tus. */
import type { WebContext } from "../request/env.ts";
import type { Problem } from "../request/failure.ts";
import type { FinishedUpload } from "./notes.ts";
import { digestField, encodePath, VERSION } from "./protocol.ts";

/** Headers of every reply that is about an upload. */
export function tusHeaders(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { "tus-resumable": VERSION, "cache-control": "no-store", ...more };
}

/** Offset of an upload, and its expiry. */
export function progressHeaders(
  offset: number,
  size: number | undefined,
  expiresMs: number,
): Record<string, string> {
  return tusHeaders({
    "upload-offset": String(offset),
    ...(size === undefined ? { "upload-defer-length": "1" } : { "upload-length": String(size) }),
    "upload-expires": new Date(expiresMs).toUTCString(),
  });
}

/** A failure as tus has it: its own status for a wrong checksum, the offset in a header. */
export function tusProblem(problem: Problem): Problem {
  const status = problem.kind === "checksum" ? 460 : problem.status;
  const { offset } = problem.more;
  const at = typeof offset === "number" ? { "upload-offset": String(offset) } : {};
  return { ...problem, status, headers: { ...problem.headers, ...tusHeaders(at) } };
}

/** Headers that describe the stored file of a finished upload. */
export function finishedHeaders(
  { path, size, hash, metadata }: FinishedUpload,
): Record<string, string> {
  return tusHeaders({
    ...(metadata === "" ? {} : { "upload-metadata": metadata }),
    "upload-offset": String(size),
    "upload-length": String(size),
    "content-location": encodePath(path),
    "repr-digest": digestField(hash),
  });
}

/** A reply without a body. */
export function reply(
  c: WebContext,
  status: 200 | 201 | 204,
  headers: Record<string, string>,
): Response {
  return c.body(null, status, headers);
}
