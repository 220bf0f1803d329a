/** Looking at files and directories. */
import type { Access } from "./access.ts";
import { isStoreError, notFound, StoreError } from "./error.ts";
import {
  byteLength,
  childOf,
  compareCodePoints,
  nameOf,
  parentOf,
  type VirtualPath,
} from "./path.ts";
import { hashContent } from "./slices.ts";
import type { VaultCore } from "./vault_core.ts";
import { parseVersionName, sameFamily } from "./version_name.ts";

/** What is told of a file or directory. */
export interface FileInfo {
  /** Name, or path relative to the directory listed. */
  name: string;
  type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  size: number;
  mtimeMs: number;
  /** SHA-256 in hex; null until it is known, and for a directory. */
  hash: string | null;
  /** N of its name; 1 for a plain one; absent for a directory. */
  version?: number;
}

/** How to list. */
export interface ListOptions {
  recursive?: boolean;
  /** Most entries of a page. @default 1000 */
  limit?: number;
  /** Where the page before ended. */
  cursor?: string;
  /** Most bytes that the entries may take as JSON. @default 900 KiB */
  budgetBytes?: number;
}

/** One page of a listing, sorted by name (code points). */
export interface ListPage {
  path: VirtualPath;
  entries: FileInfo[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
const DEFAULT_BUDGET_BYTES = 900 * 1024;
/** What an entry takes as JSON beside its name. */
const ENTRY_BYTES = 200;

/** What is known of one path. */
export async function describe(core: VaultCore, access: Access, text: string): Promise<FileInfo> {
  const place = await access.place(text, "r");
  const info = await infoAt(core, place.owner, place.path, nameOf(place.path));
  if (info === undefined) throw notFound(place.shown);
  return info;
}

/** A file's checksum, computed where it is not known yet. */
export async function checksum(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; size: number; mtimeMs: number; hash: string }> {
  const place = await access.place(text, "r");
  const { record } = await core.know(place.owner, place.path);
  return { path: place.shown, size: record.size, mtimeMs: record.mtimeMs, hash: record.hash };
}

/** One page of a directory, or the one entry of a file. */
export async function list(
  core: VaultCore,
  access: Access,
  text: string,
  options: ListOptions = {},
): Promise<ListPage> {
  const place = await access.place(text, "r");
  const recursive = options.recursive ?? false;
  const after = readCursor(options.cursor, place.shown, recursive);
  const found = await core.look(place.owner, place.path);
  if (found === undefined) throw notFound(place.shown);
  if (found.entry.type === "file") {
    return { path: place.shown, entries: [await describe(core, access, text)] };
  }
  const limit = Math.min(options.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  let budget = options.budgetBytes ?? DEFAULT_BUDGET_BYTES;
  const entries: FileInfo[] = [];
  for await (const name of walk(core, place.owner, place.path, "", after, recursive)) {
    budget -= byteLength(JSON.stringify(name)) + ENTRY_BYTES;
    if (entries.length === limit || (budget < 0 && entries.length > 0)) {
      const cursor = writeCursor(place.shown, recursive, entries.at(-1)!.name);
      return { path: place.shown, entries, cursor };
    }
    const info = await infoAt(core, place.owner, childOf(place.path, name), name);
    if (info !== undefined) entries.push(info);
  }
  return { path: place.shown, entries };
}

/** All versions of a file, oldest first. */
export async function versions(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; version: number; info: FileInfo }[]> {
  const place = await access.place(text, "r");
  const { entry } = await core.lookAtFile(place.owner, place.path);
  const wanted = parseVersionName(entry.name);
  const directory = parentOf(place.path);
  const found = [];
  for (const name of await core.store.names(place.owner, directory)) {
    const parsed = parseVersionName(name);
    if (!sameFamily(parsed, wanted)) continue;
    const info = await infoAt(core, place.owner, childOf(directory, name), name);
    if (info?.type !== "file") continue;
    const hash = (await core.know(place.owner, childOf(directory, name))).record.hash;
    found.push({
      path: childOf(parentOf(place.shown), name),
      version: parsed.version,
      info: { ...info, hash },
    });
  }
  return found.sort((a, b) => a.version - b.version);
}

/** A file whose content does not hash to its record. */
export interface Damage {
  filename: VirtualPath;
  expected: string;
  actual: string;
}

/** Reads every byte again, of a file or of all files below a directory. */
export async function verify(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ files: number; bytes: number; damaged: Damage[] }> {
  const place = await access.place(text, "r");
  const found = await core.look(place.owner, place.path);
  if (found === undefined) throw notFound(place.shown);
  const result = { files: 0, bytes: 0, damaged: [] as Damage[] };
  const names = found.entry.type === "file"
    ? [""]
    : walk(core, place.owner, place.path, "", undefined, true);
  for await (const name of names) {
    await access.stillAllowed(place, "r");
    const path = name === "" ? place.path : childOf(place.path, name);
    const shown = name === "" ? place.shown : childOf(place.shown, name);
    await verifyFile(core, place.owner, path, shown, result).catch((error) => {
      if (!isStoreError(error, "not-found", "is-directory")) throw error;
    });
  }
  return result;
}

async function verifyFile(
  core: VaultCore,
  owner: string,
  path: VirtualPath,
  shown: VirtualPath,
  result: { files: number; bytes: number; damaged: Damage[] },
): Promise<void> {
  const { content, record } = await core.open(owner, path);
  try {
    const { hash, length } = await hashContent(content, content.size);
    result.files++;
    result.bytes += length;
    const damaged = hash !== record.hash;
    if (damaged) result.damaged.push({ filename: shown, expected: record.hash, actual: hash });
    if (damaged !== record.damaged) {
      await core.catalog.noteFile(owner, path, { ...record, damaged });
    }
  } finally {
    content.close();
  }
}

async function infoAt(
  core: VaultCore,
  owner: string,
  path: VirtualPath,
  name: string,
): Promise<FileInfo | undefined> {
  let found;
  try {
    found = await core.look(owner, path);
  } catch (error) {
    if (isStoreError(error, "not-directory") && name !== nameOf(path)) return undefined;
    throw error;
  }
  if (found === undefined) return undefined;
  const { entry, record } = found;
  const info = { name, type: entry.type, size: entry.size, mtimeMs: entry.mtimeMs };
  if (entry.type === "directory") return { ...info, hash: null };
  const { version } = parseVersionName(entry.name);
  return { ...info, hash: record?.hash ?? null, version };
}

/**
 * Names below a directory that come behind `after`, in the order of their code points. With
 * `recursive` relative paths: what is below `a` sorts as `a/…`, so `a.txt` may stand between.
 */
async function* walk(
  core: VaultCore,
  owner: string,
  directory: VirtualPath,
  prefix: string,
  after: string | undefined,
  recursive: boolean,
): AsyncGenerator<string> {
  const entries = await core.store.list(owner, directory, recursive ? undefined : []);
  const keys = recursive
    ? entries.flatMap(({ name, type }) => type === "directory" ? [name, `${name}/`] : [name])
    : await core.store.names(owner, directory);
  keys.sort(compareCodePoints);
  for (const key of keys) {
    const full = prefix + key;
    if (key.endsWith("/")) {
      const begun = after !== undefined && after.startsWith(full);
      if (after !== undefined && !begun && compareCodePoints(full, after) < 0) continue;
      const below = childOf(directory, key.slice(0, -1));
      try {
        yield* walk(core, owner, below, full, after, true);
      } catch (error) {
        if (!isStoreError(error, "not-found", "not-directory")) throw error; // removed meanwhile
      }
    } else if (after === undefined || compareCodePoints(full, after) > 0) {
      yield full;
    }
  }
}

function writeCursor(path: VirtualPath, recursive: boolean, after: string): string {
  const bytes = new TextEncoder().encode(JSON.stringify([path, recursive, after]));
  return btoa(String.fromCharCode(...bytes));
}

function readCursor(
  cursor: string | undefined,
  path: VirtualPath,
  recursive: boolean,
): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(cursor), (character) => character.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes));
    if (value[0] === path && value[1] === recursive && typeof value[2] === "string") {
      return value[2];
    }
  } catch {
    // told below
  }
  throw new StoreError("bad-request", "The cursor is not one of this listing");
}
