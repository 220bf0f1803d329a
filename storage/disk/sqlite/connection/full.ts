import { join } from "@std/path";
import { isDiskFull } from "../../../../common/os_error.ts";

/** Result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
/** After a failed sync, for any reason, it is unknown which writes reached the disk. */
const FAILED_SYNCS = [SQLITE_IOERR | 4 << 8, SQLITE_IOERR | 5 << 8];

/**
 * Size of the test file that shows whether writing is possible: more than a file system keeps in
 * its inode.
 */
const PROBE_BYTES = 8192;

/**
 * Whether SQLite failed because the disk is full. SQLite has a code for a write without space; a
 * disk quota, a lack of inodes and a log's index that cannot grow look like any other failure, so a
 * test file is written to find out.
 */
export function isFull(error: unknown, directory: string): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== "number") return isDiskFull(error);
  const primary = code & 0xff;
  if (primary === SQLITE_FULL) return true;
  if (primary !== SQLITE_IOERR && primary !== SQLITE_CANTOPEN) return false;
  return !FAILED_SYNCS.includes(code) && isDirectoryFull(directory);
}

function isDirectoryFull(directory: string): boolean {
  const place = join(directory, `.space-probe-${crypto.randomUUID()}`);
  try {
    using file = Deno.openSync(place, { write: true, createNew: true, mode: 0o600 });
    const bytes = new Uint8Array(PROBE_BYTES);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    return false;
  } catch (error) {
    return isDiskFull(error);
  } finally {
    try {
      Deno.removeSync(place);
    } catch {
      // It could not even be made.
    }
  }
}
