/** Publishing an upload: one transaction, in which everything is decided. */
import { otherForm } from "../common/spelling.ts";
import { isSameRecord } from "../contract/file_record.ts";
import { StoreError } from "../contract/error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { Committed, Publication } from "../contract/tree.ts";
import { replaces, type UploadRecord } from "../contract/upload_record.ts";
import { uploadTag } from "../contract/upload_tag.ts";
import { parseVersionName, sameFamily } from "../contract/version_name.ts";
import { assertUncovered } from "./accounts/locks.ts";
import { wasRemoved } from "./changes.ts";
import { childrenOf, directoryAt, find, nextVersion, put, recordOf } from "./names.ts";
import type { Segment } from "./segments.ts";
import { uncover } from "./uploads.ts";
import {
  type DirectoryNode,
  type FileNode,
  type MemoryTables,
  type Node,
  nodeKey,
} from "./tables.ts";

/** How long a stored upload can be found by its key, ms. */
const MAX_AGE_MS = 3600 * 1000;

/** An upload whose content is in the object store. */
export interface Sealed extends Omit<Publication, "part" | "condition"> {
  readonly record: UploadRecord;
  readonly recorded: boolean;
  readonly segments: readonly Segment[];
  /** The node that a condition was checked against; null: there is no condition. */
  readonly seen: Node | undefined | null;
}

/**
 * Publishes an upload.
 *
 * @returns undefined where the name does not hold any more what the condition was checked against
 */
export function publish(tables: MemoryTables, sealed: Sealed): Committed | undefined {
  const { record, recorded, seen } = sealed;
  if (recorded && tables.ofWriter(record) === undefined) throw takenOver(record.id);
  const { owner, path, ifExists, shownPath } = record;
  assertUncovered(tables, { ...record, shown: shownPath });
  const directory = directoryAt(tables, owner, parentOf(path), path);
  const taken = find(tables, owner, path);
  const repeated = taken && (sealed.occupied || !replaces(ifExists)) && repeatedBy(tables, sealed);
  if (repeated) return repeated;
  if (taken?.type === "directory") {
    if (ifExists !== "fail") throw new StoreError("is-directory", `"${shownPath}" is a directory`);
    throw exists(shownPath);
  }
  if (taken !== undefined && ifExists === "fail") throw exists(shownPath);
  if (seen !== null && !isSame(taken, seen)) return undefined;
  if (record.appendsTo !== null && (taken?.hash ?? "") !== record.appendsTo) {
    throw new StoreError("changed", `"${shownPath}" was changed during the upload`);
  }
  const { spelling } = record;
  if (taken && spelling !== undefined && (taken.spelling ?? taken.name) !== spelling) {
    throw otherForm(shownPath);
  }
  return place(tables, sealed, directory, taken);
}

function place(
  tables: MemoryTables,
  sealed: Sealed,
  directory: DirectoryNode,
  taken: FileNode | undefined,
): Committed {
  const { record, recorded, hash, size, segments, key } = sealed;
  const { owner, path, shownPath, ifExists } = record;
  const plain = nameOf(path);
  const late = isLate(tables, sealed, taken);
  if (late && ifExists === "overwrite") return drop(tables, sealed);
  const replaced = replaces(ifExists) && !late ? taken : undefined;
  const kept = ifExists === "keep" && replaced?.hash !== hash ? replaced : undefined;
  const isPlain = replaced !== undefined || (taken === undefined && !late);
  const name = isPlain ? plain : nextVersion(tables, directory, plain);
  const reserved = recorded ? tables.ofWriter(record)!.reservedBytes : 0;
  const growth = size - (replaced && !kept ? replaced.size : 0);
  if (!tables.fits(owner, growth - reserved) || tables.overfills(owner, growth)) {
    const repeated = repeatedBy(tables, sealed);
    if (repeated) return repeated;
    throw new StoreError("quota", `"${shownPath}" does not fit the account's quota`);
  }
  if (kept !== undefined) {
    tables.nodes.delete(nodeKey(directory.id, plain));
    put(tables, {
      ...kept,
      id: crypto.randomUUID(),
      name: nextVersion(tables, directory, plain),
    });
  } else if (replaced !== undefined) {
    tables.dropNode(replaced);
  }
  const now = Date.now();
  const node: FileNode = {
    id: replaced?.id ?? crypto.randomUUID(),
    owner,
    parent: directory.id,
    name,
    type: "file",
    content: crypto.randomUUID(),
    size,
    mtimeMs: record.mtimeMs ?? now,
    hash,
    storedMs: sealed.storedMs ?? Math.max(now, record.updatedMs), // the clock may have been set back
    damaged: false,
    arrival: sealed.arrival ?? 0,
    crc: sealed.crc,
    ...(record.mode !== undefined && { mode: record.mode }),
    ...(record.mode === undefined && replaced?.mode !== undefined && { mode: replaced.mode }),
    ...(record.spelling !== undefined && { spelling: record.spelling }),
    ...(key !== undefined && { tag: uploadTag(record, key) }),
  };
  tables.contents.set(node.content, { id: node.content, segments });
  put(tables, node);
  if (recorded) tables.uploads.delete(record.id); // its objects are the file's now
  uncover(tables, owner);
  return committed(node, childOf(parentOf(path), name));
}

