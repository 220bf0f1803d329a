import type {
  Account,
  AccountAnswer,
  CommitAnswer,
  CommitIntent,
  DiskCatalog,
  FileRecord,
  FinishedUpload,
  FoundFile,
  MoveIntent,
  SafeBytes,
  TakeRefusal,
  UploadRecord,
  Usage,
  WriterToken,
} from "../disk/interfaces/disk_catalog.ts";
import { isSameRecord } from "../disk/interfaces/intents.ts";
import { moveKey, recordOf } from "./keys.ts";
import { MemoryLists } from "./lists.ts";
import { MemoryClaims } from "./claims.ts";
import { MemoryAsides } from "./asides.ts";
import { MemoryFailures } from "./failures.ts";
import { MemoryLinks } from "./links.ts";
import { MemoryMarks } from "./marks.ts";
import { MemoryPathBook } from "./path_book.ts";
import { MemoryPolicy } from "./policy.ts";
import { MemoryShares } from "./shares.ts";
import { MemorySteps } from "./steps.ts";
import { MemoryTokens, type Run } from "./tokens.ts";
import { redate } from "./redate.ts";
import { MemoryUploadNotes } from "./upload_notes.ts";
import { MemoryWebSessions } from "./web_sessions.ts";
import { compareCodePoints, type VirtualPath } from "../contract/path.ts";
import type { FileState } from "../contract/entry.ts";

/**
 * The catalog in memory, for tests: sums are counted anew each time, nothing is kept twice.
 *
 * @example
 * ```ts
 * const catalog = new MemoryCatalog();
 * await catalog.noteLogin("alice", Date.now());
 * catalog.crash(); // that login was not durable: it is forgotten
 * ```
 */
export class MemoryCatalog extends MemoryLists implements DiskCatalog {
  readonly sizeBytes = () => Promise.resolve(0);
  readonly comparedSinceMs = () => Promise.resolve(0);
  readonly recount = () => Promise.resolve();
  readonly close = () => Promise.resolve();
  readonly backup = (file: string) => this.books.backup(file);
  readonly #run: Run = (durable, work) => durable ? this.#durably(work) : this.call(work);
  readonly claims = new MemoryClaims(this.books, this.#run);
  readonly steps = new MemorySteps(this.books, this.#run);
  readonly tokens = new MemoryTokens(this.books, this.#run);
  readonly failures = new MemoryFailures(this.books, this.#run);
  readonly shares = new MemoryShares(this.books, this.#run);
  readonly links = new MemoryLinks(this.books, this.#run);
  readonly webSessions = new MemoryWebSessions(this.books, this.#run);
  readonly uploadNotes = new MemoryUploadNotes(this.books, this.#run);
  readonly modes = new MemoryPathBook(this.books.modes, this.#run);
  readonly spellings = new MemoryPathBook(this.books.spellings, this.#run);
  readonly policy = new MemoryPolicy(this.books, this.#run);
  readonly asides = new MemoryAsides(this.books, this.#run);
  readonly marks = new MemoryMarks(this.books, this.#run);

  /** Loses power: goes back to what was durable. */
  crash(): void {
    this.undo.revert();
  }

  readonly lagMs = 0;
  /** Equal to nothing, not even itself: what was read is read again. */
  readonly epoch = NaN;

  account(name: string): Promise<Account | undefined> {
    return this.call(() => this.books.accounts.get(name));
  }
  addAccount(account: Account): Promise<boolean> {
    return this.#durably(() => this.books.addAccount(account));
  }
  updateAccount(name: string, change: Partial<Account>): Promise<boolean> {
    return this.#durably(() => {
      const account = this.books.accounts.get(name);
      if (account) this.books.accounts.set(name, { ...account, ...change });
      return account !== undefined;
    });
  }

  setLetters(name: string, letters: string): Promise<AccountAnswer> {
    return this.#durably(() => this.books.setLetters(name, letters));
  }

  setPassword(name: string, hash: string, ofGeneration?: number): Promise<number | undefined> {
    return this.#durably(() => this.books.setPassword(name, hash, ofGeneration));
  }

  retireAccount(name: string): Promise<AccountAnswer> {
    return this.#durably(() => this.books.retire(name));
  }

  noteLogin(name: string, atMs: number): Promise<void> {
    return this.call(() => {
      const account = this.books.accounts.get(name);
      if (account) this.books.accounts.set(name, { ...account, lastLoginMs: atMs });
    });
  }

  removeAccount(name: string): Promise<boolean> {
    return this.#durably(() => this.books.removeAccount(name));
  }

  usage(name: string): Promise<Usage> {
    return this.call(() => this.books.usage(name));
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

  forget(owner: string, path: VirtualPath): Promise<void> {
    return this.#durably(() => this.books.forget(owner, path));
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

  setUploadSize(token: WriterToken, sizeBytes: number): Promise<boolean> {
    return this.call(() => this.books.changeUpload(token, { sizeBytes }));
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
    return this.call(() => redate(this.books, nowMs));
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

  #durably<T>(work: () => T): Promise<T> {
    return this.call(() => {
      const result = work();
      this.undo.forget();
      return result;
    });
  }
}
