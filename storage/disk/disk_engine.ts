import type { AccountAnswer, AddedAccount } from "../contract/catalog.ts";
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
import { StoreError } from "../contract/error.ts";
import type { FileRecord } from "../contract/file_record.ts";
import type { VirtualPath } from "../contract/path.ts";
import { Proofs } from "../common/proofs.ts";
import type { StepHook } from "../contract/step.ts";
import { nextSlice } from "../common/slices.ts";
import { addAccount, removeAccount } from "./account_lifecycle.ts";
import { withAccountClaim } from "./commit/claim.ts";
import { Committer } from "./commit/commit.ts";
import type { DiskCatalog } from "./interfaces/disk_catalog.ts";
import type { Store } from "./interfaces/store.ts";
import { DiskParts } from "./parts/disk_parts.ts";
import type { Places } from "./interfaces/places.ts";
import { expireAside } from "./recovery/aside.ts";
import { expireUploads } from "./recovery/expire.ts";
import { dropGoneParts } from "./parts/gone_parts.ts";
import { forgetLost, lostFiles } from "./recovery/lost_files.ts";
import { recover } from "./recovery/recover.ts";
import { DiskTree } from "./tree/disk_tree.ts";
import { DiskMounts } from "./disk_mounts.ts";

/** Uploads whose reservations shrink in one transaction. */
const UPLOADS_AT_ONCE = 500;

/** Parts of a disk engine. */
export interface DiskEngineOptions {
  store: Store;
  catalog: DiskCatalog;
  /** Names this start of this worker in the catalog: no other start may have it. @default a new id */
  holder?: string | undefined;
  step?: StepHook | undefined;
  /** Measures the space of the store's disk. @default not known */
  measure?: () => Promise<Space | undefined>;
  /**
   * The data directory, links resolved: other directories of the host can be mounted then.
   *
   * @default none can
   */
  data?: string | undefined;
}

/**
 * An engine of two systems, files and a catalog. A crash can come between a change of the one and of
 * the other: the order of all writes is such that recovery brings them into agreement again
 * (docs/storage.md).
 */
export class DiskEngine implements Engine, Places {
  readonly store: Store;
  readonly catalog: DiskCatalog;
  readonly holder: string;
  readonly proofs = new Proofs();
  readonly tree: DiskTree;
  readonly parts: DiskParts;
  readonly mounts?: DiskMounts;
  step: StepHook | undefined;
  readonly #committer: Committer;
  readonly #measure: () => Promise<Space | undefined>;

  constructor(options: DiskEngineOptions) {
    const { store, catalog, holder = crypto.randomUUID(), step } = options;
    this.store = store;
    this.catalog = catalog;
    this.holder = holder;
    this.step = step;
    this.#measure = options.measure ?? (() => Promise.resolve(undefined));
    this.#committer = new Committer(this);
    this.tree = new DiskTree(this, this.#committer);
    this.parts = new DiskParts(this);
    if (options.data !== undefined) this.mounts = new DiskMounts(this, options.data);
  }

  addAccount(account: AddedAccount): Promise<boolean> {
    return withAccountClaim(this, account.name, () => addAccount(this, account));
  }

  removeAccount(name: string, options: RemoveAccountOptions): Promise<AccountAnswer> {
    return withAccountClaim(this, name, () => removeAccount(this, name, options));
  }

  async recover({ holders, progress }: RecoveryOptions = {}): Promise<RecoveryReport> {
    if (holders === undefined) {
      for (const mount of await this.catalog.mounts?.ended() ?? []) {
        await this.mounts?.settle(mount);
      }
    }
    return await recover(this.store, this.catalog, {
      step: this.step,
      progress,
      ...(holders !== undefined && { holders }),
    });
  }

  redate(nowMs: number): Promise<void> {
    return this.catalog.redate(nowMs);
  }

  space(): Promise<Space | undefined> {
    return this.#measure();
  }

  /** The catalog, where it cannot be read. */
  async faults(): Promise<EngineFault[]> {
    try {
      await this.catalog.account("-"); // no account has this name
      return [];
    } catch (error) {
      const reason = error instanceof StoreError ? error.reason(null) : String(error);
      return [{ part: "catalog", reason }];
    }
  }

  /** A data directory belongs to one server. */
  shared(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async expire(beforeMs: number): Promise<string[]> {
    const aside = await expireAside(this.store, this.catalog, beforeMs);
    return (await expireUploads(this, beforeMs)).concat(aside);
  }

  async shrinkReservations(beforeMs: number): Promise<void> {
    await dropGoneParts(this);
    while (await this.catalog.shrinkReservations(beforeMs, UPLOADS_AT_ONCE)) await nextSlice();
  }

  lostFiles(owner: string, settlingMs?: number): AsyncIterable<LostFile> {
    return lostFiles(this.store, this.catalog, owner, settlingMs);
  }

  forgetLost(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    return forgetLost(this.store, this.catalog, owner, path);
  }

  /** There are at most 1,000 of each account. */
  async *setAside(): AsyncGenerator<SetAside> {
    yield* await this.catalog.asides.all();
  }

  async close(): Promise<void> {
    await this.#committer.idle();
    await this.catalog.close();
  }
}
