/**
 * Unfinished uploads: each has a record, a part with its content, and one writer at a time.
 *
 * Contracts for every engine (tests/storage/suites/parts_contract.ts holds them):
 * - Writers are numbered (`UploadRecord.writer`, a fencing token): the number grows whenever an upload
 *   is taken, and calls of an earlier writer change nothing from then on.
 * - What a checkpoint holds safe survives a power cut; of what came behind it nothing counts.
 * - The bytes that an upload reserves are held against the owner's quota.
 */
import type { Content } from "./entry.ts";
import type { VirtualPath } from "./path.ts";
import type { RunningHash } from "./running_hash.ts";
import type {
  Announcement,
  BoundedPage,
  NewUpload,
  UploadRecord,
  WriterToken,
} from "./upload_record.ts";

/** A prefix of a part that is on stable storage. */
export interface SafePrefix {
  /** Bytes. */
  offset: number;
  /** SHA-256 of that many bytes, in hex. */
  hash: string;
}

/** Which unfinished uploads are listed. */
export type UploadFilter =
  | { readonly by: "all" }
  /** Those that an account sends. */
  | { readonly by: "account"; readonly account: string }
  /** Those of guests, into the tree of an owner, or of any. */
  | { readonly by: "guests"; readonly owner?: string | undefined };

/** Bytes that were appended; undefined: they are written, or copied. */
export type Appended = { readonly written: Promise<void> } | undefined;

/**
 * The content of an unfinished upload, held by its writer: it is only appended to. Once it is
 * published, discarded or released, it is used no more.
 */
export interface PartContent {
  /** The upload as its writer knows it. */
  readonly record: UploadRecord;
  /** Whether the upload has left a record, by which it can be resumed. */
  readonly recorded: boolean;
  /** Bytes that make a checkpoint worth its cost; fewer wait a while for more. @default 0 */
  readonly leastCheckpointBytes?: number;
  /** Checkpoints that may run at once; they end in the order in which they began. @default 1 */
  readonly parallelCheckpoints?: number;
  /** Bytes behind the last checkpoint that has ended, above which the sender waits. @default 40 MiB */
  readonly maxUnsafeBytes?: number;
  /**
   * Leaves a record, and reserves `record.reservedBytes`; nothing happens where there is one.
   *
   * @returns false where the owner's quota does not allow it
   */
  keep(): Promise<boolean>;
  /**
   * Writes all of `bytes` at the end, or throws or rejects (`no-space`, `io`): nothing is written then.
   * One write at a time.
   *
   * @returns undefined where the bytes are written, or copied; else they are read until `written`
   * settles, and more may be appended only then. After it has failed only the last checkpoint counts
   */
  append(bytes: Uint8Array): Promise<Appended> | Appended;
  /**
   * Makes the first `offset` bytes safe; more may be appended meanwhile.
   *
   * @throws {StoreError} `aborted` where the upload has another writer; `io`, for good
   */
  checkpoint(prefix: SafePrefix): Promise<void>;
  /**
   * Cuts the content back to `offset` bytes. The caller must not append meanwhile.
   *
   * @returns number of bytes that a checkpoint now holds safe
   */
  rewind(offset: number): Promise<number>;
  /**
   * Notes the size or the hash of the whole of an upload that began without them; they count for every
   * later writer too.
   *
   * @returns false where it is another's
   */
  announce(whole: Announcement): Promise<boolean>;
  /**
   * Releases the upload: it can be resumed at its last checkpoint. Without a record nothing is
   * left.
   *
   * @param offset number of bytes that it keeps reserved
   */
  release(offset: number): Promise<void>;
  /** Removes the upload, unless it has another writer by now. */
  discard(): Promise<void>;
}

/** An upload that this worker has just become the writer of. */
export interface TakenUpload {
  readonly record: UploadRecord;
  /** Whether the writer before is known to have stopped. Else it may still write to its part. */
  readonly stopped: boolean;
}

/** A part that is written on. */
export interface OpenedPart {
  readonly content: PartContent;
  /** Bytes that it has, all of them safe. */
  readonly offset: number;
  /** SHA-256 of these in hex as it was recorded, where `hash` takes a while. */
  readonly prefixHash?: string | undefined;
  /**
   * The running hash of these, which agrees with what was recorded of them. An engine may still read
   * them when it resolves the offset; bytes may be appended meanwhile. It rejects with `io` where they
   * turn out to be damaged: the upload was released then, and is cut back when it is opened again.
   */
  readonly hash: Promise<RunningHash>;
}

/** Unfinished uploads of one engine. */
export interface Parts {
  /**
   * Begins an upload, which leaves no record before {@linkcode PartContent.keep}. The engine
   * chooses its id: not guessable, at most 64 letters, digits and hyphens.
   *
   * @param upload becomes the engine's own: the record of the part may be this object
   * @param id that of the same upload at another engine, which it keeps
   */
  begin(upload: NewUpload, id?: string): Promise<PartContent> | PartContent;
  /**
   * Becomes the writer of an upload, also where another one holds it.
   *
   * @returns undefined where there is no such unfinished upload any more
   * @throws {StoreError} `io` where it is being finished, and is not in time
   */
  take(id: string): Promise<TakenUpload | undefined>;
  /**
   * Opens a taken upload, cut back to the last checkpoint that its content still matches, as far as
   * the engine knows. On an error the upload is released.
   *
   * @param maxBytes maximum to keep; a longer safe prefix is cut to it
   */
  open(taken: TakenUpload, maxBytes?: number): Promise<OpenedPart>;
  /** Removes a taken upload. */
  drop(taken: TakenUpload): Promise<void>;

  /** An unfinished upload. */
  get(id: string): Promise<UploadRecord | undefined>;
  /** Unfinished uploads, the latest updated first. */
  list(which: UploadFilter, page: BoundedPage): Promise<UploadRecord[]>;
  /** Unfinished uploads to a path, the latest updated first. */
  to(owner: string, path: VirtualPath, page: BoundedPage): Promise<UploadRecord[]>;
  /** Unfinished uploads of an account to names in a directory as it sees it, by id. */
  in(account: string, directory: VirtualPath, page: {
    /** Only those behind this id. */
    after: string;
    count: number;
  }): Promise<UploadRecord[]>;
  /** Number of unfinished uploads, and the bytes that are safe of them. */
  totals(): Promise<{ uploads: number; offsetBytes: number }>;
  /** Returns the safe prefix of an unfinished upload; undefined: no byte is safe. */
  safe(record: UploadRecord): Promise<SafePrefix | undefined>;
  /**
   * Opens the safe bytes of a suspended upload, to be read only; undefined: no byte is safe.
   *
   * @throws {StoreError} `io` where they cannot be opened
   */
  read(record: UploadRecord): Promise<Content | undefined>;
  /**
   * Whether the content of an unfinished upload is there, as far as it is recorded to be safe.
   *
   * @throws {StoreError} `io` where it cannot be opened
   */
  state(record: UploadRecord): Promise<"there" | "short" | "gone">;
  /**
   * Sets the reservation of an upload to `bytes`, larger or smaller than before.
   *
   * @returns false where the quota does not allow it, the upload does not exist, or another writer
   * has it
   */
  reserve(token: WriterToken, bytes: number): Promise<boolean>;
}
