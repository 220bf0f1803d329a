import { BoundedMap } from "../../../common/bounded_map.ts";
import type { Children } from "../../contract/entry.ts";
import type { OddEntry } from "./disk_names.ts";
import { readEntries, readEntriesAsync } from "./entries.ts";

/**
 * A directory whose own size is above this is read asynchronously, in batches: twice the time of a
 * synchronous read, which blocks for 0.1 s at 100,000 names. File systems count differently: ext4
 * stores some 900 names in 32 KiB, ZFS counts one name as one byte.
 */
export const LARGE_BYTES = 32 * 1024;
/** Directories of fewer entries are read again as quickly. */
const MIN_ENTRIES = 500;
/** Maximum of cached entries, of all directories but the last one requested. */
const MAX_ENTRIES = 300_000;
/** Maximum age of an unused cache entry, ms: people turn pages. */
const KEPT_MS = 120_000;
/**
 * A directory changed this recently may change again within the same second, which is the
 * resolution of some times.
 */
const SETTLED_MS = 2100;

/** The entries of a directory, by kind. */
interface Read {
  children: Children;
  /** The entries that are shown by another name than their own, by the shown name. */
  odd: ReadonlyMap<string, OddEntry>;
}

interface Known extends Read {
  stamp: string;
  count: number;
}

/**
 * Reads directories, and caches the entries of large ones while they are unchanged: reading 100,000
 * names takes an eighth of a second, and a listing in pages needs them for each page.
 */
export class Directories {
  /** By place. */
  readonly #known = new BoundedMap<string, Known>({
    max: MAX_ENTRIES,
    weigh: ({ count }) => count,
    renewedByGet: true,
    maxAgeMs: KEPT_MS,
  });
  /** Running reads, by place and stamp: concurrent callers share one. */
  readonly #reading = new Map<string, Promise<Read>>();

  /**
   * Returns the entries of the directory at a place, unsorted; the same `children` object while
   * nothing has changed.
   *
   * @param info of the directory, read just now
   * @param atRoot whether it is the root of an account's tree
   */
  read(place: string, info: Deno.FileInfo, atRoot: boolean): Read | Promise<Read> {
    // Not the modification time, which users can set back.
    const changedMs = info.ctime?.getTime() ?? Infinity;
    const stamp = `${info.dev} ${info.ino} ${changedMs}`;
    const known = this.#known.get(place);
    if (known?.stamp === stamp) return known;
    this.#known.delete(place);
    const settled = Date.now() - changedMs > SETTLED_MS;
    const keep = (read: Read) => {
      const count = read.children.directories.length + read.children.files.length;
      if (!settled || count < MIN_ENTRIES) return read;
      const known = { stamp, ...read, count };
      this.#known.set(place, known);
      return known;
    };
    if (info.size <= LARGE_BYTES) return keep(readNow(place, atRoot));
    const key = `${stamp} ${place}`;
    const reading = this.#reading.get(key) ?? readAsync(place, atRoot).then(keep);
    if (settled && !this.#reading.has(key)) {
      this.#reading.set(key, reading);
      const over = () => void this.#reading.delete(key);
      reading.then(over, over);
    }
    return reading;
  }
}

function readNow(place: string, atRoot: boolean): Read {
  const odd = new Map<string, OddEntry>();
  return { children: readEntries(place, atRoot, odd), odd };
}

async function readAsync(place: string, atRoot: boolean): Promise<Read> {
  const odd = new Map<string, OddEntry>();
  return { children: await readEntriesAsync(place, atRoot, odd), odd };
}
