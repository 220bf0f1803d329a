/** How the file descriptors of the process are shared out. */

/** Most descriptors that are tried; a process that may have more is not limited by them. */
const MAX_TRIED = 8192;
/** The part of the descriptors that connections have; the rest is for files and what peers hold. */
const PLACES_PART = 5 / 8;
/** The part that peers may hold: of connections that are closed but for them. */
const HELD_PART = 1 / 16;
const MAX_HELD = 256;

/** Limits by the descriptors, over all workers. */
export interface DescriptorShares {
  /** Connections at once, those for data of FTP among them; `Infinity`: as many as are wanted. */
  readonly places: number;
  /** Connections that the server would close, but that only their peers can (held_descriptors.ts). */
  readonly held: number;
}

/** The shares where descriptors are no limit. */
export const UNLIMITED: DescriptorShares = { places: Infinity, held: MAX_HELD };

/**
 * Counts the available file descriptors, for `connections` connections with as many data
 * connections. The server's permissions do not allow reading the limit, so descriptors are opened
 * until there are enough, or no more, and closed again. Needs `--allow-read` for `directory`.
 */
export function descriptorShares(connections: number, directory: string): DescriptorShares {
  const enough = Math.min(MAX_TRIED, Math.ceil(2 * connections / PLACES_PART));
  const opened: Deno.FsFile[] = [];
  try {
    while (opened.length < enough) opened.push(Deno.openSync(directory));
    return UNLIMITED;
  } catch {
    if (opened.length === 0) return UNLIMITED; // it is not the descriptors that are missing
    const part = (share: number) => Math.max(1, Math.floor(opened.length * share));
    return { places: part(PLACES_PART), held: Math.min(MAX_HELD, part(HELD_PART)) };
  } finally {
    for (const file of opened) file.close();
  }
}
