/** Locks of files, which end with their process. */

/**
 * Locks a file.
 *
 * @param options `create`: whether to make it where there is none (default true)
 * @returns it; undefined where another process has it, or has just removed it
 */
export function tryLockFile(path: string, { create = true } = {}): Deno.FsFile | undefined {
  const file = Deno.openSync(path, { write: true, create, mode: 0o600 });
  if (file.tryLockSync(true) && isAt(file, path)) return file;
  file.close();
  return undefined;
}

function isAt(file: Deno.FsFile, path: string): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
