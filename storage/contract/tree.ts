/**
 * The accounts' trees: names that lead to content, with what is recorded of it.
 *
 * Contracts for every engine (tests/storage/suites/tree_contract.ts holds them):
 * - Paths are normalised virtual paths (path.ts), and reach nothing outside of the account's tree.
 * - Every call is asynchronous, and may take its time: nothing holds between two calls but what
 *   `hold` and the options of a call hold.
 * - A failed call changes nothing that can be seen. Errors are StoreErrors, with paths as the caller
 *   shows them.
 * - A change is durable once its call resolves.
 */
import type { Condition } from "./condition.ts";
import type { Children, Content, Entry } from "./entry.ts";
import type { FileRecord } from "./file_record.ts";
import type { PartContent } from "./parts.ts";
import type { WithMode } from "./mode_bits.ts";
import type { VirtualPath } from "./path.ts";

/** A path in an owner's tree, and as the account writes it that asks. */
export interface Spot {
  readonly owner: string;
  readonly path: VirtualPath;
  /** Names the path in errors. */
  readonly shown: VirtualPath;
  /**
   * The account that makes a change: locks of other accounts forbid it, with the error `locked`.
   * Holding a path is no change. @default no lock is checked
   */
  readonly account?: string | undefined;
  /**
   * The number that had been taken last (arrivals.ts) when its change was asked for: nothing that
   * several nodes store from then on is removed by it. @default when the tree is called
   */
  readonly asked?: number;
}

/** An entry and the record of its content, in one answer. */
export interface Found {
  readonly entry: Entry;
  /** Undefined for a directory, and for a file whose content is not known. */
  readonly record: FileRecord | undefined;
}

/** An answer of {@linkcode Tree.look}. */
export type Looked = Found & WithMode;

/** How long a reader waits while its file is being replaced, ms. */
export const REPLACE_WAIT_MS = 5000;

/** How long to wait for files that are being replaced. */
export interface LookOptions {
  /**
   * An entry that is being replaced for longer than this, with all others of the call, is returned
   * without a record, so that one file keeps no listing from its directory.
   */
  readonly showAfterMs?: number;
}

/** An entry of a listing. */
export interface Listed extends Found {
  /** Recorded permission bits; absent where none are recorded. */
  readonly mode?: number;
}

/** Which names of a directory a page has. */
export interface NamesQuery {
  /** Maximum number of names, at least 1. */
  readonly limit: number;
  /** Only names behind this one in the order of code points, or behind the page before. */
  readonly after?: string | NamesPage | undefined;
  /** Only names that begin with this. */
  readonly prefix?: string | undefined;
  /**
   * Whether names may come in any order, which is cheaper for some engines; `after` is then undefined
   * or a page. @default false: in the order of code points
   */
  readonly anyOrder?: boolean;
}

/** A page of a directory's names, in their order within each kind. */
export interface NamesPage extends Children {
  /** Whether names come behind these. */
  readonly more: boolean;
  /** Where two pages have the same, the directory had the same names; undefined: not known. */
  readonly version?: string | undefined;
}

/** A file with all its recorded metadata. */
export interface KnownFile {
  readonly entry: Entry;
  readonly record: FileRecord;
}

/** One state of a file, opened for reading, with its record. */
export interface OpenFile extends WithMode {
  readonly content: Content;
  readonly record: FileRecord;
  /** Whether the content was compared with the record's checksum already. */
  readonly proved: boolean;
  /** Whether the content was hashed just now, as there was no record that is true of it. */
  readonly hashed: boolean;
  /**
   * CRC-32 (RFC 1952) of the content that the record describes, where the engine knows it: content
   * with another one is not what was recorded.
   */
  readonly crc: number | undefined;
}

/** A file that an upload became. */
export interface Committed extends FileRecord {
  /** Final path in the owner's tree. */
  path: VirtualPath;
  /** N of the final name, 1 for a plain one. */
  version: number;
  /** It was stored before: the client sent the same upload again. */
  repeated?: true;
}

/** An upload that is complete and verified, and is to get its name. */
export interface Publication {
  readonly part: PartContent;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 in hex. */
  readonly hash: string;
  /** CRC-32, where it is known. */
  readonly crc?: number | undefined;
  /** The client's own name for the upload, by which it is known when it is sent again. */
  readonly key?: string | undefined;
  /** Condition on the name's present content. */
  readonly condition?: Condition | undefined;
  /** Whether the name was seen to be taken; undefined: not looked up. */
  readonly occupied: boolean | undefined;
  /**
   * The number that its last byte took (arrivals.ts): where it is to replace what has its name, and
   * that arrived later, it does not, and counts as replaced by it. @default none is compared
   */
  readonly arrival?: number | undefined;
  /**
   * When the content was stored, ms since the Unix epoch, where another engine had it before.
   * @default now
   */
  readonly storedMs?: number | undefined;
}

/** Side effects of a change. */
export interface Changed {
  /** Whether something was shared at or below the paths: their shares ended or moved. */
  readonly shares: boolean;
  /** The number that it took when it began (arrivals.ts). */
  readonly arrival?: number;
}

/** How a directory is removed. */
export interface RemoveDirectoryOptions {
  /** With all that is in it. */
  readonly recursive?: boolean;
  /**
   * Called now and then with the directory that is being emptied; an exception ends the removal.
   */
  readonly proceed?: (directory: Spot) => Promise<void>;
}

