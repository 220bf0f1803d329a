/**
 * The data directory is held by one server at a time. Two locks of the operating system say so: one
 * on the file `lock`, which may be deleted, and one on the directory itself, which some network
 * file systems do not give. Both end with the process, so that no stale one is ever left behind.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { PLACES } from "./data_directory.ts";
import { failure } from "../options/error.ts";

/** Another process's {@linkcode isHeld} has a lock for a moment: one refusal proves nothing. */
const TRIES = { count: 5, pauseMs: 20 };

/** Keeps the locked files from being collected, which would close them. */
const held = new Set<Deno.FsFile>();

/**
 * Holds the data directory until the process ends, however it ends.
 *
 * @returns ends the locks before the process does
 * @throws {ExitError} where another server holds it
 */
export async function holdDataDirectory(data: string): Promise<Disposable> {
  const files = [openLock(data), openDirectory(data)].filter((file) => file !== undefined);
  for (const file of files) held.add(file);
  const end = () => {
    for (const file of files) if (held.delete(file)) file.close();
  };
  for (const file of files) {
    if (await tryLock(file)) continue;
    end();
    throw failure(
      `Another server is running on the data directory ${data}: stop it first, ` +
        "or choose another directory with --data",
    );
  }
  noteHolder(files[0]!);
  return { [Symbol.dispose]: end };
}

/** Whether a server runs on a data directory. */
export function isHeld(data: string): boolean {
  return [openExisting(join(data, PLACES.lock)), openDirectory(data)].some((file) => {
    if (file === undefined) return false;
    try {
      return !isLockable(file, false);
    } finally {
      file.close();
    }
  });
}

/** The process that holds the data directory, as the lock's file says; undefined: unknown. */
export function holderOf(data: string): number | undefined {
  try {
    const pid = Number(Deno.readTextFileSync(join(data, PLACES.lock)));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the holder into the lock file; on a full disk the lock works without it. */
function noteHolder(lock: Deno.FsFile): void {
  try {
    lock.truncateSync();
    lock.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch {
    // `status` then reports the lock without its holder.
  }
}

async function tryLock(file: Deno.FsFile): Promise<boolean> {
  for (let tries = 1; !isLockable(file, true); tries++) {
    if (tries === TRIES.count) return false;
    await delay(TRIES.pauseMs);
  }
  return true;
}

/** Whether no other process holds a lock, as far as the file system reports it. */
function isLockable(file: Deno.FsFile, exclusive: boolean): boolean {
  try {
    return file.tryLockSync(exclusive);
  } catch {
    return true; // it knows no locks on this
  }
}

function openLock(data: string): Deno.FsFile {
  const path = join(data, PLACES.lock);
  try {
    return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw failure(`The lock cannot be opened: ${reasonOf(error, path)}`, error);
  }
}

function openExisting(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw failure(`The lock cannot be opened: ${reasonOf(error, path)}`, error);
  }
}

function openDirectory(data: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(data, { read: true });
  } catch {
    return undefined; // not on this system
  }
}
