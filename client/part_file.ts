/** Files on their way to their names: made, written, named in one step. */
import { ClientError, ExitCode } from "./error.ts";
import { isModifiedTime } from "./modified.ts";
import { quoted } from "./text.ts";

/** The error of a local file that is there already. */
export function existsError(path: string): ClientError {
  return new ClientError(
    `Cannot download to ${quoted(path)}: it exists. Add --overwrite to replace it`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

/** Writes a small file whole under its part's name; `giveName` follows once it is proved. */
export function writeSmall(part: string, bytes: Uint8Array, mtime: number): void {
  const file = createFresh(part);
  try {
    writeWhole(file, bytes);
    file.syncSync();
    setTime(file, mtime);
  } finally {
    file.close();
  }
}

/**
 * Gives a finished part its name, in one step that never replaces a file unless it is told to.
 *
 * @throws {ClientError} with exit code 8 where the name is taken
 */
export function giveName(part: string, path: string, overwrite: boolean): void {
  if (overwrite) return Deno.renameSync(part, path);
  try {
    Deno.linkSync(part, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw existsError(path);
    // A file system without hard links: reserve the name, then put the part in its place.
    Deno.openSync(path, { write: true, createNew: true }).close();
    return Deno.renameSync(part, path);
  }
  Deno.removeSync(part);
}

/** A new file in place of whatever has the name; a symbolic link there is not followed. */
export function createFresh(path: string): Deno.FsFile {
  const options = { read: true, write: true, createNew: true };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  Deno.removeSync(path);
  return Deno.openSync(path, options);
}

/** Whether a regular file is there; a symbolic link is none. */
export function isRegularFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
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