/** Whether what an upload is to replace arrived later, or was removed later. */
function isLate(
  tables: MemoryTables,
  { record, arrival, seen }: Sealed,
  taken: FileNode | undefined,
): boolean {
  const { owner, path, ifExists, appendsTo } = record;
  const isPinned = seen !== null || appendsTo !== null;
  if (!replaces(ifExists) || isPinned || arrival === undefined) return false;
  return taken === undefined ? wasRemoved(tables, owner, path, arrival) : taken.arrival > arrival;
}

/** Ends an upload whose file counts as replaced already. */
function drop(
  tables: MemoryTables,
  { record, recorded, segments, hash, size }: Sealed,
): Committed {
  if (recorded) tables.dropUpload(tables.ofWriter(record)!);
  tables.discard(segments);
  const now = Date.now();
  const { path, mtimeMs } = record;
  const { version } = parseVersionName(nameOf(path));
  return { path, version, hash, size, mtimeMs: mtimeMs ?? now, storedMs: now, damaged: false };
}

/** The file that an upload with this tag and content became less than an hour ago. */
export function stored(
  tables: MemoryTables,
  owner: string,
  path: VirtualPath,
  tag: string,
  hash: string,
): Committed | undefined {
  if (find(tables, owner, path) === undefined) return undefined;
  const wanted = parseVersionName(nameOf(path));
  const file = childrenOf(tables, directoryAt(tables, owner, parentOf(path))).find((node) =>
    node.type === "file" && node.tag === tag && sameFamily(wanted, parseVersionName(node.name))
  );
  if (file?.type !== "file" || file.hash !== hash) return undefined;
  if (Date.now() - file.storedMs >= MAX_AGE_MS) return undefined;
  return { ...committed(file, childOf(parentOf(path), file.name)), repeated: true };
}

/** Returns the file that an earlier sending of the same upload stored; drops this upload. */
function repeatedBy(
  tables: MemoryTables,
  { record, recorded, key, hash, segments }: Sealed,
): Committed | undefined {
  if (key === undefined) return undefined;
  const found = stored(tables, record.owner, record.path, uploadTag(record, key), hash);
  if (found === undefined) return undefined;
  if (recorded) tables.dropUpload(tables.ofWriter(record)!);
  tables.discard(segments);
  return found;
}

function committed(node: FileNode, path: VirtualPath): Committed {
  const { tag: _, ...record } = recordOf(node)!;
  return { ...record, path, version: parseVersionName(node.name).version };
}

function exists(shownPath: VirtualPath): StoreError {
  return new StoreError("exists", `"${shownPath}" exists already`);
}

/** Whether a name holds the same as before. */
export function isSame(now: Node | undefined, before: Node | undefined): boolean {
  if (now?.id !== before?.id || now?.type !== before?.type) return false;
  return isSameRecord(now && recordOf(now), before && recordOf(before));
}
