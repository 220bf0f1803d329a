/** Checks of what an upload is about to replace. */
import { type Condition, currentOf } from "../../contract/condition.ts";
import { isTrueOf } from "../../contract/entry.ts";
import { StoreError } from "../../contract/error.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { hashContent } from "../../common/slices.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import type { DiskCatalog } from "../interfaces/disk_catalog.ts";
import type { Store } from "../interfaces/store.ts";

/** An upload that may replace a file. */
interface Replacing {
  readonly record: UploadRecord;
  readonly condition: Condition | undefined;
}

/**
 * Checks what an upload is about to replace: the content it was pinned to (`appendsTo`), and the
 * condition of its request.
 *
 * @throws {StoreError} `changed`
 */
export function assertReplaceable(
  store: Store,
  catalog: DiskCatalog,
  upload: Replacing,
): void | Promise<void> {
  if (upload.condition === undefined && upload.record.appendsTo === null) return;
  return check(store, catalog, upload);
}

async function check(
  store: Store,
  catalog: DiskCatalog,
  { record, condition }: Replacing,
): Promise<void> {
  const { owner, path, appendsTo, shownPath } = record;
  const file = await recordAt(store, catalog, owner, path);
  if (appendsTo !== null && (file?.hash ?? "") !== appendsTo) {
    throw new StoreError("changed", `"${shownPath}" was changed during the upload`);
  }
  condition?.check(currentOf(file));
}

/** The record of the file at a path, made where the catalog has none; undefined: there is no file. */
export async function recordAt(
  store: Store,
  catalog: DiskCatalog,
  owner: string,
  path: VirtualPath,
): Promise<FileRecord | undefined> {
  const entry = await store.stat(owner, path);
  if (entry?.type !== "file") return undefined;
  const known = await catalog.file(owner, path);
  if (known && isTrueOf(known, entry)) return known;
  const content = await store.open(owner, path);
  try {
    const { mtimeMs } = content;
    const { hash, length: size } = await hashContent(content, content.size);
    return { size, mtimeMs, hash, storedMs: mtimeMs, damaged: false };
  } finally {
    content.close();
  }
}
