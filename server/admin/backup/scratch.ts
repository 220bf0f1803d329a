/**
 * Where a backup is written until it is whole: a directory beside its target, so that the last step
 * is a rename. A run that is killed leaves it behind, and the next one to the same target removes it.
 */
import { basename, dirname, join } from "node:path";

const SUFFIX = ".towpath-backup";

/** A private directory that ends with its process's work. */
export class Scratch implements Disposable {
  readonly path: string;
  readonly #lock: Deno.FsFile;

  /** @param target what is to be written; its directory must be there */
  constructor(target: string) {
    const [directory, name] = [dirname(target), basename(target)];
    removeAbandoned(directory, name);
    this.path = join(directory, `.${name}.${crypto.randomUUID()}${SUFFIX}`);
    Deno.mkdirSync(this.path, { mode: 0o700 });
    this.#lock = Deno.openSync(join(this.path, "lock"), { write: true, create: true, mode: 0o600 });
    this.#lock.lockSync(true);
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

/** Removes what killed runs for this target left; a run that goes on holds its lock. */
function removeAbandoned(directory: string, name: string): void {
  for (const entry of Deno.readDirSync(directory)) {
    const { name: found, isDirectory } = entry;
    if (!isDirectory || !found.startsWith(`.${name}.`) || !found.endsWith(SUFFIX)) continue;
    const path = join(directory, found);
    try {
      using lock = Deno.openSync(join(path, "lock"), { write: true });
      if (!lock.tryLockSync(true)) continue;
      Deno.removeSync(path, { recursive: true });
    } catch (error) {
      // Its lock is not there yet, or another run has just removed it.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
