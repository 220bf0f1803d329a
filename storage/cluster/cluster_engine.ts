import {
  type AccountAnswer,
  type AddedAccount,
  type Catalog,
  NO_PASSWORD,
} from "../contract/catalog.ts";
import { arrivals } from "../contract/arrivals.ts";
import type {
  Engine,
  EngineFault,
  LostFile,
  RecoveryOptions,
  RecoveryReport,
  RemoveAccountOptions,
  SetAside,
  SharedState,
  Space,
} from "../contract/engine.ts";
import type { FileRecord } from "../contract/file_record.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { StepHook } from "../contract/step.ts";
import type { ContentStore } from "./content/content_store.ts";
import { UploadBudget } from "./parts/budget.ts";
import { ClusterParts } from "./parts/cluster_parts.ts";
import type { ClusterPlaces } from "./parts/places.ts";
import type { Database } from "./postgres/database.ts";
import { ClusterClock } from "./postgres/cluster_clock.ts";
import { Freezes } from "./postgres/freezes.ts";
import { HolderLease } from "./postgres/holder_lease.ts";
import { type OnFault, Reach } from "./reach.ts";
import { sharedState } from "./shared_state.ts";
import { ClusterTree } from "./tree/cluster_tree.ts";
import { ClusterKeptTrees } from "./tree/kept_trees.ts";
import {
  expireUploads,
  forgetLost,
  lostFiles,
  shrinkReservations,
  sweepDoomed,
} from "./tree/upkeep.ts";
import {
  collect,
  collectGarbage,
  type CollectOptions,
  type CollectReport,
} from "./upkeep/collect.ts";
import { keepHouse } from "./upkeep/housekeeping.ts";
import { nothingRecovered } from "../contract/recovery.ts";

export type { CollectReport };

/**
 * How long an object is kept that nothing names any more, ms: longer than the longest download, and
 * than the oldest backup of the database that may be restored.
 */
export const GRACE_MS = 7 * 24 * 3600 * 1000;

/** How long a worker keeps house that has not said so again, ms: it is asked every half minute. */
const DUTY_MS = 180_000;

/** Steps in which one turn of the housekeeping takes removed trees apart: 100,000 rows. */
const MAX_SWEEPS = 200;

/** The catalog as the engine needs it beside its contract. */
export interface SharedCatalog extends Catalog {
  /** Corrects times after `nowMs`, but for those of uploads. */
  redate(nowMs: number): Promise<void>;
  /** This process has changed an account by other means. */
  changed(): void;
}

/** Options of an engine of several nodes, which closes the database and the store at its end. */
export interface ClusterEngineOptions {
  /** Migrated already. */
  readonly database: Database;
  readonly store: ContentStore;
  readonly catalog: SharedCatalog;
  /** Names this start of this worker; no other start may have it. @default a new id */
  readonly holder?: string | undefined;
  /** @default GRACE_MS */
  readonly graceMs?: number | undefined;
  /** Bytes of the buffers of all uploads. @default BUDGET_BYTES */
  readonly bufferBytes?: number | undefined;
  readonly step?: StepHook | undefined;
  readonly onFault?: OnFault | undefined;
}

/**
 * An engine that several nodes share: names, uploads and accounts in PostgreSQL, content as immutable
 * objects in a store. Each change is one function of the database, in one round trip.
 */
export class ClusterEngine implements Engine, ClusterPlaces {
  readonly database: Database;
  readonly store: ContentStore;
  readonly holder: string;
  readonly lease: HolderLease;
  readonly budget: UploadBudget;
  readonly catalog: SharedCatalog;
  readonly tree: ClusterTree;
  readonly parts: ClusterParts;
  readonly kept: ClusterKeptTrees;
  step: StepHook | undefined;
  readonly #graceMs: number;
  readonly #clock = new ClusterClock();
  readonly #reach: Reach;
  #unfollow: () => void = () => {};
  #sweeping: Promise<void> | undefined;
  #isClosing = false;

