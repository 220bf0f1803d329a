/** Walks through directories in the order of listings, in batches and in slices of time. */
import { FAILURES, isStoreError, type StoreError } from "../contract/error.ts";
import { childOf, compareCodePoints, SHARED, type VirtualPath } from "../contract/path.ts";
import type { FileInfo, SeenTree } from "./seen_tree.ts";
import { Pace } from "../common/slices.ts";
import { sortByCodePoints } from "../common/sliced_sort.ts";
import { type Children, namesIn, type OtherEntry } from "../contract/entry.ts";

/** Names looked up together: about 5 ms of work. */
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
  const size = Math.min(options.batch ?? BATCH_NAMES, BATCH_NAMES);
  const children = await tree.children(directory);
  if (recursive) {
    for (const other of children.others ?? []) passedOver?.(prefix + other.name, other);
  }
  const keys = await inOrder(children, recursive, pace);
  const from = after?.slice(prefix.length); // a walk goes only into what `after` begins with
  if (recursive && from?.includes("/")) {
    const begun = from.slice(0, from.indexOf("/") + 1);
    if (keys[placeBehind(keys, begun) - 1] === begun) {
      yield* walkInto(tree, directory, begun.slice(0, -1), options, pace, prefix);
    }
  }
  let names: string[] = [];
  for (let i = placeBehind(keys, from); i < keys.length; i++) {
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
  if (names.length > 0) yield { directory, prefix, names };
}

async function* walkInto(
  tree: SeenTree,
  directory: VirtualPath,
  name: string,
  options: WalkOptions,
  pace: Pace,
  prefix: string,
): AsyncGenerator<Batch> {
  // What others share is no part of the account's own tree: a walk does not go on into it.
  if (directory === "/" && name === SHARED) return;
  try {
    yield* walk(tree, childOf(directory, name), options, pace, `${prefix}${name}/`);
  } catch (error) {
    if (!isStoreError(error, ...PASSED_OVER)) throw error;
    options.passedOver?.(prefix + name, error);
  }
}

/** What is known of the names that a walk finds; names are relative to where it began. */
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

/** What was sorted for an earlier page of the same listing, without and with directories' slashes. */
const sorted = [false, true].map(() => new WeakMap<Children, Promise<readonly string[]>>());

/** Names in their order; where the walk descends, each directory's also with a slash behind it. */
async function inOrder(
  children: Children,
  descending: boolean,
  pace: Pace,
): Promise<readonly string[]> {
  const known = sorted[Number(descending)]!;
  let keys = known.get(children);
  if (keys === undefined) {
    const below = descending ? children.directories.map((name) => `${name}/`) : [];
    keys = sortByCodePoints(namesIn(children).concat(below), pace);
    known.set(children, keys); // also for those who ask before it is done
  }
  return await keys;
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
