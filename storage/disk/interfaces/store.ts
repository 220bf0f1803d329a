/**
 * A content store keeps trees of files, one for each account, and the unfinished uploads beside
 * them. It handles bytes and names; permissions, checksums and quotas are handled above it.
 *
 * Contracts for every implementation (tests/storage/suites/store_contract.ts holds them):
 * - Paths are normalised virtual paths (path.ts). They never reach anything outside the account's
 * tree: an entry that is neither a regular file nor a directory of the tree is `denied` to open and
 * absent from listings.
 * - A failed call has no visible effect.
 * - Errors are StoreErrors; a missing parent is `not-found`, a file in its place `not-directory`.
 */
import type { VirtualPath } from "../../contract/path.ts";
import type { Children, Content, Entry, FileState } from "../../contract/entry.ts";

/** The content of an unfinished upload, opened for writing by one owner. */
export interface StoredPart {
  /** Bytes in the part now, independent of its checkpoint. */
  size(): Promise<number>;
  /**
   * Writes all of `bytes` at `offsetBytes`, or throws (`no-space`, `io`). One write at a time.
   * Where it answers with a promise it reads `bytes` until that settles: {@linkcode Part} holds
   * them meanwhile, and compares them afterwards.
   */
  write(bytes: Uint8Array, offsetBytes: number): void | Promise<void>;
  read(into: Uint8Array, offsetBytes: number): number | Promise<number>;
  /** As `read`, for long work: others are served while it waits. */
  readAsync(into: Uint8Array, offsetBytes: number): Promise<number>;
  truncate(sizeBytes: number): Promise<void>;
  /**
   * Sets the modification time that the published file will have, in ms.
   *
   * @returns the time it has: the nearest one that the store can hold
   */
  setModified(mtimeMs: number): number;
  /**
   * Resolves once all that was written is on stable storage. A failure is final: never retried.
   *
   * @param isLast nothing else is done with the part until then, and nothing is written to it later
   */
  sync(isLast?: boolean): void | Promise<void>;
  /**
   * Claims the part for this writer, until it is closed and no write of it is under way any more.
   *
   * @returns false where another one has it: a write of a worker that has ended may still come
   */
  claim(): boolean;
  close(): void;
}

/** How `publish` treats a name that is taken. */
export interface PublishOptions {
  /** Replace the file of that name, keeping the old content until `settle`. */
  replace: boolean;
  /**
   * Another Unicode form of the name, which the store may keep: it is found by the path still.
   * `bad-name` where a file is there in another form.
   */
  spelling?: string;
}

/** Stores that are open on one directory, by their tags. */
export type StoreTags = "all" | readonly string[];

/** Files and parts on the disk, or in memory for tests. */
export interface Store {
  /** Makes the account's empty tree; nothing happens where it exists. */
  addAccount(account: string): Promise<void>;
  /** Removes the account's tree and parts, or sets them aside where nothing finds them again. */
  removeAccount(account: string, options: { keepAside: boolean }): Promise<void>;

  /** The entry at a path, or undefined where there is none. Links are `denied`. */
  stat(account: string, path: VirtualPath): Promise<Entry | undefined>;
  /**
   * Whether a path in an existing directory seems free: quicker than `stat` for names that should
   * be free. A hint only: false means unknown, and `publish` decides (a link that leads nowhere is
   * not seen).
   */
  vacant?(account: string, path: VirtualPath): boolean | Promise<boolean>;
  /** Names in a directory, unsorted, without entries' details. */
  names(account: string, path: VirtualPath): Promise<string[]>;
  /** As `names`, with what each is. While nothing changed it may be the same object again. */
  children(account: string, path: VirtualPath): Promise<Children>;
  /** Entries of a directory, unsorted; with `only`, just those names that are there. */
  list(account: string, path: VirtualPath, only?: string[]): Promise<Entry[]>;
  /** Opens a file for reading. */
  open(account: string, path: VirtualPath): Promise<Content>;
  /**
   * Reads the whole of a small file. The caller must compare the content with the known checksum:
   * another file may have been put in its way during the read.
   *
   * @returns undefined where no file of this size and time exists there, or it cannot be read
   */
  readWhole(
    account: string,
    path: VirtualPath,
    expected: FileState,
  ): Promise<Uint8Array | undefined>;
  /**
   * Makes one directory, durably. `exists` where the name is taken.
   *
   * @param spelling see `PublishOptions`
   */
  makeDirectory(account: string, path: VirtualPath, spelling?: string): Promise<void>;
  /**
   * Removes an empty directory, durably; `denied` for the root.
   *
   * @param options `unreachable`: also where all that is left in it are entries that no path reaches
   */
  removeDirectory(
    account: string,
    path: VirtualPath,
    options?: { unreachable?: boolean },
  ): Promise<void>;
  /**
   * Removes a file, or an entry that is neither file nor directory, durably. Open readers can still
   * read to its end.
   */
  remove(account: string, path: VirtualPath): Promise<void>;
  /**
   * Removes files, and what is neither file nor directory, from one directory; durable as a whole
   * once it resolves. Names that are not there are passed over.
   *
   * @returns the names that no call reaches
   */
  removeAll(account: string, directory: VirtualPath, names: readonly string[]): Promise<string[]>;
  /**
   * Renames within an account's tree, durably. A taken target is `exists`, unless `replace` and
   * both are files. A rename that a crash cut short is completed by calling it again.
   * A rename of a path to itself gives it the spelling.
   * The root stays where it is (`denied`); no directory goes into itself (`bad-request`).
   */
  rename(
    account: string,
    from: VirtualPath,
    to: VirtualPath,
    options: { replace: boolean; spelling?: string },
  ): Promise<void>;
  /**
   * Sets a modification time in ms.
   *
   * @param first called with the file's metadata before the change; if it returns false, or no file
   * exists, nothing is set
   * @returns the file's new time, the nearest one that the store can hold; undefined where it was
   * not set
   */
  setModified(
    account: string,
    path: VirtualPath,
    mtimeMs: number,
    first?: (file: FileState) => Promise<boolean>,
  ): Promise<number | undefined>;

