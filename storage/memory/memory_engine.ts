import { type AccountAnswer, type AddedAccount, NO_PASSWORD } from "../contract/catalog.ts";
import type {
  Engine,
  EngineFault,
  LostFile,
  RecoveryOptions,
  RecoveryReport,
  RemoveAccountOptions,
  SetAside,
  Space,
} from "../contract/engine.ts";
import type { FileRecord } from "../contract/file_record.ts";
import type { StepHook } from "../contract/step.ts";
import { AccountCatalog } from "./accounts/account_catalog.ts";
import { MemoryDatabase } from "./database.ts";
import { collectGarbage } from "./garbage.ts";
import { MemoryParts } from "./memory_parts.ts";
import { MemoryTree } from "./memory_tree.ts";
import { put } from "./names.ts";
import type { MemoryPlaces } from "./places.ts";
import { redateAccounts, redateUploads } from "./accounts/redate.ts";
import type { Run } from "./accounts/tokens.ts";
import { nothingRecovered } from "../contract/recovery.ts";

/** How an engine in memory is opened. */
export interface MemoryEngineOptions {
  /** @default a new one */
  readonly database?: MemoryDatabase;
  /** Names this start of this worker: no other start may have it. @default a new id */
  readonly holder?: string;
  readonly step?: StepHook;
}

/**
 * An engine in memory, for tests. Its content is immutable objects, named by rows of one database, and
 * each change is one transaction; every call yields to the event loop, as one to another node does.
 *
 * @example
 * ```ts
 * const database = new MemoryDatabase();
 * const engine = new MemoryEngine({ database });
 * database.crash(); // what was not durable is gone, and `engine` with it
 * await new MemoryEngine({ database }).recover();
 * ```
 */
export class MemoryEngine implements Engine, MemoryPlaces {
  readonly database: MemoryDatabase;
  readonly run: Run;
  readonly holder: string;
  readonly catalog: AccountCatalog;
  readonly tree: MemoryTree;
  readonly parts: MemoryParts;
  step: StepHook | undefined;

  constructor(options: MemoryEngineOptions = {}) {
    this.database = options.database ?? new MemoryDatabase();
    this.holder = options.holder ?? crypto.randomUUID();
    this.step = options.step;
    this.run = this.database.connect();
    this.catalog = new AccountCatalog(this.database.tables, this.run);
    this.tree = new MemoryTree(this);
    this.parts = new MemoryParts(this);
  }

  addAccount(account: AddedAccount): Promise<boolean> {
    const { tables } = this.database;
    return this.run(true, () => {
      if (!tables.addAccount(account)) return false;
      const root = { owner: account.name, parent: "", name: account.name };
      const mtimeMs = Date.now();
      put(tables, { ...root, id: crypto.randomUUID(), type: "directory", mtimeMs });
      return true;
    });
  }

  async removeAccount(
    name: string,
    { keepFiles, evenLast, retired }: RemoveAccountOptions,
  ): Promise<AccountAnswer> {
    const answer = await this.run(true, () => this.database.tables.retire(name, evenLast));
    if (answer !== "done") return answer;
    await retired?.();
    await this.run(true, () => this.#remove(name, keepFiles));
    return answer;
  }

  /** Kept files move to a name that no account can have. */
  #remove(name: string, keepFiles: boolean): void {
    const { tables } = this.database;
    const owner = `removed/${crypto.randomUUID()}`;
    if (keepFiles) {
      tables.nodes.update((node) => node.owner === name ? { ...node, owner } : node);
    }
    tables.removeAccount(name);
  }

  recover({ holders, progress }: RecoveryOptions = {}): Promise<RecoveryReport> {
    const { tables } = this.database;
    const isOver = ({ holder }: { holder: string | null }) =>
      holder !== null && (holders?.includes(holder) ?? true);
    return this.run(true, () => {
      const uploads = tables.uploads.values().filter(isOver);
      for (const [index, upload] of uploads.entries()) {
        progress?.("uploads", index, uploads.length);
        tables.uploads.set(upload.id, { ...upload, holder: null });
      }
      tables.holds.deleteWhere(isOver);
      const begun = tables.accounts.values()
        .filter(({ passwordHash }) => holders === undefined && passwordHash === NO_PASSWORD);
      for (const { name } of begun) this.#remove(name, false);
      return { ...nothingRecovered(), accountsRemoved: begun.length };
    });
  }

  redate(nowMs: number): Promise<void> {
    const { tables } = this.database;
    return this.run(false, () => {
      redateAccounts(tables, nowMs);
      redateUploads(tables.uploads, nowMs);
    });
  }

  async expire(beforeMs: number): Promise<string[]> {
    const { tables } = this.database;
    const expired = await this.run(true, () => {
      const due = tables.uploads.values()
        .filter(({ holder, updatedMs }) => holder === null && updatedMs < beforeMs);
      for (const upload of due) tables.dropUpload(upload);
      return due.map(({ id }) => id);
    });
    await collectGarbage(this.database, this.run, beforeMs);
    return expired;
  }

  shrinkReservations(beforeMs: number): Promise<void> {
    const { uploads } = this.database.tables;
    return this.run(false, () =>
      uploads.update((upload) => {
        const shrinks = upload.updatedMs < beforeMs && upload.reservedBytes > upload.offsetBytes;
        return shrinks ? { ...upload, reservedBytes: upload.offsetBytes } : upload;
      }));
  }

  /** None: a row and its content are removed in one transaction. */
  async *lostFiles(): AsyncGenerator<LostFile> {
    yield* await this.run(false, () => []);
  }

  forgetLost(): Promise<FileRecord | undefined> {
    return this.run(false, () => undefined);
  }

  /** None: no content is without a row that names it. */
  async *setAside(): AsyncGenerator<SetAside> {
    yield* await this.run(false, () => []);
  }

  /** No limit is known. */
  space(): Promise<Space | undefined> {
    return this.run(false, () => undefined);
  }

  faults(): Promise<EngineFault[]> {
    return this.run(false, () => []);
  }

  shared(): Promise<undefined> {
    return this.run(false, () => undefined);
  }

  async close(): Promise<void> {
    await this.run(false, () => {});
  }
}
