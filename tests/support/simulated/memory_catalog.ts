import type {
  AccountAnswer,
  AddedAccount,
  Announcement,
  CommitAnswer,
  CommitIntent,
  DiskCatalog,
  FileRecord,
  FinishedUpload,
  FoundFile,
  MoveIntent,
  SafeBytes,
  TakeRefusal,
  UploadPage,
  UploadRecord,
  WriterToken,
} from "../../../storage/disk/interfaces/disk_catalog.ts";
import { isSameRecord } from "../../../storage/disk/interfaces/intents.ts";
import { moveKey, recordOf } from "./keys.ts";
import { MemoryClaims } from "./claims.ts";
import { MemoryAsides } from "./asides.ts";
import { MemoryPathBook } from "./path_book.ts";
import { MemorySteps } from "./steps.ts";
import { AccountCatalog } from "../../../storage/memory/accounts/account_catalog.ts";
import { UndoLog } from "../../../storage/memory/accounts/table.ts";
import type { Run } from "../../../storage/memory/accounts/tokens.ts";
import { Books } from "./books.ts";
import { redateAll } from "./redate_all.ts";
import { compareCodePoints, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { FileState } from "../../../storage/contract/entry.ts";

/**
 * The catalog in memory, for tests: sums are counted again each time, nothing is kept twice.
 *
 * @example
 * ```ts
 * const catalog = new MemoryCatalog();
 * await catalog.noteLogin("alice", Date.now());
 * catalog.crash(); // that login was not durable: it is forgotten
 * ```
 */
export class MemoryCatalog extends AccountCatalog implements DiskCatalog {
  readonly recount = () => Promise.resolve();
  readonly close = () => Promise.resolve();
  readonly claims;
  readonly steps;
  readonly modes;
  readonly spellings;
  readonly asides;
  readonly undo: UndoLog;
  readonly books: Books;

  constructor() {
    const undo = new UndoLog();
    const books = new Books(undo);
    const run = runOver(undo);
    super(books, run, (owner, path) => books.isBusy(owner, path));
    this.undo = undo;
    this.books = books;
    this.claims = new MemoryClaims(books, run);
    this.steps = new MemorySteps(books, run);
    this.modes = new MemoryPathBook(books.modes, run);
    this.spellings = new MemoryPathBook(books.spellings, run);
    this.asides = new MemoryAsides(books, run);
  }

  /** Loses power: goes back to what was durable. */
  crash(): void {
    this.undo.revert();
  }

  addAccount(account: AddedAccount): Promise<boolean> {
    return this.#durably(() => this.books.addAccount(account));
  }

  retireAccount(name: string, evenLast?: boolean): Promise<AccountAnswer> {
    return this.#durably(() => this.books.retire(name, evenLast));
  }

  removeAccount(name: string): Promise<boolean> {
    return this.#durably(() => this.books.removeAccount(name));
  }

  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    return this.call(() => {
      const file = this.books.files.get(owner + path);
      return file && recordOf(file);
    });
  }

  storedUpload(owner: string, path: VirtualPath, tag: string): Promise<FoundFile | undefined> {
    return this.call(() => this.books.storedUpload(owner, path, tag));
  }

  filesIn(owner: string, directory: VirtualPath, names?: readonly string[]) {
    return this.call(() => this.books.filesIn(owner, directory, names));
  }

  knownFiles(owner: string, after: VirtualPath | undefined, count: number) {
    return this.call(() => this.books.known(owner, after, count));
  }

  noteFile(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known?: FileRecord | null,
  ): Promise<boolean> {
    return this.call(() => this.books.note(owner, path, record, known));
  }

  unnoteFile(owner: string, path: VirtualPath, record: FileRecord): Promise<boolean> {
    return this.call(() => {
      const same = isSameRecord(this.books.files.get(owner + path), record);
      if (same) this.books.files.delete(owner + path);
      return same;
    });
  }

  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): Promise<boolean> {
    return this.call(() => this.books.retime(owner, path, known, mtimeMs));
  }

  forget(owner: string, path: VirtualPath, arrival?: number): Promise<void> {
    return this.#durably(() => this.books.forget(owner, path, arrival));
  }

  forgetSome(owner: string, path: VirtualPath, count: number): Promise<boolean> {
    return this.call(() => {
      const files = [...this.books.tree(owner, path)];
      for (const file of files.slice(0, count)) this.books.files.delete(owner + file.path);
      return files.length > count;
    });
  }

  addUpload(record: UploadRecord): Promise<boolean> {
    return this.call(() => this.books.addUpload(record));
  }

  upload(id: string): Promise<UploadRecord | undefined> {
    return this.call(() => this.books.unfinished().find((upload) => upload.id === id));
  }

  shrinkReservations(beforeMs: number, count = Infinity): Promise<boolean> {
    return this.call(() => this.books.shrinkReservations(beforeMs, count));
  }

  takeUpload(
    id: string,
    holder: string,
    ofWriter?: number,
  ): Promise<UploadRecord | TakeRefusal> {
    return this.call(() => this.books.take(id, holder, ofWriter));
  }

  releaseUpload(token: WriterToken): Promise<boolean> {
    return this.call(() => this.books.changeUpload(token, { holder: null }));
  }

  reserve(token: WriterToken, bytes: number): Promise<boolean> {
    return this.call(() => {
      const upload = this.books.ofWriter(token);
      return upload !== undefined && this.books.reserve(upload, bytes);
    });
  }

  setAnnounced(token: WriterToken, whole: Announcement): Promise<boolean> {
    return this.call(() => this.books.changeUpload(token, whole));
  }

  noteProgress(
    token: WriterToken,
    { offset: offsetBytes, hash: offsetHash }: SafeBytes,
    updatedMs: number,
  ): Promise<boolean> {
    const change = { offsetBytes, offsetHash, updatedMs };
    return this.call(() => this.books.changeUpload(token, change));
  }

  removeUpload({ id, writer }: WriterToken): Promise<boolean> {
    return this.call(() => {
      if (this.books.uploads.get(id)?.writer !== writer) return false;
      this.books.uploads.delete(id);
      return true;
    });
  }

  beginCommits(intents: CommitIntent[]): Promise<CommitAnswer[]> {
    return this.#durably(() => intents.map((intent) => this.books.begin(intent)));
  }

  finishCommits(intents: CommitIntent[]): Promise<boolean[]> {
    return this.#durably(() => intents.map((intent) => this.books.finish(intent)));
  }

  cancelCommits(intents: CommitIntent[]): Promise<void> {
    return this.call(() => {
      for (const { owner, path, uploadId } of intents) {
        if (this.books.standing(owner, path)?.uploadId === uploadId) {
          this.books.commits.delete(owner + path);
        }
      }
    });
  }

  commitIntents(owner?: string, path?: VirtualPath): Promise<CommitIntent[]> {
    return this.call(() =>
      this.books.commits.values()
        .filter((commit) => owner === undefined || commit.owner === owner)
        .filter((commit) => path === undefined || commit.path === path)
        .map(({ heldBytes: _, ...intent }) => ({ ...intent, file: recordOf(intent.file) }))
        .sort((a, b) => compareCodePoints(a.owner + a.path, b.owner + b.path))
    );
  }

  redate(nowMs: number): Promise<void> {
    return this.call(() => redateAll(this.books, nowMs));
  }

  finishedUploads(): Promise<FinishedUpload[]> {
    return this.call(() =>
      this.books.uploads.values()
        .filter((upload) => upload.finished)
        .map(({ id, owner, writer, holder }) => ({ id, owner, writer, holder }))
    );
  }

  beginMove(move: MoveIntent): Promise<void> {
    return this.#durably(() => this.books.moves.set(moveKey(move), { ...move }));
  }

  moveSome(move: MoveIntent, count: number): Promise<boolean> {
    return this.call(() => this.books.moveSome(move, count));
  }

  endMove(move: MoveIntent, done: boolean): Promise<void> {
    return this.#durably(() => this.books.endMove(move, done));
  }

  moveIntents(): Promise<MoveIntent[]> {
    return this.call(() => this.books.moves.values().map(({ moving: _moving, ...move }) => move));
  }

  uploads(account?: string, page?: UploadPage): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished(page, (one) => account === undefined || one.account === account)
    );
  }
  guestUploads(owner?: string, page?: UploadPage): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished(
        page,
        (one) => one.account !== one.owner && one.owner === (owner ?? one.owner),
      )
    );
  }
  uploadsTo(owner: string, path: VirtualPath, page?: UploadPage): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished(page, (one) => one.owner === owner && one.path === path)
    );
  }
  uploadsIn(
    account: string,
    directory: VirtualPath,
    { after, count }: { after: string; count: number },
  ): Promise<UploadRecord[]> {
    return this.call(() =>
      this.books.unfinished({}, (one) => one.account === account && one.id > after)
        .filter(({ shownPath }) => parentOf(shownPath) === directory)
        .sort((a, b) => a.id < b.id ? -1 : 1)
        .slice(0, count)
    );
  }
  uploadTotals(): Promise<{ uploads: number; offsetBytes: number }> {
    return this.call(() => {
      const uploads = this.books.unfinished();
      const offsetBytes = uploads.reduce((sum, upload) => sum + upload.offsetBytes, 0);
      return { uploads: uploads.length, offsetBytes };
    });
  }

  call<T>(work: () => T): Promise<T> {
    return this.run(false, work);
  }

  #durably<T>(work: () => T): Promise<T> {
    return this.run(true, work);
  }
}

/** Carries calls out at once; what one throws is the promise's rejection. */
function runOver(undo: UndoLog): Run {
  // deno-lint-ignore require-await
  return async (durable, work) => {
    const result = work();
    if (durable) undo.forget();
    return result;
  };
}
