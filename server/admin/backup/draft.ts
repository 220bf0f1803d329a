/**
 * Where a backup is written until it is whole: a directory beside its target, so that the last step
 * is a rename. Its name cannot be guessed, as others may be able to write beside the target. A run
 * that is killed leaves it behind, and the next one to the same target removes it.
 */
import { basename, dirname, join } from "@std/path";
import { tryLockFile } from "./lock.ts";

const SUFFIX = ".towpath-backup";
const LOCK = "lock";

/** A private directory that ends with its process's work. */
export class Draft implements Disposable {
  readonly path: string;
  readonly #lock: Deno.FsFile;

  /** @param target path of the final file; its directory must exist */
  constructor(target: string) {
    const [directory, name] = [dirname(target), basename(target)];
    removeAbandoned(directory, name);
    let draft: [string, Deno.FsFile] | undefined;
    while (draft === undefined) draft = makeLocked(directory, name);
    [this.path, this.#lock] = draft;
  }

  /** A place in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    this.#lock.close();
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Makes a draft; undefined where another run took it for an abandoned one before it was locked. */
function makeLocked(directory: string, name: string): [string, Deno.FsFile] | undefined {
  const path = join(directory, `.${name}.${crypto.randomUUID()}${SUFFIX}`);
  Deno.mkdirSync(path, { mode: 0o700 });
  try {
    const lock = tryLockFile(join(path, LOCK));
    return lock && [path, lock];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes leftovers of killed runs for this target; a run in progress holds its lock. */
function removeAbandoned(directory: string, name: string): void {
  for (const { name: found, isDirectory } of Deno.readDirSync(directory)) {
    if (!isDirectory || !found.startsWith(`.${name}.`) || !found.endsWith(SUFFIX)) continue;
    const path = join(directory, found);
    try {
      using lock = tryLockFile(join(path, LOCK), { create: false });
      if (lock !== undefined) Deno.removeSync(path, { recursive: true });
    } catch {
      removeEmpty(path); // it has no lock yet, or is another user's
    }
  }
}

function removeEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not empty, or its own run has removed it.
  }
}
