/** Temporary files of downloads: created exclusively, locked, given their final name in one step. */
import { ClientError, ExitCode } from "../common/error.ts";
import { isModifiedTime } from "./modified.ts";
import { mayContinue, newPartPath } from "./part_name.ts";
import { quoted } from "../../../common/printable.ts";

const CREATE_TRIES = 8;
/** Temporary files are the user's alone until they get their name. */
const PRIVATE_MODE = 0o600;

/** A temporary file on disk, as it is remembered between runs. */
export interface PartPlace {
  /** Absolute path. */
  path: string;
  /** Inode number; undefined where it was not noted. */
  inode?: number | undefined;
}

/** Returns the error of a local file that exists already. */
export function existsError(path: string): ClientError {
  return new ClientError(
    `Cannot download to ${quoted(path)}: it exists. Add --overwrite to replace it`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

/** Identifies one file among all that exist at the same time. */
type Identity = Pick<Deno.FileInfo, "ino" | "dev">;

/**
 * A temporary file, open and locked by this process. A process takes its lock before it continues
 * one, so that a file has one writer; the system drops the lock when the process ends. A file with a
 * second name may be a finished download, and is never written to.
 */
export class PartFile {
  /** Identity of the file, even if another file gets its name; found out when it is needed. */
  #self: Identity | undefined;

  private constructor(readonly path: string, readonly file: Deno.FsFile, self?: Identity) {
    this.#self = self;
  }

  /**
   * Creates a temporary file for a target.
   *
   * @param mode before the umask
   * @param options.look whether its identity is found out at once; else see `publishWritten`
   */
  static create(target: string, mode = PRIVATE_MODE, { look = true } = {}): PartFile {
    for (let tries = 1;; tries++) {
      const path = newPartPath(target);
      try {
        const file = Deno.openSync(path, { read: true, write: true, createNew: true, mode });
        lock(file);
        return new PartFile(path, file, look ? justMade(path) : undefined);
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists) || tries === CREATE_TRIES) throw error;
      }
    }
  }

  /**
   * Opens the temporary file of an earlier run. A file that already has its final name too (the run
   * ended between the two steps of naming it) loses its temporary one.
   *
   * @returns undefined where there is nothing to continue
   * @throws {ClientError} with exit code 8 where another process writes to it
   */
  static open({ path, inode }: PartPlace, target: string): PartFile | undefined {
    if (!mayContinue({ path, inode }, target)) return undefined;
    const there = lstat(path);
    if (!there?.isFile || (inode !== undefined && there.ino !== inode)) return undefined;
    const file = Deno.openSync(path, { read: true, write: true });
    try {
      const locked = lock(file);
      if (locked === false) throw busyError(target);
      const part = new PartFile(path, file);
      // Checked again under the lock: its writer may have finished it until then.
      if (locked && part.isMine && part.hasOneName) return part;
      if (locked && part.isMine) part.remove();
      else part.close();
      return undefined;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Whether the name still leads to this file. */
  get isMine(): boolean {
    return this.#has(this.path);
  }

  /** Whether the file has no other name. */
  get hasOneName(): boolean {
    return (this.file.statSync().nlink ?? 1) <= 1;
  }

  /** Inode number, where the system has such. */
  get inode(): number | undefined {
    return this.#identity.ino ?? undefined;
  }

  get #identity(): Identity {
    return this.#self ??= this.file.statSync();
  }

  /**
   * Gives the file its final name, in one step that replaces nothing unless `overwrite`, and closes
   * it.
   *
   * @throws {ClientError} with exit code 8 where the name exists, or another process has put its
   * own file in this one's place
   */
  publish(target: string, overwrite: boolean): void {
    this.#publish(target, overwrite, lstat(this.path));
  }

  /**
   * Publishes, as {@linkcode publish} does, a file that this process has created, written and given
   * its time in the same turn. A file at its name with that size and time, and with one name, is
   * the one that has just got them through the handle; where anything differs, the handle is asked.
   *
   * @param written what was done to the file: its bytes, and its time in ms since the epoch
   * @throws {ClientError} as {@linkcode publish} does
   */
  publishWritten(
    target: string,
    overwrite: boolean,
    { size, mtime }: { size: number; mtime: number },
  ): void {
    const there = lstat(this.path);
    const isWritten = there?.isFile && there.size === size && there.mtime?.getTime() === mtime &&
      (there.nlink ?? 1) === 1;
    if (isWritten) this.#self ??= there;
    this.#publish(target, overwrite, there);
  }

  /**
   * The name is checked before it is given too: a kill between the two steps leaves no other
   * program's file.
   *
   * @param before what is at the temporary name, with its number of names
   */
  #publish(target: string, overwrite: boolean, before: Deno.FileInfo | undefined): void {
    if (!before || !isSame(before, this.#identity) || (before.nlink ?? 1) > 1) {
      throw strangerError(target);
    }
    if (overwrite) this.#rename(target);
    else this.#giveFreeName(target);
    this.close();
  }

  #rename(target: string): void {
    Deno.renameSync(this.path, target);
    if (!this.#has(target)) throw strangerError(target);
  }

  /**
   * Takes a free name. The file at the name is checked afterwards, and the name removed again if it
   * is another file, or one that has a third name.
   */
  #giveFreeName(target: string): void {
    try {
      Deno.linkSync(this.path, target);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw existsError(target);
      if (lstat(target) !== undefined) throw existsError(target);
      return this.#reserveName(target);
    }
    const there = lstat(target);
    if (there === undefined || !isSame(there, this.#identity) || (there.nlink ?? 1) > 2) {
      removeSame(target, this.path);
      throw strangerError(target);
    }
    Deno.removeSync(this.path);
  }

  /** On a file system without hard links: reserves the name, then puts the file in its place. */
  #reserveName(target: string): void {
    Deno.openSync(target, { write: true, createNew: true }).close();
    try {
      Deno.renameSync(this.path, target);
    } catch (error) {
      if (lstat(target)?.size === 0) Deno.removeSync(target);
      throw error;
    }
    if (!this.#has(target)) throw strangerError(target);
  }

  /** Closes the file and removes it, unless its name leads to another file by now. */
  remove(): void {
    const mine = this.isMine;
    this.close();
    if (!mine) return;
    try {
      Deno.removeSync(this.path);
    } catch {
      // Gone already.
    }
  }

  /** Closes the file and keeps it. */
  close(): void {
    try {
      this.file.close();
    } catch {
      // Closed already.
    }
  }

  /** Whether a path leads to this file. */
  #has(path: string): boolean {
    const there = lstat(path);
    return there !== undefined && isSame(there, this.#identity);
  }
}

/**
 * Reads the identity of a file that this process has just created exclusively: an empty file with
 * one name is that one. `FsFile.statSync` would do as well, but takes many times as long: Deno
 * resolves every directory on the way to an open file first.
 */
function justMade(path: string): Identity | undefined {
  const there = lstat(path);
  const isNew = there?.isFile && there.size === 0 && (there.nlink ?? 1) === 1;
  return isNew ? there : undefined;
}

function isSame(one: Identity, other: Identity): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Removes a name where it leads to the same file as another. */
function removeSame(name: string, other: string): void {
  const [one, same] = [lstat(name), lstat(other)];
  if (one !== undefined && same !== undefined && isSame(one, same)) Deno.removeSync(name);
}

/** Removes the remembered temporary file of an earlier run, unless another process continues it. */
export function removePart(place: PartPlace, target: string): void {
  if (place.inode === undefined) return; // without its inode, it may be another's
  try {
    PartFile.open(place, target)?.remove();
  } catch {
    // In use, or not removable: it stays.
  }
}

/** Whether a regular file is there; a symbolic link is none. */
export function isRegularFile(path: string): boolean {
  return lstat(path)?.isFile === true;
}

/** Sets a modification time in ms since the epoch, where it is one. */
export function setTime(file: Deno.FsFile, mtime: number): void {
  if (isModifiedTime(mtime)) file.utimeSync(new Date(), new Date(mtime));
}

/** Writes all bytes, however many writes it takes. */
export function writeWhole(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  let done = file.writeSync(bytes);
  while (done < bytes.length) done += file.writeSync(bytes.subarray(done));
}

/** Returns what a path leads to, a link not followed; undefined where nothing can be seen there. */
export function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Locks a file: false where another process has it, undefined where locks do not exist. */
function lock(file: Deno.FsFile): boolean | undefined {
  try {
    return file.tryLockSync(true);
  } catch {
    return undefined;
  }
}

function busyError(target: string): ClientError {
  return new ClientError(
    `Cannot download to ${quoted(target)}: another process is downloading to it`,
    { exitCode: ExitCode.conflict, filename: target },
  );
}

function strangerError(target: string): ClientError {
  return new ClientError(
    `Cannot download to ${quoted(target)}: its temporary file was replaced by another program`,
    { exitCode: ExitCode.conflict, filename: target },
  );
}