/** How a file or directory is renamed. */
export interface MoveOptions {
  /** Whether a file may take the name of another file. */
  readonly replace: boolean;
  /** The new path in the Unicode form that its last name is to be kept in. @default its own */
  readonly spelling?: string | undefined;
  /** The record of the source as the caller has just seen it, which may save looking again. */
  readonly seen?: FileRecord | undefined;
  /** Checked on the source, right before it is renamed. */
  readonly condition?: Condition | undefined;
}

/** Trees of all accounts in one engine. */
export interface Tree {
  /**
   * The entry at a path, or undefined. A name that an upload is being given may be seen already.
   *
   * @throws {StoreError} `denied` for what is neither a file nor a directory of the tree's own
   */
  stat(owner: string, path: VirtualPath): Promise<Entry | undefined>;
  /**
   * The entry at a path with its record. A name that an upload is being given is not there yet; a
   * file whose content is being replaced is waited for.
   *
   * @throws {StoreError} `io` where it is being replaced for longer than {@linkcode REPLACE_WAIT_MS}
   */
  look(owner: string, path: VirtualPath, options?: LookOptions): Promise<Looked | undefined>;
  /**
   * A file with its checksum, which is computed where it is not known.
   *
   * @throws {StoreError} `not-found`, `is-directory`
   */
  know(owner: string, path: VirtualPath): Promise<KnownFile>;
  /** A quick hint that a name is free; false says nothing. */
  isVacant(owner: string, path: VirtualPath): Promise<boolean>;
  /**
   * A page of the names in a directory. A name that is there all the time is on exactly one page; one
   * that comes or goes meanwhile may be on one.
   *
   * @throws {StoreError} `not-found`, `not-directory`
   */
  names(owner: string, directory: VirtualPath, query: NamesQuery): Promise<NamesPage>;
  /** Size and time of some names of a directory; names that are not there are left out. */
  entries(owner: string, directory: VirtualPath, names: readonly string[]): Promise<Entry[]>;
  /** As {@linkcode Tree.look} and {@linkcode Tree.mode}, for some names of a directory. */
  list(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
    options?: LookOptions,
  ): Promise<Listed[]>;
  /**
   * Opens one state of a file for reading.
   *
   * @throws {StoreError} `not-found`, `is-directory`, `denied`
   */
  open(owner: string, path: VirtualPath): Promise<OpenFile>;
  /** Returns the recorded permission bits of a file or directory. */
  mode(owner: string, path: VirtualPath): Promise<number | undefined>;

  /**
   * Makes one directory.
   *
   * @param spelling its name in the Unicode form that it is to be kept in
   * @param account as in {@linkcode Spot}
   * @throws {StoreError} `exists`, `locked`, `not-found` where its parent is missing
   */
  makeDirectory(
    owner: string,
    path: VirtualPath,
    spelling?: string,
    account?: string,
  ): Promise<void>;
  /** Removes a directory. @throws {StoreError} `not-empty`, `not-found`, `denied` for the root */
  removeDirectory(spot: Spot, options?: RemoveDirectoryOptions): Promise<Changed>;
  /**
   * Removes a file. Open readers can still read it to its end.
   *
   * @param condition checked immediately before the removal
   */
  remove(spot: Spot, condition?: Condition): Promise<Changed>;
  /**
   * Renames a file or directory within an account's tree; to its own path, it changes its spelling.
   *
   * @throws {StoreError} `exists` where the name is taken, `bad-request` for a directory into itself
   */
  rename(from: Spot, to: Spot, options: MoveOptions): Promise<Changed>;
  /**
   * Sets the modification time of a file or directory, in ms.
   *
   * @param condition checked right before, on a file
   * @returns the nearest time that the engine can hold
   */
  retime(spot: Spot, mtimeMs: number, condition?: Condition): Promise<number>;
  /** Notes permission bits of a file or directory. */
  setMode(spot: Spot, mode: number): Promise<void>;
  /**
   * Records that a file's content does not match its recorded hash, or matches it again.
   *
   * @param record of the file; ignored where the file has another record by now
   */
  noteDamage(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    damaged: boolean,
  ): Promise<void>;
  /**
   * Notes that content with a record's checksum was read, and its CRC-32: the engine may know it then
   * when the content is opened again.
   */
  noteProved(record: FileRecord, crc: number): Promise<void>;
  /**
   * Does work while nothing renames or removes what is at a path, nor what is above it.
   *
   * @param work called with what is there
   * @throws {StoreError} `not-found`; `io` where others do not end in time
   */
  hold<T>(spot: Spot, work: (found: Found) => Promise<T>): Promise<T>;
  /**
   * Publishes an upload under its name, as its record says (`ifExists`), unless another account than
   * the record's holds a lock there. Uploads that are published in the same turn share the engine's
   * syncs and transactions.
   *
   * @throws {StoreError} `exists`, `locked`, `quota`, `changed` (what it may replace is not there
   * any more), `not-found` (the directory is gone), `aborted` (it has another writer): the upload
   * stays; `io` where it could not be made durable: its content is no longer trusted, and set aside
   */
  publish(publication: Publication): Promise<Committed>;
  /** The file that an upload with this tag and content became less than an hour ago. */
  stored(
    owner: string,
    path: VirtualPath,
    tag: string,
    hash: string,
  ): Promise<Committed | undefined>;
}
