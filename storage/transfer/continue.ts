/**
 * Continuing an upload by its name, by a client that does not compare the beginning with its own
 * content: the client shows instead that the beginning is of its content (docs/api.md, "Files").
 */
import type { Access } from "../access/access.ts";
import type { UploadRecord } from "../contract/catalog.ts";
import type { Condition } from "../contract/condition.ts";
import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { announceHash } from "./announce.ts";
import { recordsAt, takeUp } from "./resumes.ts";
import { checkCondition } from "./target.ts";
import type { Upload } from "./upload.ts";

/** A client's continuation of a file, and its proof of which upload it continues. */
export interface Continuation {
  readonly path: string;
  /** Where its bytes begin. */
  readonly from: number;
  /** Size of the whole in bytes; undefined where it is not known. */
  readonly sizeBytes: number | undefined;
  /** The upload that it names. */
  readonly id: string | undefined;
  /** SHA-256 of the whole in hex; every commit of the upload will verify it. */
  readonly hash: string | undefined;
}

/**
 * Resumes the unfinished upload that a client's bytes continue. Name and size do not identify it:
 * an upload of other content can have both.
 *
 * @throws {StoreError} `offset` where there is no such upload, it has fewer bytes than needed, or
 * nothing proves that it is the same; contains the offset to continue at
 */
export async function continueUpload(
  core: VaultCore,
  access: Access,
  request: Continuation,
  condition?: Condition,
): Promise<Upload> {
  const place = await access.target(request.path, "w");
  const record = choose(request, await recordsAt(core, access, place));
  if (condition !== undefined) await checkCondition(core, access, place, condition);
  const upload = await takeUp(core, access, record);
  upload.part.condition = condition;
  try {
    assertReaches(request, upload.offset);
    const { hash } = request;
    if (hash !== undefined && !await announceHash(upload, hash)) throw noUpload(request);
    return upload;
  } catch (error) {
    await upload.suspend();
    throw error;
  }
}

function choose(request: Continuation, records: readonly UploadRecord[]): UploadRecord {
  const { id, hash, sizeBytes } = request;
  const fitting = records.filter((record) =>
    sizeBytes === undefined || (record.sizeBytes ?? sizeBytes) === sizeBytes
  );
  if (id !== undefined) {
    const named = fitting.find((record) => record.id === id);
    if (named === undefined) throw noUpload(request);
    return named;
  }
  if (fitting.length === 0) throw noUpload(request);
  if (hash === undefined) throw unproven(request);
  const sized = (record: UploadRecord) => sizeBytes === undefined || record.sizeBytes !== null;
  const found = fitting.find((record) => record.hash === hash) ??
    fitting.find((record) => record.hash === null && sized(record)) ??
    fitting.find((record) => record.hash === null && record.offsetBytes <= sizeBytes!);
  if (found === undefined) throw noUpload(request);
  return found;
}

function assertReaches({ path, from }: Continuation, offset: number): void {
  if (from <= offset) return;
  const message = `The unfinished upload of "${path}" has ${offset} bytes: continue there`;
  throw new StoreError("offset", message, { offset });
}

function noUpload({ path }: Continuation): StoreError {
  const message =
    `There is no unfinished upload of "${path}" that fits: send it from its first byte`;
  return new StoreError("offset", message, { offset: 0 });
}

function unproven({ path }: Continuation): StoreError {
  const message = `An unfinished upload of "${path}" may have other content: name it by its id ` +
    `(?upload=ID), announce the SHA-256 of the whole file (Repr-Digest), or send the file from its ` +
    `first byte`;
  return new StoreError("offset", message, { offset: 0 });
}
