import type {
  Account,
  AccountAnswer,
  Catalog,
  CommitAnswer,
  CommitIntent,
  FileRecord,
  MoveIntent,
  UploadRecord,
  Usage,
} from "./catalog.ts";
import { StoreError } from "./error.ts";
import { Books, moveKey, recordOf } from "./memory/books.ts";
import { MemoryFailures } from "./memory/failures.ts";
import { MemoryLinks } from "./memory/links.ts";
import { MemoryModes } from "./memory/modes.ts";
import { MemoryShares } from "./memory/shares.ts";
import { MemoryTokens, type Run } from "./memory/tokens.ts";
import { UndoLog } from "./memory/table.ts";
import { MemoryUploadNotes } from "./memory/upload_notes.ts";
import { MemoryWebSessions } from "./memory/web_sessions.ts";
import { compareCodePoints, nameOf, parentOf, type VirtualPath } from "./path.ts";
import type { FileState } from "./store.ts";

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
export class MemoryCatalog implements Catalog {
  readonly #undo = new UndoLog();
  readonly #books = new Books(this.#undo);
  readonly sizeBytes = () => Promise.resolve(0);
  readonly size = this.sizeBytes;
  readonly recount = () => Promise.resolve();
  readonly #run: Run = (durable, work) => durable ? this.#durably(work) : this.#call(work);
  readonly tokens = new MemoryTokens(this.#books, this.#run);
  readonly failures = new MemoryFailures(this.#books, this.#run);
  readonly shares = new MemoryShares(this.#books, this.#run);
  readonly links = new MemoryLinks(this.#books, this.#run);
  readonly webSessions = new MemoryWebSessions(this.#books, this.#run);
  readonly uploadNotes = new MemoryUploadNotes(this.#books, this.#run);
  readonly modes = new MemoryModes(this.#books, this.#run);

  /** Loses power: goes back to what was durable. */
  crash(): void {
    this.#undo.revert();
  }

  /** Equal to nothing, not even itself: what was read is read again. */
  readonly epoch = NaN;

  account(name: string): Promise<Account | undefined> {
    return this.#call(() => this.#books.accounts.get(name));
  }

  accounts(): Promise<Account[]> {
    return this.#call(() => this.#books.accounts.values().sort((a, b) => a.name < b.name ? -1 : 1));
  }

  addAccount(account: Account): Promise<boolean> {
    return this.#durably(() => {
      if (this.#books.accounts.get(account.name)) return false;
      const former = this.#books.former.get(account.name)?.generation ?? -1;
      const generation = Math.max(account.generation, former + 1);
      this.#books.accounts.set(account.name, { ...account, generation });
      return true;
    });
  }

  updateAccount(name: string, change: Partial<Account>): Promise<boolean> {
    return this.#durably(() => {
      const account = this.#books.accounts.get(name);
      if (account) this.#books.accounts.set(name, { ...account, ...change });
      return account !== undefined;
    });
  }

  setLetters(name: string, letters: string): Promise<AccountAnswer> {
    return this.#durably(() => this.#books.setLetters(name, letters));
  }

  setPassword(name: string, hash: string, ofGeneration?: number): Promise<number | undefined> {
    return this.#durably(() => this.#books.setPassword(name, hash, ofGeneration));
  }

  retireAccount(name: string): Promise<AccountAnswer> {
    return this.#durably(() => this.#books.retire(name));
  }

  noteLogin(name: string, atMs: number): Promise<void> {
    return this.#call(() => {
      const account = this.#books.accounts.get(name);
      if (account) this.#books.accounts.set(name, { ...account, lastLoginMs: atMs });
    });
  }

  removeAccount(name: string): Promise<boolean> {
    return this.#durably(() => this.#books.remove(name));
  }

  usage(name: string): Promise<Usage> {
    return this.#call(() => this.#books.usage(name));
  }

  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    return this.#call(() => {
      const file = this.#books.files.get(owner + path);
      return file && recordOf(file);
    });
  }

  filesIn(owner: string, directory: VirtualPath, names?: readonly string[]) {
    return this.#call(() =>
      new Map(
        this.#books.files.values()
          .filter(({ owner: of, path }) => of === owner && parentOf(path) === directory)
          .map((file) => [nameOf(file.path), recordOf(file)] as const)
          .filter(([name]) => names?.includes(name) ?? true),
      )
    );
  }

  noteFile(owner: string, path: VirtualPath, record: FileRecord): Promise<void> {
    return this.#call(() => {
      if (this.#books.accounts.get(owner)) this.#books.putFile(owner, path, record);
    });
  }

  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): Promise<boolean> {
    return this.#call(() => this.#books.retime(owner, path, known, mtimeMs));
  }

  forget(owner: string, path: VirtualPath): Promise<void> {
    return this.#durably(() => this.#books.forget(owner, path));
  }

  addUpload(record: UploadRecord): Promise<boolean> {
    return this.#call(() => this.#books.addUpload(record));
  }

  upload(id: string): Promise<UploadRecord | undefined> {
    return this.#call(() => this.#books.unfinished().find((upload) => upload.id === id));
  }

  uploads(account?: string): Promise<UploadRecord[]> {
    return this.#call(() =>
      this.#books.unfinished().filter((one) => account === undefined || one.account === account)
    );
  }

  uploadsInto(owner: string): Promise<UploadRecord[]> {
    return this.#call(() => this.#books.unfinished().filter((one) => one.owner === owner));
  }

  shrinkReservations(beforeMs: number): Promise<void> {
    return this.#call(() => this.#books.shrinkReservations(beforeMs));
  }

  reserve(id: string, bytes: number): Promise<boolean> {
    return this.#call(() => {
      const upload = this.#books.uploads.get(id);
      if (!upload || upload.finished) return false;
      return this.#books.reserve(upload, bytes);
    });
  }

  setUploadSize(id: string, sizeBytes: number): Promise<void> {
    return this.#call(() => this.#books.changeUpload(id, { sizeBytes }));
  }

  noteProgress(id: string, offsetBytes: number, updatedMs: number): Promise<void> {
    return this.#call(() => this.#books.changeUpload(id, { offsetBytes, updatedMs }));
  }

  removeUpload(id: string): Promise<void> {
    return this.#call(() => this.#books.uploads.delete(id));
  }

  beginCommits(intents: CommitIntent[]): Promise<CommitAnswer[]> {
    return this.#durably(() => intents.map((intent) => this.#books.begin(intent)));
  }

  finishCommits(intents: CommitIntent[]): Promise<void> {
    return this.#durably(() => {
      for (const { owner, path, uploadId, file, mode } of intents) {
        if (this.#books.standing(owner, path)?.uploadId !== uploadId) continue;
        this.#books.commits.delete(owner + path);
        this.#books.putFile(owner, path, file);
        if (mode !== undefined) this.#books.modes.set(owner + path, { owner, path, mode });
        const upload = this.#books.uploads.get(uploadId);
        if (upload) {
          const freed = { reservedBytes: 0, coveredBytes: 0 };
          this.#books.uploads.set(uploadId, { ...upload, ...freed, finished: true });
        }
      }
    });
  }

  cancelCommits(intents: CommitIntent[]): Promise<void> {
    return this.#call(() => {
      for (const { owner, path, uploadId } of intents) {
        if (this.#books.standing(owner, path)?.uploadId === uploadId) {
          this.#books.commits.delete(owner + path);
        }
      }
    });
  }

  commitIntents(owner?: string, path?: VirtualPath): Promise<CommitIntent[]> {
    return this.#call(() =>
      this.#books.commits.values()
        .filter((commit) => owner === undefined || commit.owner === owner)
        .filter((commit) => path === undefined || commit.path === path)
        .map(({ heldBytes: _, ...intent }) => ({ ...intent, file: recordOf(intent.file) }))
        .sort((a, b) => compareCodePoints(a.owner + a.path, b.owner + b.path))
    );
  }

  finishedUploads(): Promise<{ id: string; owner: string }[]> {
    return this.#call(() =>
      this.#books.uploads.values()
        .filter((upload) => upload.finished)
        .map(({ id, owner }) => ({ id, owner }))
    );
  }

  beginMove(move: MoveIntent): Promise<void> {
    return this.#durably(() => this.#books.moves.set(moveKey(move), { ...move }));
  }

  endMove(move: MoveIntent, done: boolean): Promise<void> {
    const { owner, from, to } = move;
    return this.#durably(() => {
      if (!this.#books.moves.get(moveKey(move))) return;
      this.#books.moves.delete(moveKey(move));
      if (!done || from === to) return;
      this.#books.forget(owner, to);
      this.#books.moveGrants(owner, from, to);
      for (const file of this.#books.tree(owner, from)) {
        this.#books.files.delete(owner + file.path);
        this.#books.putFile(owner, to + file.path.slice(from.length), file);
      }
    });
  }

  moveIntents(): Promise<MoveIntent[]> {
    return this.#call(() => this.#books.moves.values());
  }

  async backup(file: string): Promise<void> {
    const tables = {
      accounts: this.#books.accounts.values(),
      files: this.#books.files.values(),
      uploads: this.#books.uploads.values(),
    };
    try {
      const text = JSON.stringify(tables);
      await Deno.writeTextFile(file, text, { createNew: true, mode: 0o600 });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
      throw new StoreError("exists", "The backup's file exists", {}, { cause });
    }
  }

  comparedSinceMs(): Promise<number> {
    return Promise.resolve(0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #call<T>(work: () => T): Promise<T> {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #durably<T>(work: () => T): Promise<T> {
    return this.#call(() => {
      const result = work();
      this.#undo.forget();
      return result;
    });
  }
}
