/** Syncs to stable storage: blocking ones where they cost next to nothing, else in the background. */
import { toStoreError } from "./os_error.ts";

/** A blocking sync that takes no longer holds up nobody, and is cheaper than handing it over. */
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
export function syncsAreQuick(directory: string): boolean {
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
    // The median: the first call, and one during which others had the processor, tell nothing.
    return times.sort((a, b) => a - b)[PROBES >> 1]! < QUICK_MS;
  } finally {
    Deno.removeSync(place);
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
