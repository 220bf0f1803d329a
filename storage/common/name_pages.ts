/** Pages of a directory's names, where all of them are known to the process. */
import type { Children, OtherEntry } from "../contract/entry.ts";
import { compareCodePoints } from "../contract/path.ts";
import type { NamesPage, NamesQuery } from "../contract/tree.ts";
import { sortByCodePoints } from "./sliced_sort.ts";
import { Pace } from "./slices.ts";

/** Names compared before the work yields. */
const STEP_NAMES = 4096;

/** The first pages of more names than this are found without putting all of them in order. */
const LARGE_NAMES = 20_000;
/** Number of these pages: a listing looks whether there are more. */
const FIRST_PAGES = 2;

/** Names of one kind each, in the order in which pages have them. */
interface Names {
  readonly directories: readonly string[];
  readonly files: readonly string[];
  readonly others: readonly OtherEntry[];
}

/** Start of a page in each kind: directories, files. */
interface Place {
  readonly directory: number;
  readonly file: number;
  readonly other: number;
}

/** Names behind a page. */
interface Rest {
  readonly names: Names;
  readonly place: Place;
  readonly ordered: boolean;
  /** Set: how many names are in order, of more than these. */
  readonly first?: number;
  readonly version: string;
}

const BEGINNING: Place = { directory: 0, file: 0, other: 0 };

/** Cuts names into pages. A page remembers what comes behind it, so nothing is read for the next one. */
export class NamePages {
  readonly #id = crypto.randomUUID();
  #versions = 0;
  readonly #versionOf = new WeakMap<Children, string>();
  /** Sorted names of directories, kept for the pages that follow. */
  readonly #sorted = new WeakMap<Children, Promise<Names>>();
  readonly #rests = new WeakMap<NamesPage, Rest>();

  /** @param read all names of the directory; not called for what is behind a page of this object */
  async page(read: () => Promise<Children>, query: NamesQuery): Promise<NamesPage> {
    const { after, limit } = query;
    const known = typeof after === "object" ? this.#rests.get(after) : undefined;
    const rest = known ?? await this.#begin(await read(), query);
    const { page, place } = cut(rest, limit);
    // The next page needs all names in order.
    const isOver = rest.first !== undefined && place.directory + place.file + limit > rest.first;
    if (isOver) return page;
    this.#rests.set(page, { ...rest, place });
    return page;
  }

  async #begin(children: Children, { after, prefix, anyOrder, limit }: NamesQuery): Promise<Rest> {
    const version = this.#versionOf.get(children) ?? `${this.#id} ${this.#versions++}`;
    this.#versionOf.set(children, version);
    if (anyOrder && prefix === undefined) {
      const names = { others: [], ...children };
      return { names, place: BEGINNING, ordered: false, version };
    }
    const isFirst = after === undefined && prefix === undefined && !this.#sorted.has(children);
    if (
      isFirst &&
      children.directories.length + children.files.length >
        Math.max(LARGE_NAMES, FIRST_PAGES * limit)
    ) {
      const first = FIRST_PAGES * limit;
      const names = await firstOf(children, first);
      return { names, place: BEGINNING, ordered: true, first, version };
    }
    const names = prefix === undefined
      ? await this.#inOrder(children)
      : await sorted(await beginningWith(prefix, children));
    const behind = typeof after === "object" ? lastOf(after) : after;
    const place = behind === undefined ? BEGINNING : {
      directory: placeBehind(names.directories, behind),
      file: placeBehind(names.files, behind),
      other: placeBehind(names.others.map(({ name }) => name), behind),
    };
    return { names, place, ordered: true, version };
  }

  /** Also those who ask before it is done share the work. */
  #inOrder(children: Children): Promise<Names> {
    const known = this.#sorted.get(children) ?? sorted(children);
    this.#sorted.set(children, known);
    return known;
  }
}

/** The last name of a page in order; undefined where it has none. */
export function lastOf({ directories, files }: Children): string | undefined {
  const [one, other] = [directories.at(-1), files.at(-1)];
  if (one === undefined || other === undefined) return one ?? other;
  return compareCodePoints(one, other) > 0 ? one : other;
}

/** Index of the first name behind `after`. */
export function placeBehind(names: readonly string[], after: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCodePoints(names[middle]!, after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function sorted({ directories, files, others = [] }: Children): Promise<Names> {
  const pace = new Pace();
  return {
    directories: await sortByCodePoints(directories, pace),
    files: await sortByCodePoints(files, pace),
    others: others.toSorted((a, b) => compareCodePoints(a.name, b.name)),
  };
}

/** The first `count` names of each kind, in order. */
async function firstOf(
  { directories, files, others = [] }: Children,
  count: number,
): Promise<Names> {
  const pace = new Pace();
  return {
    directories: await smallest(directories, count, pace),
    files: await smallest(files, count, pace),
    others: others.toSorted((a, b) => compareCodePoints(a.name, b.name)),
  };
}

/** Keeps the first names seen so far, and compares all others with the last of them. */
async function smallest(names: readonly string[], count: number, pace: Pace): Promise<string[]> {
  let first: string[] = [];
  let last: string | undefined;
  const shorten = () => {
    first = first.sort(compareCodePoints).slice(0, count);
    if (first.length === count) last = first.at(-1);
  };
  for (let i = 0; i < names.length; i++) {
    if (i % STEP_NAMES === 0) await pace.turn();
    const name = names[i]!;
    if (last !== undefined && compareCodePoints(name, last) >= 0) continue;
    first.push(name);
    if (first.length >= 2 * count) shorten();
  }
  shorten();
  return first;
}

async function beginningWith(prefix: string, children: Children): Promise<Children> {
  const pace = new Pace();
  const some = async (names: readonly string[]) => {
    const found: string[] = [];
    for (const [index, name] of names.entries()) {
      if (index % STEP_NAMES === STEP_NAMES - 1) await pace.turn();
      if (name.startsWith(prefix)) found.push(name);
    }
    return found;
  };
  return {
    directories: await some(children.directories),
    files: await some(children.files),
    others: (children.others ?? []).filter(({ name }) => name.startsWith(prefix)),
  };
}

function cut({ names, place, ordered, first, version }: Rest, limit: number) {
  const { directories, files, others } = names;
  let { directory, file, other } = place;
  let left = limit;
  if (ordered) {
    for (; left > 0 && directory < directories.length && file < files.length; left--) {
      if (compareCodePoints(directories[directory]!, files[file]!) < 0) directory++;
      else file++;
    }
  }
  const nextDirectory = Math.min(directories.length, directory + left);
  left -= nextDirectory - directory;
  const nextFile = Math.min(files.length, file + left);
  const more = first !== undefined || nextDirectory < directories.length || nextFile < files.length;
  const page = {
    directories: directories.slice(place.directory, nextDirectory),
    files: files.slice(place.file, nextFile),
    more,
    version,
  };
  const last = ordered && more ? lastOf(page) : undefined;
  while (other < others.length) {
    if (last !== undefined && compareCodePoints(others[other]!.name, last) > 0) break;
    other++;
  }
  return {
    page: { ...page, others: others.slice(place.other, other) } satisfies NamesPage,
    place: { directory: nextDirectory, file: nextFile, other },
  };
}