  /** Makes and opens the part of a new upload. */
  createPart(account: string, uploadId: string): StoredPart | Promise<StoredPart>;
  /** Opens an existing part; `transfer-not-found` where there is none. */
  openPart(account: string, uploadId: string): Promise<StoredPart>;
  /** Notes that others may go on with a part from now on, and have files of their own beside it. */
  leavePart?(uploadId: string): void;
  /** Removes a part, its checkpoint and what `publish` kept; nothing happens where there is none. */
  removePart(account: string, uploadId: string): void | Promise<void>;
  /**
   * Ids of all parts and checkpoints of an account.
   *
   * @param options `tidy`: removes what calls that were cut short left beside them, of all stores, or
   * of those with these tags, which nothing may use any more
   */
  listParts(account: string, options?: { tidy?: StoreTags }): Promise<string[]>;
  /**
   * Replaces the checkpoint text beside a part, atomically and (with `durable`) durably.
   *
   * @param options `confirm` is called immediately before the new text takes its place; if it
   * returns false, the old one stays
   * @returns whether the new text took its place
   */
  saveCheckpoint(
    account: string,
    uploadId: string,
    text: string,
    options: { durable: boolean; confirm?: () => Promise<boolean> },
  ): Promise<boolean>;
  /**
   * Gives a new writer a part of its own with the first `length` bytes of the one that is there: what
   * an earlier writer still writes to the part that it has open, changes nothing.
   *
   * @throws {StoreError} `transfer-not-found` where there is none; `io` where it is shorter
   */
  renewPart(account: string, uploadId: string, length: number): Promise<StoredPart>;
  /** The checkpoint text beside a part, or undefined. */
  loadCheckpoint(account: string, uploadId: string): Promise<string | undefined>;
  /** Moves a part that nothing knows to where an operator can find it and nothing else does. */
  setPartAside(account: string, uploadId: string): Promise<void>;

  /**
   * Lists the content of an account that is set aside, with sizes; absent in stores that never set
   * aside.
   */
  listAside?(account: string): Promise<{ id: string; bytes: number }[]>;
  /** Removes what is set aside under an id; nothing happens where there is none. */
  removeAside?(account: string, id: string): Promise<void>;

  /** Keeps the file that a replacing `publish` would put the part in the place of, if there is one. */
  stage(account: string, uploadId: string, path: VirtualPath): void | Promise<void>;
  /** Makes durable that an account's parts, and what `stage` kept, are there. */
  syncParts(account: string): void | Promise<void>;
  /**
   * Gives a part's content its final name; the part stays. A power cut afterwards can be taken back
   * with `unpublish` where `stage` (with `replace`) and `syncParts` went before. `exists` where the name is taken (with
   * `replace`: by a directory).
   */
  publish(
    account: string,
    uploadId: string,
    path: VirtualPath,
    options: PublishOptions,
  ): void | Promise<void>;
  /**
   * Gives what `stage` kept of the file that is replaced a name of its own. `exists` where the name
   * is taken, `not-found` where nothing is kept.
   */
  keep(account: string, uploadId: string, path: VirtualPath): void | Promise<void>;
  /** Takes `keep` back: the name is gone, or untouched where it is not of what `stage` kept. */
  unkeep(account: string, uploadId: string, path: VirtualPath): Promise<void>;
  /** Takes `publish` back: the name is as it was before, or untouched where it was not published. */
  unpublish(account: string, uploadId: string, path: VirtualPath): Promise<void>;
  /** Whether a part's content is published under any name. */
  isPublished(account: string, uploadId: string): Promise<boolean>;
  /** Makes published names in a directory durable. */
  syncDirectory(account: string, path: VirtualPath): void | Promise<void>;
}
