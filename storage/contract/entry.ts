/** Files and directories as an engine shows them. */

/** What one state of a file is told from another by. */
export interface FileState {
  /** Bytes; 0 for a directory. */
  size: number;
  /** Modification time, integer milliseconds since the Unix epoch. */
  mtimeMs: number;
}

/** Whether what is known of a file is about the content that is there now. */
export function isTrueOf(known: FileState, now: FileState): boolean {
  return known.size === now.size && known.mtimeMs === now.mtimeMs;
}

/** What a store tells of a file or directory. */
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
  /** What is neither: never followed or opened, and removed with its directory only. */
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
   * @returns how many bytes; fewer than asked only at the end of the content
   */
  read(into: Uint8Array, offsetBytes: number): Promise<number>;
  /** As `read`, for long work: others are served while it waits. */
  readAsync(into: Uint8Array, offsetBytes: number): Promise<number>;
  close(): void;
}
