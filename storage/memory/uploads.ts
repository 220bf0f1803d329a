/** Unfinished uploads in the tables, and what they reserve of their owner's quota. */
import { StoreError } from "../contract/error.ts";
import type { UploadFilter } from "../contract/parts.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { UploadPage, UploadRecord } from "../contract/upload_record.ts";
import { find } from "./names.ts";
import type { MemoryTables, UploadRow } from "./tables.ts";

/** Adds an upload. @returns false where the quota does not allow it; nothing is added then */
export function addUpload(tables: MemoryTables, record: UploadRecord): boolean {
  if (tables.uploads.has(record.id)) {
    throw new StoreError("exists", `There is an upload "${record.id}" already`);
  }
  const empty = { segments: [], safe: [], coveredBytes: 0 };
  return reserve(tables, { ...record, ...empty, reservedBytes: 0 }, record.reservedBytes);
}

/**
 * Sets what an upload reserves. Beyond the quota a file makes no room: uploads over renamed ones
 * could go on without end.
 */
export function reserve(tables: MemoryTables, upload: UploadRow, bytes: number): boolean {
  const isWithin = tables.isWithin(upload.owner, upload.reservedBytes);
  const coveredBytes = isWithin ? coveredOf(tables, upload, bytes) : 0;
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
  return Math.max(0, Math.min(bytes, sizeAt(tables, owner, path) - elsewhere));
}

/** Uploads over files that are gone, elsewhere or smaller by now reserve what these gave them. */
export function uncover(tables: MemoryTables, owner: string): void {
  const covered = tables.uploads.values()
    .filter((upload) => upload.owner === owner && upload.coveredBytes > 0);
  for (const [path, uploads] of Map.groupBy(covered, ({ path }) => path)) {
    const sum = uploads.reduce((bytes, { coveredBytes }) => bytes + coveredBytes, 0);
    if (sum <= sizeAt(tables, owner, path)) continue;
    for (const upload of uploads) {
      const reservedBytes = upload.reservedBytes + upload.coveredBytes;
      tables.uploads.set(upload.id, { ...upload, reservedBytes, coveredBytes: 0 });
    }
  }
}

/** Bytes of the file at a path; 0 where there is none. */
function sizeAt(tables: MemoryTables, owner: string, path: VirtualPath): number {
  try {
    const node = find(tables, owner, path);
    return node?.type === "file" ? node.size : 0;
  } catch (error) {
    if (error instanceof StoreError) return 0; // no directory leads to it
    throw error;
  }
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
