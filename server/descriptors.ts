/** How many connections the process can have open at once. */

/** Most descriptors that are tried; a process that may have more is not limited by them. */
const MAX_TRIED = 8192;
/** Of four descriptors three are for connections, and one for files and data connections. */
const SHARE = 3 / 4;

/**
 * How many connections there are descriptors for, at most `wanted`. The limit itself cannot be read
 * with the server's permissions: descriptors are opened until there are enough, or no more, and
 * closed again. Needs `--allow-read` for `directory`.
 */
export function affordableConnections(wanted: number, directory: string): number {
  const enough = Math.ceil(wanted / SHARE);
  const opened: Deno.FsFile[] = [];
  try {
    while (opened.length < Math.min(enough, MAX_TRIED)) opened.push(Deno.openSync(directory));
    return wanted;
  } catch {
    if (opened.length === 0) return wanted; // not here
    return Math.max(1, Math.min(wanted, Math.floor(opened.length * SHARE)));
  } finally {
    for (const file of opened) file.close();
  }
}
