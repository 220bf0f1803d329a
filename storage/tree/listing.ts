/** Listings in pages (docs/protocol.md, "Files and directories"). */
import type { Access } from "../access/access.ts";
import { isStoreError, notFound, StoreError } from "../contract/error.ts";
import { byteLength, childOf, nameOf, SHARED, type VirtualPath } from "../contract/path.ts";
import { type FileInfo, SeenTree } from "./seen_tree.ts";
import type { OtherEntry } from "../contract/entry.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { walkInfos } from "./walk.ts";

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

/** How to go through a directory. */
export interface EntriesOptions {
  /** Leaves out what others share with the account. */
  own?: boolean;
}

/** One page of a listing, sorted by name (code points). */
export interface ListPage {
  path: VirtualPath;
  entries: FileInfo[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
  /** Directories whose entries could not be listed, each with the reason; absent where there are none. */
  leftOut?: LeftOut[];
}

/** Something that a walk through a tree had to leave out. */
export interface LeftOut {
  /** Its name, or path relative to the directory listed. */
  name: string;
  /** One sentence. */
  reason: string;
}

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
const DEFAULT_BUDGET_BYTES = 900 * 1024;
/** Estimated JSON size of an entry without its name. */
const ENTRY_BYTES = 200;
/** Maximum length of a cursor: two paths, quoted, in Base64. */
const MAX_CURSOR_LENGTH = 32 * 1024;

/** Describes the entry at one path. */
export async function describe(core: VaultCore, access: Access, text: string): Promise<FileInfo> {
  const { shown } = await access.sight(text);
  return await describeAt(new SeenTree(core, access), shown);
}

async function describeAt(tree: SeenTree, shown: VirtualPath): Promise<FileInfo> {
  const info = await tree.info(shown, nameOf(shown));
  if (info === undefined) throw notFound(shown);
  return info;
}

/**
 * Checks that a directory exists. It needs no permission: an account that may only write has to
 * change to its directory.
 *
 * @throws {StoreError} `not-found`, `not-directory`
 */
export async function enterDirectory(core: VaultCore, access: Access, text: string): Promise<void> {
  await access.account(); // throws where the session is over
  try {
    const place = await access.place(text, "");
    const entry = await core.tree.stat(place.owner, place.path);
    if (entry === undefined) throw notFound(place.shown);
    if (entry.type === "directory") return;
    throw new StoreError("not-directory", `"${place.shown}" is not a directory`);
  } catch (error) {
    if (!isStoreError(error, "is-directory")) throw error; // it leads to what others share
  }
}

/** One page of a directory, or the one entry of a file. */
export async function list(
  core: VaultCore,
  access: Access,
  text: string,
  options: ListOptions = {},
): Promise<ListPage> {
  const { shown } = await access.sight(text);
  const recursive = options.recursive ?? false;
  const after = readCursor(options.cursor, shown, recursive);
  const tree = new SeenTree(core, access);
  const top = await describeAt(tree, shown);
  if (top.type === "file") return { path: shown, entries: [top] };
  const limit = Math.min(options.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  let budget = options.budgetBytes ?? DEFAULT_BUDGET_BYTES;
  const entries: FileInfo[] = [];
  const leftOut: LeftOut[] = [];
  const passedOver = (name: string, why: StoreError | OtherEntry) => {
    const listed = why instanceof StoreError && why.kind !== "not-found";
    if (!listed) return;
    leftOut.push({ name, reason: why.message });
    budget -= byteLength(JSON.stringify(name)) + ENTRY_BYTES;
  };
  const page = { path: shown, entries };
  const how = { recursive, after, batch: limit + 1, passedOver };
  for await (const infos of walkInfos(tree, shown, how)) {
    for (const info of infos) {
      budget -= byteLength(JSON.stringify(info.name)) + ENTRY_BYTES;
      if (entries.length === limit || (budget < 0 && entries.length > 0)) {
        const cursor = writeCursor(shown, recursive, entries.at(-1)!.name);
        return leftOut.length === 0 ? { ...page, cursor } : { ...page, cursor, leftOut };
      }
      entries.push(info);
    }
  }
  return leftOut.length === 0 ? page : { ...page, leftOut };
}

/**
 * All that is in a directory, in batches, for uses that need no pages: names are sorted once, and
 * no more than one batch of entries is held in memory.
 *
 * @throws {StoreError} `not-directory` for a file; the iteration, once the right to read is gone
 */
export async function entries(
  core: VaultCore,
  access: Access,
  text: string,
  { own = false }: EntriesOptions = {},
): Promise<AsyncIterable<FileInfo[]>> {
  const { shown } = await access.sight(text);
  const tree = new SeenTree(core, access);
  const { type } = await describeAt(tree, shown);
  if (type === "file") throw new StoreError("not-directory", `"${shown}" is a file`);
  return (async function* () {
    for await (const batch of walkInfos(tree, shown, { recursive: false })) {
      await access.require("r");
      // The root of an account's own tree.
      const leaveOut = own && shown === "/" && access.isShared(childOf(shown, SHARED));
      yield leaveOut ? batch.filter(({ name }) => name !== SHARED) : batch;
    }
  })();
}

function writeCursor(path: VirtualPath, recursive: boolean, after: string): string {
  const bytes = new TextEncoder().encode(JSON.stringify([path, recursive, after]));
  return bytes.toBase64();
}

function readCursor(
  cursor: string | undefined,
  path: VirtualPath,
  recursive: boolean,
): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    if (cursor.length > MAX_CURSOR_LENGTH) throw new SyntaxError("The cursor is too long");
    const bytes = Uint8Array.fromBase64(cursor);
    const value = JSON.parse(new TextDecoder().decode(bytes));
    if (value[0] === path && value[1] === recursive && typeof value[2] === "string") {
      return value[2];
    }
  } catch {
    // reported below
  }
  throw new StoreError("bad-request", "The cursor is not one of this listing");
}
