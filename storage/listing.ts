/** Listings in pages (docs/protocol.md, "Files and directories"). */
import type { Access } from "./access.ts";
import { isStoreError, notFound, StoreError } from "./error.ts";
import {
  byteLength,
  childOf,
  compareCodePoints,
  nameOf,
  SHARED,
  sortByCodePoints,
  type VirtualPath,
} from "./path.ts";
import { type FileInfo, SeenTree } from "./seen_tree.ts";
import { Pace } from "./slices.ts";
import { type Children, namesIn, type OtherEntry } from "./store.ts";
import type { VaultCore } from "./vault_core.ts";

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
/** What an entry takes as JSON beside its name. */
const ENTRY_BYTES = 200;

/** What is known of one path. */
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
 * Checks that there is a directory. It needs no letter: who may only write goes to where he writes.
 *
 * @throws {StoreError} `not-found`, `not-directory`
 */
export async function enterDirectory(core: VaultCore, access: Access, text: string): Promise<void> {
  await access.account(); // tells where the session is over
  try {
    const place = await access.place(text, "");
    const entry = await core.store.stat(place.owner, place.path);
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
  const pace = new Pace();
  for await (const name of walk(tree, shown, recursive, after, "", passedOver)) {
    budget -= byteLength(JSON.stringify(name)) + ENTRY_BYTES;
    if (entries.length === limit || (budget < 0 && entries.length > 0)) {
      const cursor = writeCursor(shown, recursive, entries.at(-1)!.name);
      return leftOut.length === 0 ? { ...page, cursor } : { ...page, cursor, leftOut };
    }
    const info = await tree.info(childOf(shown, name), name);
    if (info !== undefined) entries.push(info);
    const turn = pace.turn();
    if (turn !== undefined) await turn;
  }
  return leftOut.length === 0 ? page : { ...page, leftOut };
}

/**
 * What a walk passes over: a directory that was removed meanwhile, one that no path reaches, one that
 * the server may not or cannot read. Each of them was listed itself.
 */
const PASSED_OVER = ["not-found", "not-directory", "bad-name", "denied", "io"] as const;

/**
 * Names below a directory that come behind `after`, in the order of their code points. With
 * `recursive` relative paths: what is below `a` sorts as `a/…`, so `a.txt` may stand between.
 */
export async function* walk(
  tree: SeenTree,
  directory: VirtualPath,
  recursive: boolean,
  after?: string,
  prefix = "",
  passedOver?: (name: string, why: StoreError | OtherEntry) => void,
): AsyncGenerator<string> {
  const children = await tree.children(directory);
  if (!recursive) {
    const names = inOrder(children, false);
    for (let i = placeBehind(names, after); i < names.length; i++) yield names[i]!;
    return;
  }
  if (passedOver !== undefined) {
    for (const other of children.others ?? []) passedOver(prefix + other.name, other);
  }
  for (const key of inOrder(children, true)) {
    // What others share is no part of the account's own tree: a walk does not go on into it.
    if (directory === "/" && key === `${SHARED}/`) continue;
    const full = prefix + key;
    if (key.endsWith("/")) {
      const begun = after !== undefined && after.startsWith(full);
      if (after !== undefined && !begun && compareCodePoints(full, after) < 0) continue;
      const below = childOf(directory, key.slice(0, -1));
      try {
        yield* walk(tree, below, true, after, full, passedOver);
      } catch (error) {
        if (!isStoreError(error, ...PASSED_OVER)) throw error;
        passedOver?.(full.slice(0, -1), error);
      }
    } else if (after === undefined || compareCodePoints(full, after) > 0) {
      yield full;
    }
  }
}

/** What was sorted for an earlier page of the same listing, with and without `descending`. */
const sorted = [false, true].map(() => new WeakMap<Children, readonly string[]>());

/** Names in their order; where the walk descends, each directory's also with a slash behind it. */
function inOrder(children: Children, descending: boolean): readonly string[] {
  const known = sorted[Number(descending)]!;
  let keys = known.get(children);
  if (keys === undefined) {
    const below = descending ? children.directories.map((name) => `${name}/`) : [];
    keys = sortByCodePoints(namesIn(children).concat(below));
    known.set(children, keys);
  }
  return keys;
}

/** Index of the first name behind `after`. */
function placeBehind(names: readonly string[], after: string | undefined): number {
  if (after === undefined) return 0;
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(names[middle]!, after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
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
