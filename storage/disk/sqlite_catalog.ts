import { BoundedMap } from "../../common/bounded_map.ts";
import {
  type Account,
  type AccountAnswer,
  type AddedAccount,
  type Announcement,
  type CommitAnswer,
  type CommitIntent,
  type DiskCatalog,
  type FileRecord,
  type FinishedUpload,
  type FoundFile,
  type MoveIntent,
  type SafeBytes,
  TakeRefusal,
  type UploadRecord,
  type Usage,
  type WriterToken,
} from "./interfaces/disk_catalog.ts";
import type { VirtualPath } from "../contract/path.ts";
import { Accounts } from "./sqlite/accounts/accounts.ts";
import { SqliteBooks } from "./sqlite/books.ts";
import { Commits } from "./sqlite/uploads/commits.ts";
import { Connection, type OpenOptions } from "./sqlite/connection/connection.ts";
import { Epoch } from "../common/epoch.ts";
import { Files } from "./sqlite/files/files.ts";
import { prepareLedger } from "./sqlite/accounts/ledger.ts";
import { prepareRedate } from "./sqlite/redate.ts";
import { settled } from "./sqlite/connection/settled.ts";
import { SqliteSteps } from "./sqlite/steps.ts";
import { Uploads } from "./sqlite/uploads/uploads.ts";

const MAX_KNOWN = 1000;
/** How long changes of other processes may go unnoticed, ms; views take as long again. */
const LAG_MS = 5;

/**
 * The catalog in one SQLite file, which several processes and workers may have open at once. Calls
 * are short and finished when they return, except for writes that wait while another connection
 * writes: they are carried out in their order.
 *
 * This class defines which calls write and which are durable; the statements are in `sqlite/`.
 */
export class SqliteCatalog extends SqliteBooks implements DiskCatalog {
  readonly lagMs = LAG_MS;
  readonly steps: SqliteSteps;
  readonly #connection: Connection;
  readonly #accounts: Accounts;
  readonly #files: Files;
  readonly #uploads: Uploads;
  readonly #commits: Commits;
  readonly #epoch: Epoch;
  readonly redate: (nowMs: number) => Promise<void>;
  readonly #known = new BoundedMap<string, { account: Account; epoch: number }>({ max: MAX_KNOWN });

  private constructor(connection: Connection) {
    const epoch = new Epoch(LAG_MS, () => connection.changedByOthers());
    super(connection, epoch);
    const ledger = prepareLedger(connection);
    this.#connection = connection;
    this.#epoch = epoch;
    this.redate = prepareRedate(connection, () => epoch.end());
    this.#accounts = new Accounts(connection, ledger, this.grants);
    this.#files = new Files(connection, ledger, this.grants, this.claims);
    this.#uploads = new Uploads(connection, ledger, this.#files);
    const { modes, spellings, claims, locks } = this;
    const tables = [this.#files, this.#uploads, modes, spellings, claims, locks] as const;
    this.#commits = new Commits(connection, ledger, ...tables);
    this.steps = new SqliteSteps(connection, this.#files, this.claims, this.shares);
  }

  /**
   * Opens a catalog file (mode 600), making it where there is none. Needs `--allow-read` and
   * `--allow-write` for its directory.
   *
   * @throws {StoreError} `io` where the file is damaged, or no catalog this version understands
   */
  static open(file: string, options: OpenOptions): SqliteCatalog {
    return new SqliteCatalog(Connection.open(file, options));
  }

  watch(changed: () => void): void {
    this.#epoch.watch(changed);
  }

  account(name: string): Promise<Account | undefined> {
    // Cached, because every step of every transfer reads it. Changes by this process clear it
    // below.
    const epoch = this.#epoch.now;
    const known = this.#known.get(name);
    if (known?.epoch === epoch) return Promise.resolve({ ...known.account });
    return this.#read(() => {
      const account = this.#accounts.get(name);
      if (account) this.#known.set(name, { account, epoch });
      return account && { ...account };
    });
  }

  accounts(page?: { after?: string; count: number }): Promise<Account[]> {
    return this.#read(() => this.#accounts.all(page?.after, page?.count));
  }

  accountTotals(): Promise<Usage & { accounts: number }> {
    return this.#read(() => this.#accounts.totals());
  }

  addAccount(account: AddedAccount): Promise<boolean> {
    return this.#durably(() => this.#accounts.add(account));
  }

  readonly updateAccount: DiskCatalog["updateAccount"] = (...of) =>
    this.#changing(() => this.#accounts.update(...of));

  readonly setLetters: DiskCatalog["setLetters"] = (...of) =>
    this.#changing(() => this.#accounts.setLetters(...of));

  readonly setValidity: DiskCatalog["setValidity"] = (...of) =>
    this.#changing(() => this.#accounts.setValidity(...of));

  readonly setPassword: DiskCatalog["setPassword"] = (...of) =>
    this.#changing(() => this.#accounts.setPassword(...of));

  async retireAccount(name: string, evenLast = false): Promise<AccountAnswer> {
    const answer = await this.#changing(() => this.#accounts.retire(name, evenLast));
    if (answer === "done") await this.#accounts.endGrants(name);
    return answer;
  }

  async noteLogin(name: string, atMs: number): Promise<void> {
    this.#epoch.end();
    await this.#note(() => this.#accounts.noteLogin(name, atMs));
  }

  async removeAccount(name: string): Promise<boolean> {
    await this.#accounts.endGrants(name);
    return await this.#changing(() => this.#accounts.remove(name));
  }

