/** Unfinished uploads in the tables, and what they reserve of their owner's quota. */
import { StoreError } from "../contract/error.ts";
import type { UploadFilter } from "../contract/parts.ts";
import type { UploadPage, UploadRecord } from "../contract/upload_record.ts";
import { findIfThere } from "./names.ts";
import type { MemoryTables, UploadRow } from "./tables.ts";

/** Adds an upload. @returns false where the quota does not allow it; nothing is added then */
export function addUpload(tables: MemoryTables, record: UploadRecord): boolean {
  if (tables.uploads.has(record.id)) {
    throw new StoreError("exists", `There is an upload "${record.id}" already`);
  }
  const empty = { segments: [], safe: [], coveredBytes: 0 };
  return reserve(tables, { ...record, ...empty, reservedBytes: 0 }, record.reservedBytes);
}

/** Reserves `bytes` more than the upload reserves already. */
export function reserve(tables: MemoryTables, upload: UploadRow, bytes: number): boolean {
  const coveredBytes = coveredOf(tables, upload, bytes);
  const reservedBytes = bytes - coveredBytes;
  if (!tables.fits(upload.owner, reservedBytes - upload.reservedBytes)) return false;
  tables.uploads.set(upload.id, { ...upload, reservedBytes, coveredBytes });
  return true;
}

/**
 * Bytes that replacing the present file will free, less the share that other uploads to it have
 * claimed.
 */
function coveredOf(
  tables: MemoryTables,
  { id, owner, path, ifExists }: UploadRow,
  bytes: number,
): number {
  if (ifExists !== "overwrite") return 0;
  const elsewhere = tables.uploads.values()
    .filter((other) => other.owner === owner && other.path === path && other.id !== id)
    .reduce((sum, { coveredBytes }) => sum + coveredBytes, 0);
  const node = findIfThere(tables, owner, path);
  const size = node?.type === "file" ? node.size : 0;
  return Math.max(0, Math.min(bytes, size - elsewhere));
}

/** Removes the engine's private fields from an upload. */
export function recordOfUpload(
  { segments: _segments, safe: _safe, coveredBytes: _covered, ...record }: UploadRow,
): UploadRecord {
  return record;
}

/** Unfinished uploads, latest updated first. */
export function listUploads(
  tables: MemoryTables,
  wanted: (upload: UploadRow) => boolean,
  { after, count }: UploadPage = {},
): UploadRecord[] {
  type Place = Pick<UploadRecord, "id" | "updatedMs">;
  const order = (a: Place, b: Place) =>
    b.updatedMs - a.updatedMs || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
  return tables.uploads.values()
    .filter((upload) => wanted(upload) && (after === undefined || order(upload, after) > 0))
    .sort(order)
    .slice(0, count)
    .map(recordOfUpload);
}

/** Whether an upload is one of those that a filter names. */
export function isAmong(which: UploadFilter): (upload: UploadRow) => boolean {
  if (which.by === "all") return () => true;
  if (which.by === "account") return ({ account }) => account === which.account;
  return ({ account, owner }) => account !== owner && owner === (which.owner ?? owner);
}
