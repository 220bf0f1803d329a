/** Conditions on what a name holds, checked again at the moment of a change. */
import { isTrueOf, type Store } from "../contract/store.ts";
import type { Catalog, FileRecord, UploadRecord } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import { hashContent } from "../common/slices.ts";

/** The state of a name that a condition decides about; undefined: there is nothing. */
export type Current =
  | { readonly type: "file"; readonly hash: string; readonly mtimeMs: number }
  | { readonly type: "directory" }
  | undefined;

/** A condition of a request that changes a file, so that no update of another writer is lost. */
export interface Condition {
  /** @throws {StoreError} `changed` where the name may not be changed */
  check(current: Current): void;
  /**
   * Whether the content found first is the only one that may be replaced, also when the upload is
   * resumed by a later request.
   */
  readonly pins: boolean;
}

/** The state of a name as a condition sees it. */
export function currentOf(file: FileRecord | undefined): Current {
  return file && { type: "file", hash: file.hash, mtimeMs: file.mtimeMs };
}

/**
 * Checks what an upload is about to replace: the content it was pinned to (`appendsTo`), and the
 * condition of its request.
 *
 * @throws {StoreError} `changed`
 */
export function assertReplaceable(
  store: Store,
  catalog: Catalog,
  upload: { record: UploadRecord; condition: Condition | undefined },
): void | Promise<void> {
  if (upload.condition === undefined && upload.record.appendsTo === null) return;
  return check(store, catalog, upload);
}

async function check(
  store: Store,
  catalog: Catalog,
  { record, condition }: { record: UploadRecord; condition: Condition | undefined },
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
  catalog: Catalog,
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
