/**
 * The catalog as the disk engine uses it: beside accounts and books the records of files, uploads
 * and intents, by which files and catalog come to agree after a crash.
 *
 * Contracts for every implementation, beside the catalog's own
 * (tests/storage/suites/catalog_contract.ts holds them):
 * - `usedBytes` of an account is the sum of its files; what its uploads and intents hold is
 *   `reservedBytes`. Only what grows is held against the quota: nothing that asks for no more bytes
 *   is refused for it. Without a quota the limit is 2^53-1, so that sums stay exact.
 * - Intents, claims and uploads name their `holder`: one start of one worker, by an id that no other
 *   start has. `recover` settles what a dead holder left without touching the work of others.
 * - An upload has one writer at a time, numbered. Calls with a {@linkcode WriterToken} change nothing
 *   and answer false where the number is not the upload's current one.
 * - An account that is not there has no room, and nothing is recorded for it: what arrives late for
 *   a removed account leaves no trace that a later one of its name would find.
 */
import type { CommitAnswer, CommitIntent, FileRecord, FoundFile, MoveIntent } from "./intents.ts";
import type { Account, AccountAnswer, AddedAccount, Catalog } from "../../contract/catalog.ts";
import type { AsideBook } from "./aside_book.ts";
import type { ClaimBook } from "./claim_book.ts";
import type { StepBook } from "./step_book.ts";
import type { SpellingBook } from "./spelling_book.ts";
import type { ModeBook } from "./mode_book.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { FileState } from "../../contract/entry.ts";
import type {
  Announcement,
  FinishedUpload,
  SafeBytes,
  TakeRefusal,
  UploadPage,
  UploadRecord,
  WriterToken,
} from "../../contract/upload_record.ts";

export type * from "./intents.ts";
export * from "../../contract/catalog.ts";

/** Metadata of accounts, files, unfinished uploads and intents. */
export interface DiskCatalog extends Catalog {
  readonly claims: ClaimBook;
  readonly steps: StepBook;
  readonly modes: ModeBook;
  readonly spellings: SpellingBook;
  readonly asides: AsideBook;

  // Accounts
  /** As the catalog's; all accounts without a page. */
  accounts(page?: { after?: string; count: number }): Promise<Account[]>;
  /**
   * Durable. Where an account of that name was removed before, the generation is raised above its
   * last one.
   *
   * @returns false where the name is taken
   */
  addAccount(account: AddedAccount): Promise<boolean>;
  /**
   * Durable: the first step of a removal: deletes password, permissions, tokens, shares and links,
   * and raises the generation. Refused if no administrator would remain, unless `evenLast`.
   */
  retireAccount(name: string, evenLast?: boolean): Promise<AccountAnswer>;
  /** Durable: removes the account and all records of its files, uploads and intents. */
  removeAccount(name: string): Promise<boolean>;

