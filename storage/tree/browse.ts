/** Directories as people look through them: sorted, filtered, in pages forth and back. */
import { BoundedMap } from "../../common/bounded_map.ts";
import type { Access } from "../access/access.ts";
import { StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import { filterInSlices, firstInNaturalOrder, inNaturalOrder } from "../common/natural_order.ts";
import { type FileInfo, SeenTree } from "./seen_tree.ts";
import { sortInSlices } from "../common/sliced_sort.ts";
import { Pace } from "../common/slices.ts";
import { type Children, namesIn } from "../contract/entry.ts";
import type { Tree } from "../contract/tree.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Sort orders of a listing. Directories come first in each. */
export const SORTS = ["name", "size", "time"] as const;
/** Sort order of a listing. */
export type Sort = (typeof SORTS)[number];

/** Options of a page of a directory. */
export interface BrowseOptions {
  /** @default "name" */
  sort?: Sort;
  descending?: boolean;
  /** Only names that contain this text, case-insensitive. */
  filter?: string;
  /** Most entries of a page. */
  limit: number;
  /** Where to go on: `next` or `previous` of another page of the same look. */
  cursor?: string;
}

/** One page. */
export interface BrowsePage {
  path: VirtualPath;
  entries: FileInfo[];
  /** Entries that match, on all pages. */
  total: number;
  /** Number of entries before this page. */
  before: number;
  /** Cursors of the pages behind and before this one, where there are such. */
  next?: string;
  previous?: string;
}

/** Entries looked up together. */
const SLICE = 500;
/** Names in one page. */
const PAGE_NAMES = 10_000;
/** Directories with fewer names are not remembered. */
const LARGE_NAMES = 500;
/** Maximum of names that are remembered, of all directories but the one that was read last. */
const MAX_KNOWN_NAMES = 300_000;
/** How long an unused order is cached, ms: people turn pages. */
const KNOWN_MS = 120_000;
/** How long an order by size or time is valid, ms: both change without a trace in the directory. */
const ORDER_MS = 10_000;

/**
 * One page of a directory.
 *
 * @throws {StoreError} `not-directory`; `bad-request` for a cursor that is none
 */
export async function browse(
  core: VaultCore,
  access: Access,
  text: string,
  options: BrowseOptions,
): Promise<BrowsePage> {
  const { shown } = await access.sight(text);
  const tree = new SeenTree(core, access);
  const { sort = "name", descending = false, filter = "", limit } = options;
  const plain = sort === "name" && !descending && filter === "" && options.cursor === undefined;
  const { names, total } = plain
    ? await firstNames(tree, shown, limit)
    : await matching(await orderOf(tree, shown, sort), filter, descending);
  const start = startOf(names, options.cursor);
  const entries = await tree.infos(shown, names.slice(start, start + limit));
  const page: BrowsePage = { path: shown, entries, total, before: start };
  const end = start + limit;
  if (end < total) page.next = cursorAt(names, end);
  if (start > 0) page.previous = cursorAt(names, Math.max(0, start - limit));
  return page;
}

/** Names in order: directories, then files. */
interface Order {
  directories: readonly string[];
  files: readonly string[];
}

/** Names that match, in order: all of them, or as many as a page needs. */
interface Matching {
  names: readonly string[];
  /** Number of matches. */
  total: number;
}

/** All names of a directory, and what was put in order of them. */
interface Known {
  readonly children: Children;
  readonly orders: Map<Sort, { order: Order; untilMs: number }>;
  beginning?: { limit: number; matching: Matching };
}

/** Names of large directories as they were read, by the directory's version; of each tree apart. */
const known = new WeakMap<Tree, BoundedMap<string, Known>>();

function knownIn(tree: Tree): BoundedMap<string, Known> {
  const found = known.get(tree) ?? new BoundedMap<string, Known>({
    max: MAX_KNOWN_NAMES,
    weigh: ({ children }) => namesIn(children).length,
    maxAgeMs: KNOWN_MS,
    renewedByGet: true,
  });
  known.set(tree, found);
  return found;
}

/** All names of a directory. */
async function readAll(tree: SeenTree, shown: VirtualPath): Promise<Known> {
  const versions = knownIn(tree.core.tree);
  const query = { limit: PAGE_NAMES, anyOrder: true };
  let page = await tree.names(shown, query);
  const { version } = page;
  const found = version === undefined ? undefined : versions.get(version);
  if (found !== undefined) return found;
  let { directories, files } = page;
  while (page.more) {
    page = await tree.names(shown, { ...query, after: page });
    directories = directories.concat(page.directories);
    files = files.concat(page.files);
  }
  const all: Known = { children: { directories, files }, orders: new Map() };
  // For a small directory, reading again costs no more than the cache.
  const isLarge = directories.length + files.length >= LARGE_NAMES;
  if (isLarge && version !== undefined && page.version === version) versions.set(version, all);
  return all;
}

/** The names of the first page and the one behind it, without putting all others in order. */
async function firstNames(tree: SeenTree, shown: VirtualPath, limit: number): Promise<Matching> {
  const all = await readAll(tree, shown);
  if (all.beginning?.limit === limit) return all.beginning.matching;
  const { directories, files } = all.children;
  const pace = new Pace();
  const names = (await inNaturalOrder(directories, pace))
    .concat(await firstInNaturalOrder(files, limit + 1, pace));
  const matching = { names, total: directories.length + files.length };
  all.beginning = { limit, matching };
  return matching;
}

async function orderOf(tree: SeenTree, shown: VirtualPath, sort: Sort): Promise<Order> {
  const { children, orders: known } = await readAll(tree, shown);
  const found = known.get(sort);
  if (found !== undefined && found.untilMs > performance.now()) return found.order;
  const pace = new Pace();
  const order = {
    directories: await inNaturalOrder(children.directories, pace),
    files: await inNaturalOrder(children.files, pace),
  };
  if (sort !== "name") {
    for (const part of ["directories", "files"] as const) {
      const member = sort === "size" ? "size" : "mtimeMs";
      order[part] = await inOrderOf(tree, shown, order[part], member, pace);
    }
  }
  const untilMs = sort === "name" ? Infinity : performance.now() + ORDER_MS;
  known.set(sort, { order, untilMs });
  return order;
}

async function inOrderOf(
  tree: SeenTree,
  shown: VirtualPath,
  names: readonly string[],
  member: "size" | "mtimeMs",
  pace: Pace,
): Promise<string[]> {
  const values = new Map<string, number>();
  for (let start = 0; start < names.length; start += SLICE) {
    for (const entry of await tree.entries(shown, names.slice(start, start + SLICE))) {
      values.set(entry.name, entry[member]);
    }
    await pace.turn();
  }
  const value = (name: string) => values.get(name) ?? 0;
  // Stable: the name decides among equals.
  return await sortInSlices(names, pace, (a, b) => value(a) - value(b));
}

async function matching(
  { directories, files }: Order,
  filter: string,
  descending: boolean,
): Promise<Matching> {
  const wanted = filter.normalize("NFC").toLowerCase();
  const pace = new Pace();
  const all: string[] = [];
  for (const part of [directories, files]) {
    const found = wanted === ""
      ? part
      : await filterInSlices(part, pace, (name) => name.toLowerCase().includes(wanted));
    const inOrder = descending ? found.toReversed() : found;
    for (const name of inOrder) all.push(name);
  }
  return { names: all, total: all.length };
}

/** A cursor names the first entry of its page, and where that was if it is gone by then. */
function cursorAt(names: readonly string[], index: number): string {
  const bytes = new TextEncoder().encode(JSON.stringify([index, names[index]]));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function startOf(names: readonly string[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const [index, name] = JSON.parse(new TextDecoder().decode(bytes));
    if (Number.isSafeInteger(index) && index >= 0 && typeof name === "string") {
      if (names[index] === name) return index;
      const now = names.indexOf(name);
      return now >= 0 ? now : Math.min(index, Math.max(0, names.length - 1));
    }
  } catch {
    // reported below
  }
  throw new StoreError("bad-request", "The cursor is not one of this listing");
}
