/** Files and directories as an engine shows them. */

/** Size and modification time, used to detect changes of a file. */
export interface FileState {
  /** Bytes; 0 for a directory. */
  size: number;
  /** Modification time, integer milliseconds since the Unix epoch. */
  mtimeMs: number;
}

/** Checks that recorded metadata belongs to the file's present content. */
export function isTrueOf(known: FileState, now: FileState): boolean {
  return known.size === now.size && known.mtimeMs === now.mtimeMs;
}

/** A file or directory as a store lists it. */
export interface Entry extends FileState {
  name: string;
  /** The name in the Unicode form in which its client wrote it, where that is not `name`. */
  spelling?: string;
  type: "file" | "directory";
}

/** Names in a directory by kind; names only, which stays cheap at 100,000 entries. */
export interface Children {
  readonly directories: readonly string[];
  readonly files: readonly string[];
  /** Entries that are neither: never followed or opened, and removed only with their directory. */
  readonly others?: readonly OtherEntry[];
}

/** An entry of a directory that is no file and no directory, put there by another program. */
export interface OtherEntry {
  readonly name: string;
  readonly kind: "symbolic link" | "named pipe" | "socket" | "device" | "special file";
}

/** All names of {@linkcode Children}. */
export function namesIn({ directories, files }: Children): string[] {
  return directories.concat(files);
}

/** One state of a file, opened for reading: later changes of the name do not mix in. */
export interface Content {
  readonly size: number;
  readonly mtimeMs: number;
  /**
   * Reads into `into` from `offsetBytes` on.
   *
   * @returns number of bytes; fewer than `into.length` only at the end of the content
   */
  read(into: Uint8Array, offsetBytes: number): Promise<number>;
  /** As `read`, for long work: others are served while it waits. */
  readAsync(into: Uint8Array, offsetBytes: number): Promise<number>;
  /**
   * Lets reads go on past damage that the engine finds by checksums of its own, so that a
   * verification sees all of the content; without it they fail with `checksum`.
   *
   * @returns whether damage was found since
   */
  tolerateDamage?(): () => boolean;
  close(): void;
}