  private constructor(options: ClusterEngineOptions) {
    this.database = options.database;
    this.store = options.store;
    this.catalog = options.catalog;
    this.holder = options.holder ?? crypto.randomUUID();
    this.lease = new HolderLease(this.database, this.holder, this.#clock);
    this.budget = new UploadBudget(options.bufferBytes);
    this.step = options.step;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.tree = new ClusterTree(this, () => this.#sweep());
    this.parts = new ClusterParts(this);
    this.kept = new ClusterKeptTrees(this.database, () => this.#sweep());
    this.#reach = new Reach([
      {
        part: "database",
        look: () => this.database.query((sql) => sql`SELECT 1`),
        answers: () => this.database.answers,
      },
      { part: "object store", look: () => this.store.reach() },
    ], options.onFault);
  }

  /**
   * Opens an engine.
   *
   * @throws {StoreError} `unreachable`
   */
  static async open(options: ClusterEngineOptions): Promise<ClusterEngine> {
    const engine = new ClusterEngine(options);
    await engine.lease.held();
    const freezes = new Freezes(engine.#clock);
    freezes.begin();
    const unfollow = arrivals.follow(() => engine.#clock.now(), () => freezes.latest);
    engine.#unfollow = () => {
      freezes.end();
      unfollow();
    };
    return engine;
  }

  async addAccount(account: AddedAccount): Promise<boolean> {
    const [row] = await this.database.query((sql) =>
      sql`SELECT account_add(${sql.json({ ...account })}) AS added`
    );
    this.catalog.changed();
    return row!["added"] as boolean;
  }

  async removeAccount(name: string, options: RemoveAccountOptions): Promise<AccountAnswer> {
    const { keepFiles, evenLast = false, retired } = options;
    await this.lease.held();
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT account_retire(${name}, ${this.holder}, ${evenLast}) AS answer`
    );
    this.catalog.changed();
    const answer = row!["answer"] as AccountAnswer;
    if (answer !== "done") return answer;
    await retired?.();
    await this.#remove(name, keepFiles);
    return answer;
  }

  /** The last step of a removal, which may be repeated. */
  async #remove(name: string, keepFiles: boolean): Promise<void> {
    const uploads = await this.database.repeat((sql) => sql`SELECT account_uploads(${name}) AS id`);
    for (const { id } of uploads) {
      await this.database.repeat((sql) => sql`SELECT upload_drop(${id}, NULL)`);
    }
    await this.database.repeat((sql) => sql`SELECT account_remove(${name}, ${keepFiles})`);
    this.catalog.changed();
    if (!keepFiles) this.#sweep();
  }

  /**
   * Frees what workers held that have ended, and completes removals of accounts that they had begun.
   * Nothing is taken back: each change is one transaction. The holds of running workers stay theirs.
   */
  async recover({ holders, progress }: RecoveryOptions = {}): Promise<RecoveryReport> {
    progress?.("uploads", 0, 1);
    await this.database.repeat((sql) =>
      sql`SELECT holders_end(${holders === undefined ? null : sql.json([...holders])})`
    );
    const begun = await this.database.repeat((sql) =>
      sql`SELECT name FROM accounts
        WHERE password_hash = ${NO_PASSWORD} AND live_holder(removed_by) IS NULL`
    );
    for (const { name } of begun) await this.#remove(name as string, false);
    this.#sweep();
    return { ...nothingRecovered(), accountsRemoved: begun.length };
  }

  async redate(nowMs: number): Promise<void> {
    await this.catalog.redate(nowMs);
    await this.database.repeat((sql) => sql`SELECT uploads_redate(${nowMs})`);
  }

  async keepsHouse(): Promise<boolean> {
    await this.lease.held();
    const [row] = await this.database.query((sql) =>
      sql`SELECT duty_take('housekeeping', ${this.holder}, ${DUTY_MS}) AS mine`
    );
    return row!["mine"] as boolean;
  }

  async expire(beforeMs: number): Promise<string[]> {
    await this.database.repeat((sql) => sql`SELECT holders_end(NULL)`);
    const expired = await expireUploads(this.database, beforeMs);
    let steps = 0;
    await sweepDoomed(this.database, () => steps++ < MAX_SWEEPS);
    await collectGarbage(this, this.#graceMs);
    await this.database.repeat((sql) => sql`SELECT notes_trim(), limits_trim()`);
    await keepHouse(this, this.#graceMs);
    return expired;
  }

  /** Goes through the whole store, and deletes what nothing needs where it is to. */
  collect(
    options: Partial<CollectOptions> & Pick<CollectOptions, "deletes">,
  ): Promise<CollectReport> {
    return collect(this, { graceMs: this.#graceMs, ...options });
  }

  shrinkReservations(beforeMs: number): Promise<void> {
    return shrinkReservations(this.database, beforeMs);
  }

  lostFiles(owner: string): AsyncIterable<LostFile> {
    return lostFiles(this.database, this.store, owner);
  }

  forgetLost(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    return forgetLost(this.database, this.store, owner, path);
  }

  /** None: no content is without a row that names it. */
  async *setAside(): AsyncGenerator<SetAside> {
    yield* await Promise.resolve([]);
  }

  /** The store's limits are its operator's matter. */
  space(): Promise<Space | undefined> {
    return Promise.resolve(undefined);
  }

  /** The database or the store, by a look of at most three seconds ago. */
  faults(): Promise<EngineFault[]> {
    return Promise.resolve(this.#reach.faults);
  }

  shared(): Promise<SharedState> {
    return sharedState(this.database);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#reach.close();
    this.#unfollow();
    await this.tree.idle();
    await this.#sweeping;
    await this.lease.end().catch(() => {}); // it ends by itself
    await this.store.close();
    await this.database.close();
  }

  /** Takes removed trees apart in the background; where it fails, the housekeeping continues. */
  #sweep(): void {
    this.#sweeping ??= sweepDoomed(this.database, () => !this.#isClosing).catch(() => {})
      .finally(() => this.#sweeping = undefined);
  }
}