  usage(name: string): Promise<Usage> {
    return this.#read(() => this.#accounts.usage(name));
  }

  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    return this.#read(() => this.#files.get(owner, path));
  }

  storedUpload(owner: string, path: VirtualPath, tag: string): Promise<FoundFile | undefined> {
    return this.#read(() => this.#files.storedUpload(owner, path, tag));
  }

  filesIn(owner: string, directory: VirtualPath, names?: readonly string[]) {
    const read = () => this.#files.inDirectory(owner, directory, names);
    return settled(() => this.#connection.readTogether(read));
  }

  readonly knownFiles: DiskCatalog["knownFiles"] = (...of) =>
    this.#read(() => this.#files.known(...of));

  readonly noteFile: DiskCatalog["noteFile"] = (...of) => this.#note(() => this.#files.note(...of));

  readonly unnoteFile: DiskCatalog["unnoteFile"] = (...of) =>
    this.#note(() => this.#files.unnote(...of));

  readonly retime: DiskCatalog["retime"] = (...of) =>
    this.#connection.writeOne(() => this.#files.retime(...of));

  forget(owner: string, path: VirtualPath, arrival?: number): Promise<void> {
    return this.#durably(() => this.#files.forget(owner, path, { arrival }));
  }

  forgetSome(owner: string, path: VirtualPath, count: number): Promise<boolean> {
    return this.#write(() => this.#files.forgetSome(owner, path, count));
  }

  addUpload(record: UploadRecord): Promise<boolean> {
    return this.#write(() => this.#uploads.add(record));
  }

  upload(id: string): Promise<UploadRecord | undefined> {
    return this.#read(() => this.#uploads.get(id));
  }

  readonly uploads: DiskCatalog["uploads"] = (...of) => this.#read(() => this.#uploads.list(...of));

  readonly guestUploads: DiskCatalog["guestUploads"] = (...of) =>
    this.#read(() => this.#uploads.ofGuests(...of));

  readonly uploadsTo: DiskCatalog["uploadsTo"] = (...of) =>
    this.#read(() => this.#uploads.to(...of));

  readonly uploadsIn: DiskCatalog["uploadsIn"] = (account, directory, { after, count }) =>
    this.#read(() => this.#uploads.in(account, directory, after, count));

  uploadTotals(): Promise<{ uploads: number; offsetBytes: number }> {
    return this.#read(() => this.#uploads.totals());
  }

  readonly shrinkReservations: DiskCatalog["shrinkReservations"] = (...of) =>
    this.#write(() => this.#uploads.shrinkReservations(...of));

  takeUpload(id: string, holder: string, of?: number): Promise<UploadRecord | TakeRefusal> {
    return this.#write(() => this.#uploads.take(id, holder, of));
  }

  releaseUpload(token: WriterToken): Promise<boolean> {
    return this.#connection.writeOne(() => this.#uploads.release(token));
  }

  reserve(token: WriterToken, bytes: number): Promise<boolean> {
    return this.#write(() => this.#uploads.reserve(token, bytes));
  }

  setAnnounced(token: WriterToken, whole: Announcement): Promise<boolean> {
    return this.#write(() => this.#uploads.announce(token, whole));
  }

  noteProgress(token: WriterToken, safe: SafeBytes, updatedMs: number): Promise<boolean> {
    return this.#write(() => this.#uploads.noteProgress(token, safe, updatedMs));
  }

  async removeUpload(token: WriterToken): Promise<boolean> {
    // Most have been finished: a single statement costs half of what a transaction does.
    return await this.#connection.writeOne(() => this.#uploads.removeFinished(token)) ||
      await this.#connection.write(false, () => this.#uploads.remove(token));
  }

  beginCommits(intents: CommitIntent[]): Promise<CommitAnswer[]> {
    return this.#durably(() => this.#commits.begin(intents));
  }

  finishCommits(intents: CommitIntent[]): Promise<boolean[]> {
    return this.#durably(() => this.#commits.finish(intents));
  }

  cancelCommits(intents: CommitIntent[]): Promise<void> {
    return this.#write(() => this.#commits.cancel(intents));
  }

  commitIntents(owner?: string, path?: VirtualPath): Promise<CommitIntent[]> {
    return this.#read(() => this.#commits.list(owner, path));
  }

  finishedUploads(): Promise<FinishedUpload[]> {
    return this.#read(() => this.#uploads.finished());
  }

  beginMove(move: MoveIntent): Promise<void> {
    return this.#durably(() => this.#files.beginMove(move));
  }

  moveSome(move: MoveIntent, count: number): Promise<boolean> {
    return this.#write(() => this.#files.moveSome(move, count));
  }

  endMove(move: MoveIntent, done: boolean): Promise<void> {
    return this.#durably(() => this.#files.endMove(move, done));
  }

  moveIntents(): Promise<MoveIntent[]> {
    return this.#read(() => this.#files.moves());
  }

  readonly recount = () => this.#write(() => this.#accounts.recount());

  readonly sizeBytes = () => this.#read(() => this.#connection.sizeBytes());

  readonly state = () => this.#read(() => this.#connection.state());

  /** Writes a consistent copy to a new file of the host (600); `exists` where there is one. */
  readonly backup = (file: string) => this.#connection.backup(file);

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Changes an account: the cached account and its tokens are read again. */
  #changing<T>(work: () => T): Promise<T> {
    return this.#durably(() => {
      this.#epoch.end();
      return work();
    });
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.#connection.read(work));
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#connection.write(false, work);
  }

  /** Notes something that nothing depends on: see {@linkcode Connection.note}. */
  #note(work: () => boolean | void): Promise<boolean> {
    return settled(() => this.#connection.note(work));
  }

  #durably<T>(work: () => T): Promise<T> {
    return this.#connection.write(true, work);
  }
}
