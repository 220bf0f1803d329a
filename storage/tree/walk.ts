/** Walks through directories in the order of listings, in batches and in slices of time. */
import { FAILURES, isStoreError, type StoreError } from "../contract/error.ts";
import { childOf, compareCodePoints, SHARED, type VirtualPath } from "../contract/path.ts";
import type { FileInfo, SeenTree } from "./seen_tree.ts";
import { Pace } from "../common/slices.ts";
import { sortByCodePoints } from "../common/sliced_sort.ts";
import type { OtherEntry } from "../contract/entry.ts";
import type { NamesPage } from "../contract/tree.ts";
import { lastOf, placeBehind } from "../common/name_pages.ts";

/** Maximum of names in one page. */
const PAGE_NAMES = 1000;
/** Names read together: about 5 ms of work. */
const BATCH_NAMES = 250;

/** How to walk. */
export interface WalkOptions {
  /** Goes into directories below, too. */
  recursive: boolean;
  /** Only what comes behind this name. */
  after?: string | undefined;
  /** Maximum of names in a batch. */
  batch?: number;
  /** Called for what a walk into directories passes over: the name, and why or what it is. */
  passedOver?: (name: string, why: StoreError | OtherEntry) => void;
}

/**
 * Errors of directories that a walk passes over: removed meanwhile, reached by no path, or not to be
 * read by the server. Each of them was listed itself.
 */
export const PASSED_OVER = [
  "not-found",
  "not-directory",
  "bad-name",
  "denied",
  ...FAILURES,
] as const;

/** Some names of one directory, in order. */
export interface Batch {
  readonly directory: VirtualPath;
  /** Path of the directory relative to where the walk began, with a slash behind it, or empty. */
  readonly prefix: string;
  readonly names: readonly string[];
}

/**
 * Names below a directory, in the order of their code points. With `recursive` the order is that of
 * relative paths: what is below `a` sorts as `a/…`, so `a.txt` may come between `a` and `a/b`.
 */
export async function* walk(
  tree: SeenTree,
  directory: VirtualPath,
  options: WalkOptions,
  pace: Pace = new Pace(),
  prefix = "",
): AsyncGenerator<Batch> {
  const { recursive, after, passedOver } = options;
  const limit = Math.min(options.batch ?? PAGE_NAMES, PAGE_NAMES);
  const size = Math.min(limit, BATCH_NAMES);
  const from = after?.slice(prefix.length); // a walk goes only into what `after` begins with
  // Directories that were listed and are still to be gone into, each with a slash.
  let pending: readonly string[] = [];
  if (recursive && from !== undefined) {
    const name = from.split("/", 1)[0]!;
    const isBegun = name !== from;
    if (isBegun && await isDirectory(tree, directory, name)) {
      yield* walkInto(tree, directory, name, options, pace, prefix);
    }
    pending = await passedDirectories(tree, directory, isBegun ? name : `${name}!`);
  }
  let names: string[] = [];
  let page: NamesPage | undefined;
  do {
    page = await tree.names(directory, { after: page ?? from, limit });
    if (recursive) {
      for (const other of page.others ?? []) passedOver?.(prefix + other.name, other);
    }
    const keys = await inOrder(page, recursive, pending, pace);
    const last = page.more ? lastOf(page) ?? "" : undefined;
    const end = last === undefined ? keys.length : placeBehind(keys, last);
    pending = keys.slice(end);
    for (let i = 0; i < end; i++) {
      const key = keys[i]!;
      const below = key.endsWith("/");
      if (!below) names.push(key);
      if (names.length > 0 && (below || names.length === size)) {
        yield { directory, prefix, names };
        names = [];
        await pace.turn();
      }
      if (below) {
        const name = key.slice(0, -1);
        yield* walkInto(tree, directory, name, { ...options, after: undefined }, pace, prefix);
      }
    }
  } while (page.more);
  if (names.length > 0) yield { directory, prefix, names };
}

/**
 * Directories that come before a name and whose entries come behind it, as those of `a` come behind
 * `a.txt`; each with a slash, in order. ("!" is before "/", so `a!` asks for `a` too.)
 */
async function passedDirectories(
  tree: SeenTree,
  directory: VirtualPath,
  name: string,
): Promise<string[]> {
  const found: string[] = [];
  for (let length = name.length - 1; length > 0; length--) {
    if (name[length]! >= "/") continue;
    const begun = name.slice(0, length);
    if (await isDirectory(tree, directory, begun)) found.push(`${begun}/`);
  }
  return found.sort(compareCodePoints);
}

async function isDirectory(
  tree: SeenTree,
  directory: VirtualPath,
  name: string,
): Promise<boolean> {
  try {
    return (await tree.info(childOf(directory, name), name))?.type === "directory";
  } catch (error) {
    if (isStoreError(error, ...PASSED_OVER)) return false;
    throw error;
  }
}

async function* walkInto(
  tree: SeenTree,
  directory: VirtualPath,
  name: string,
  options: WalkOptions,
  pace: Pace,
  prefix: string,
): AsyncGenerator<Batch> {
  // Shares of others are not part of the account's own tree.
  const path = childOf(directory, name);
  if (directory === "/" && name === SHARED && tree.access.isShared(path)) return;
  try {
    yield* walk(tree, path, options, pace, `${prefix}${name}/`);
  } catch (error) {
    if (!isStoreError(error, ...PASSED_OVER)) throw error;
    options.passedOver?.(prefix + name, error);
  }
}

/** Describes the names that a walk finds; names are relative to its start. */
export async function* walkInfos(
  tree: SeenTree,
  directory: VirtualPath,
  options: WalkOptions,
): AsyncGenerator<FileInfo[]> {
  const pace = new Pace();
  for await (const batch of walk(tree, directory, options, pace)) {
    const infos = await tree.infos(batch.directory, batch.names);
    if (batch.prefix !== "") { for (const info of infos) info.name = batch.prefix + info.name; }
    yield infos;
    await pace.turn();
  }
}

/** Names of a page in order; where the walk descends, each directory's also with a slash behind it. */
async function inOrder(
  { directories, files }: NamesPage,
  descending: boolean,
  pending: readonly string[],
  pace: Pace,
): Promise<readonly string[]> {
  if (!descending && directories.length === 0) return files;
  const below = descending ? directories.map((name) => `${name}/`) : [];
  return await sortByCodePoints([...pending, ...directories, ...files, ...below], pace);
}
