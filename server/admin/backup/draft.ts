/**
 * Where a backup is written until it is whole: a directory beside its target, so that the last step
 * is a rename. Its name is the target's, and it is locked: a run that is killed leaves it behind,
 * and the next run to the same target takes it over.
 */
import { basename, dirname, join } from "node:path";
import { EXIT, ExitError } from "../../options/error.ts";

const LOCK = "lock";

/** A private directory that ends with its process's work. */
export class Draft implements Disposable {
  readonly path: string;
  readonly #lock: Deno.FsFile;

  /**
   * @param target what is to be written; its directory must be there
   * @throws {ExitError} where another run writes it
   */
  constructor(target: string) {
    this.path = join(dirname(target), `.${basename(target)}.towpath-backup`);
    const lock = openLocked(this.path);
    if (lock === undefined) {
      throw new ExitError(
        EXIT.conflict,
        `Another backup to ${target} is running: wait for its end`,
      );
    }
    this.#lock = lock;
    for (const { name } of Deno.readDirSync(this.path)) {
      if (name !== LOCK) Deno.removeSync(this.file(name), { recursive: true });
    }
  }

  /** A place in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
    this.#lock.close();
  }
}

/** Makes a directory and locks it by a file in it; undefined where another process has. */
function openLocked(directory: string): Deno.FsFile | undefined {
  while (true) {
    try {
      makeDirectory(directory);
      const path = join(directory, LOCK);
      const file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
      const isOurs = file.tryLockSync(true);
      if (isOurs && Deno.statSync(path).ino === file.statSync().ino) return file;
      file.close();
      if (!isOurs) return undefined;
    } catch (error) {
      // A run that has just ended removed it; the target's own directory is another matter.
      Deno.statSync(dirname(directory));
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function makeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
