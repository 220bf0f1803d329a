/** Files that the catalog knows and the disk has not. */
import { delay } from "@std/async";
import type { DiskCatalog, FileRecord } from "../interfaces/disk_catalog.ts";
import type { LostFile } from "../../contract/engine.ts";
import { isStoreError } from "../../contract/error.ts";
import { isSameRecord } from "../interfaces/intents.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { Store } from "../interfaces/store.ts";

/** Records checked together. */
const PAGE = 1000;
/** Missing files that are checked again together, after one wait. */
const MAX_SUSPECTS = 10_000;
/** Number of files that are checked to see whether an account's files exist. */
const SAMPLE = 10;
/** A rename or removal takes less time than this between the disk and the catalog, ms. */
const SETTLING_MS = 1000;

/**
 * Lists all lost files of an account. A server may be running: files that are being renamed or
 * removed at the moment are skipped.
 */
export async function* lostFiles(
  store: Store,
  catalog: DiskCatalog,
  owner: string,
  settlingMs = SETTLING_MS,
): AsyncGenerator<LostFile> {
  let suspects: [VirtualPath, FileRecord][] = [];
  let after: VirtualPath | undefined;
  do {
    const page = await catalog.knownFiles(owner, after, PAGE);
    after = page.size < PAGE ? undefined : [...page.keys()].at(-1);
    for (const [path, record] of page) {
      if (await insteadOf(store, owner, path) !== "file") suspects.push([path, record]);
    }
    if (suspects.length === 0 || (after !== undefined && suspects.length < MAX_SUSPECTS)) continue;
    await delay(settlingMs);
    for (const [path, record] of suspects) {
      if (!isSameRecord(await catalog.file(owner, path), record)) continue;
      const instead = await insteadOf(store, owner, path);
      if (instead !== "file") yield { path, instead };
    }
    suspects = [];
  } while (after !== undefined);
}

/**
 * Drops the record of a lost file, and frees the quota that it holds.
 *
 * @returns the record; undefined where the file is there again, or is recorded as another one
 */
export async function forgetLost(
  store: Store,
  catalog: DiskCatalog,
  owner: string,
  path: VirtualPath,
): Promise<FileRecord | undefined> {
  const record = await catalog.file(owner, path);
  if (record === undefined || await insteadOf(store, owner, path) === "file") return undefined;
  return await catalog.unnoteFile(owner, path, record) ? record : undefined;
}

/**
 * Finds a lost file if none of an account's first files exists; a quick check for the start.
 *
 * @throws {StoreError} where the account's files cannot be read
 */
export async function lostFile(
  store: Store,
  catalog: DiskCatalog,
  owner: string,
): Promise<VirtualPath | undefined> {
  const isFile = async (path: VirtualPath) => await typeAt(store, owner, path) === "file";
  // One record is enough where the first file is there, as it nearly always is.
  const [first] = (await catalog.knownFiles(owner, undefined, 1)).keys();
  if (first === undefined || await isFile(first)) return undefined;
  for (const path of (await catalog.knownFiles(owner, undefined, SAMPLE)).keys()) {
    if (await isFile(path)) return undefined;
  }
  return first;
}

/** Returns the type of the entry at a path; an unreadable one may be a file. */
async function insteadOf(store: Store, owner: string, path: VirtualPath) {
  try {
    return await typeAt(store, owner, path);
  } catch {
    return "file";
  }
}

/**
 * Returns the type of the entry at a path; undefined: none. @throws {StoreError} where it is
 * unreadable
 */
async function typeAt(store: Store, owner: string, path: VirtualPath) {
  try {
    return (await store.stat(owner, path))?.type;
  } catch (error) {
    if (isStoreError(error, "not-found", "not-directory")) return undefined;
    if (isStoreError(error, "denied")) return "other";
    throw error;
  }
}
