/** Syncs to stable storage: blocking ones where they cost next to nothing, else in the background. */
import { BoundedMap } from "../../../common/bounded_map.ts";
import { isDiskFull } from "../../../common/os_error.ts";
import { isMountOwner } from "../../contract/mount.ts";
import type { Layout } from "./layout.ts";
import { toStoreError } from "./os_error.ts";

/** A blocking sync up to this time delays no one noticeably, and is cheaper than another thread. */
const QUICK_MS = 0.1;
const PROBES = 9;
/** Only what is this small is synced in blocking calls: the rest may take long anywhere. */
export const QUICK_BYTES = 1024 * 1024;

/**
 * Finds out what a sync of a small file costs in a directory: next to nothing on tmpfs and on
 * drives with a protected cache, up to tens of milliseconds on a disk.
 *
 * @returns whether small files are best synced with blocking calls
 */
function syncsAreQuick(directory: string): boolean {
  const place = `${directory}/.sync-probe-${crypto.randomUUID()}`;
  try {
    using file = Deno.openSync(place, { createNew: true, write: true, mode: 0o600 });
    const times: number[] = [];
    for (let i = 0; i < PROBES; i++) {
      file.writeSync(new Uint8Array(4096));
      const begun = performance.now();
      file.syncSync();
      times.push(performance.now() - begun);
    }
    // The median: the first call, and calls during which other programs had the processor, are
    // outliers.
    return times.sort((a, b) => a - b)[PROBES >> 1]! < QUICK_MS;
  } catch (error) {
    if (isDiskFull(error)) return false; // nothing was found out: in the background is never wrong
    throw error;
  } finally {
    removeQuietly(place);
  }
}

function removeQuietly(place: string): void {
  try {
    Deno.removeSync(place);
  } catch {
    // On a full disk it was not made.
  }
}

/** Makes the names in a directory durable. */
export async function syncDirectoryAt(place: string, shown: string): Promise<void> {
  try {
    using directory = Deno.openSync(place, { read: true });
    await directory.sync();
  } catch (error) {
    throw toStoreError(error, shown);
  }
}

/** `no`: nothing is synced; `quick`: with blocking calls; `background`: with asynchronous ones. */
export type Syncing = "no" | "quick" | "background";

/**
 * How files and names of each tree are synced. It is found out with the first write: reading alone
 * tries nothing out on the disk. Of the disks of mounts nothing is known.
 */
export function howToSync(root: string, durable: boolean): (account: string) => Syncing {
  let own: Syncing | undefined;
  return (account) => {
    if (!durable) return "no";
    if (isMountOwner(account)) return "background";
    return own ??= syncsAreQuick(root) ? "quick" : "background";
  };
}

/**
 * Makes names in the accounts' directories durable. The directories that lead to an account are
 * synced once in a process, before the first names in it are: a start has nothing to sync then,
 * however many accounts there are.
 */
export class DirectorySyncs {
  readonly #quick = new QuickSyncs();
  /** Accounts whose own directories are durable. */
  readonly #accounts = new Set<string>();

  constructor(readonly layout: Layout, readonly syncing: (account: string) => Syncing) {}

  /** Makes the names in a directory of an account durable. */
  sync(account: string, place: string, shown: string): void | Promise<void> {
    const syncing = this.syncing(account);
    if (syncing === "no") return;
    if (this.#accounts.has(account)) return this.#sync(syncing, place, shown);
    const synced = this.#syncAll(syncing, [place, ...this.layout.wayTo(account)], shown);
    const note = () => void this.#accounts.add(account);
    return synced === undefined ? note() : synced.then(note);
  }

  #syncAll(syncing: Syncing, places: string[], shown: string): void | Promise<void> {
    if (syncing === "quick") {
      return places.forEach((place) => this.#quick.sync(place, shown));
    }
    return Promise.all(places.map((place) => syncDirectoryAt(place, shown))).then(() => {});
  }

  #sync(syncing: Syncing, place: string, shown: string): void | Promise<void> {
    return syncing === "quick" ? this.#quick.sync(place, shown) : syncDirectoryAt(place, shown);
  }
}

/** Directories that are kept open, to be synced again. */
const MAX_OPEN = 64;

/**
 * Syncs directories in blocking calls, and keeps the latest ones open: opening one takes longer
 * than the sync, as every directory on the way is checked.
 */
class QuickSyncs {
  /** By place. */
  readonly #open = new BoundedMap<string, { file: Deno.FsFile; info: Deno.FileInfo }>({
    max: MAX_OPEN,
    renewedByGet: true,
    onRemove: ({ file }) => file.close(),
  });

  /** Makes the names in a directory durable. */
  sync(place: string, shown: string): void {
    try {
      this.#directory(place).syncSync();
    } catch (error) {
      this.#open.delete(place);
      throw toStoreError(error, shown);
    }
  }

  #directory(place: string): Deno.FsFile {
    const known = this.#open.get(place);
    if (known !== undefined) {
      // An open directory's number is not reused: the same number is the same directory.
      const { ino, dev } = Deno.lstatSync(place);
      if (ino === known.info.ino && dev === known.info.dev) return known.file;
      this.#open.delete(place);
    }
    const file = Deno.openSync(place, { read: true });
    this.#open.set(place, { file, info: file.statSync() });
    return file;
  }
}
