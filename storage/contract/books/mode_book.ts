import type { VirtualPath } from "../path.ts";

/** The bits of a mode that are kept: read, write and execute, for owner, group and others. */
export const MODE_BITS = 0o777;

/**
 * Permission bits that clients gave files and directories. They are kept for those who fetch them
 * again; on the server's disk files are 600 and directories 700.
 *
 * Part of a catalog: a mode moves with its file or directory, and ends with it.
 */
export interface ModeBook {
  /** The bits of a file or directory; undefined where none are known. */
  get(owner: string, path: VirtualPath): Promise<number | undefined>;
  /** The bits that are known of some names of a directory, by name. */
  in(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, number>>;
  set(owner: string, path: VirtualPath, mode: number): Promise<void>;
}