  // Files
  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined>;
  /** Records of the files directly in a directory, by name. */
  filesIn(
    owner: string,
    directory: VirtualPath,
    names?: readonly string[],
  ): Promise<Map<string, FileRecord>>;
  /** The file that an upload to this path became, or the version of it, by its tag. */
  storedUpload(owner: string, path: VirtualPath, tag: string): Promise<FoundFile | undefined>;
  /**
   * Records of an owner's files by path, in the order of directory and name.
   *
   * @param after only those behind this path
   */
  knownFiles(
    owner: string,
    after: VirtualPath | undefined,
    count: number,
  ): Promise<Map<VirtualPath, FileRecord>>;
  /**
   * Notes what a file was found to be (one put there by hand, damage).
   *
   * @param known set: only where this is what is recorded of it now; null: nothing is
   * @returns false where something else is recorded or a claim covers the path; nothing is changed
   */
  noteFile(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known?: FileRecord | null,
  ): Promise<boolean>;
  /** Drops a record again. @returns false where another one is there, or none */
  unnoteFile(owner: string, path: VirtualPath, record: FileRecord): Promise<boolean>;
  /**
   * Notes a new time of a file.
   *
   * @param known the size and the time that it is recorded with
   * @returns false where it is not recorded so; nothing is changed then
   */
  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): Promise<boolean>;
  /**
   * Durable: removes the records of a file, or of a directory with all below it; their shares and
   * links end.
   *
   * @param arrival the number that the removal took: uploads with lower ones bring nothing back
   */
  forget(owner: string, path: VirtualPath, arrival?: number): Promise<void>;
  /**
   * Removes the records of up to `count` files below a path, or as many modes once no file is left;
   * not durable.
   *
   * @returns whether more are left
   */
  forgetSome(owner: string, path: VirtualPath, count: number): Promise<boolean>;

  // Uploads
  /**
   * Adds an upload and reserves `reservedBytes` for its content.
   *
   * An upload that overwrites (`ifExists`) reserves only the bytes it needs beyond the file of its
   * name, less the bytes of that file that other uploads have claimed. `beginCommits` checks
   * whether the file still exists. The stored record contains the reservation.
   *
   * @returns false where the owner's quota does not allow it; nothing is added then
   * @throws {StoreError} `exists` where the id is known
   */
  addUpload(record: UploadRecord): Promise<boolean>;
  upload(id: string): Promise<UploadRecord | undefined>;
  /** Unfinished uploads of an account (of all without one), latest updated first. */
  uploads(account?: string, page?: UploadPage): Promise<UploadRecord[]>;
  /** As `uploads`, those of guests into an account's tree (into all without one). */
  guestUploads(owner?: string, page?: UploadPage): Promise<UploadRecord[]>;
  /** Unfinished uploads to a path of an owner, latest updated first. */
  uploadsTo(owner: string, path: VirtualPath, page?: UploadPage): Promise<UploadRecord[]>;
  /** Unfinished uploads of an account to names in a directory as it sees it, by id. */
  uploadsIn(account: string, directory: VirtualPath, page: {
    /** Only those behind this id. */
    after: string;
    count: number;
  }): Promise<UploadRecord[]>;
  /** Number of unfinished uploads, and the bytes that are safe of them. */
  uploadTotals(): Promise<{ uploads: number; offsetBytes: number }>;
  /**
   * Lowers the reservations of unfinished uploads that were last touched before a time to their
   * safe bytes.
   *
   * @param count maximum. @default all
   * @returns whether more may be left
   */
  shrinkReservations(beforeMs: number, count?: number): Promise<boolean>;
  /**
   * Makes a worker the writer of an upload: the number grows, and the calls of earlier writers
   * change nothing from now on.
   *
   * @param ofWriter set: only where this is the current number
   * @returns the record as it is now, or why not
   */
  takeUpload(id: string, holder: string, ofWriter?: number): Promise<UploadRecord | TakeRefusal>;
  /** Notes that an upload has no writer any more; it is suspended. */
  releaseUpload(token: WriterToken): Promise<boolean>;
  /**
   * Sets the reservation to `bytes`, larger or smaller than before, as `addUpload` does.
   *
   * @returns false where the quota does not allow it, the upload does not exist, or another writer
   * has it
   */
  reserve(token: WriterToken, bytes: number): Promise<boolean>;
  /** Notes the size or the hash of an upload that began without them. */
  setAnnounced(token: WriterToken, whole: Announcement): Promise<boolean>;
  /** Records a checkpoint: the number of safe bytes, and their SHA-256. */
  noteProgress(token: WriterToken, safe: SafeBytes, updatedMs: number): Promise<boolean>;
  /** Removes an upload and frees what it reserved. */
  removeUpload(token: WriterToken): Promise<boolean>;

  // Finishing uploads
  /**
   * Durable: records intents. An intent is refused if its name is another upload's or claimed, its
   * upload is another writer's, or the quota forbids it. A waiting claim does not delay an upload
   * that already has an intent: the claim waits for that one. Reserves the bytes that a file needs
   * beyond its upload's reservation and beyond the file it replaces.
   */
  beginCommits(intents: CommitIntent[]): Promise<CommitAnswer[]>;
  /**
   * Durable: the files of these intents are live, the bytes are counted, their uploads are done
   * (gone from `uploads`, kept as `finishedUploads` until removed). Intents that are not noted are
   * passed over, so that it can be repeated.
   *
   * @returns for each intent whether it was noted
   */
  finishCommits(intents: CommitIntent[]): Promise<boolean[]>;
  /** Cancels those of the intents that exist. */
  cancelCommits(intents: CommitIntent[]): Promise<void>;
  /** Existing intents, of one owner and name, or all. */
  commitIntents(owner?: string, path?: VirtualPath): Promise<CommitIntent[]>;
  /** Ids of uploads that are done and whose parts may still be there. */
  finishedUploads(): Promise<FinishedUpload[]>;

  // Renames
  /** Durable. The paths are claimed. */
  beginMove(move: MoveIntent): Promise<void>;
  /**
   * Lets up to `count` records follow a rename that has happened; those of a replaced file are gone
   * before. Not durable. It is repeated until none are left, and `endMove` follows.
   *
   * @returns whether more are left
   */
  moveSome(move: MoveIntent, count: number): Promise<boolean>;
  /**
   * Durable: what is left of records follows the rename, and shares, links and the unfinished uploads
   * below a directory do; those of a replaced file are gone, and so is the intent; without `done`
   * only the latter. Nothing happens where the intent is not noted.
   */
  endMove(move: MoveIntent, done: boolean): Promise<void>;
  moveIntents(): Promise<MoveIntent[]>;

  /**
   * Corrects times after `nowMs`, which the clock wrote while it was ahead: creation and last use
   * become `nowMs`, and an expiry keeps its original duration.
   */
  redate(nowMs: number): Promise<void>;
  /** Counts `usedBytes` and `reservedBytes` again from what is recorded. */
  recount(): Promise<void>;
  close(): Promise<void>;
}
