import type { AccountAnswer, AddedAccount, Catalog } from "../../../storage/contract/catalog.ts";
import type { Content } from "../../../storage/contract/entry.ts";
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
} from "../../../storage/contract/engine.ts";
import type { FileRecord } from "../../../storage/contract/file_record.ts";
import type {
  OpenedPart,
  PartContent,
  Parts,
  TakenUpload,
} from "../../../storage/contract/parts.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { StepHook } from "../../../storage/contract/step.ts";
import type { Committed, OpenFile, Publication, Tree } from "../../../storage/contract/tree.ts";
import type { NewUpload } from "../../../storage/contract/upload_record.ts";
import { yieldTurn } from "../../../storage/common/slices.ts";
import { DiskEngine, type DiskEngineOptions } from "../../../storage/disk/disk_engine.ts";
import { MemoryCatalog } from "./memory_catalog.ts";
import { MemoryStore } from "./memory_store.ts";
import { yielding } from "./yielding.ts";

/** How the engine is opened. @default a new store and a new catalog */
export type YieldingEngineOptions = Partial<DiskEngineOptions>;

/**
 * The disk engine over files and tables in memory, which know what a power cut takes from them. Every
 * call yields to the event loop, as one to another node does.
 *
 * @example
 * ```ts
 * const [store, catalog] = [new MemoryStore(), new MemoryCatalog()];
 * const engine = new YieldingEngine({ store, catalog });
 * store.crash();
 * catalog.crash(); // what was not durable is gone: a new engine over both recovers
 * ```
 */
export class YieldingEngine implements Engine {
  readonly tree: Tree;
  readonly parts: Parts;
  readonly catalog: Catalog;
  readonly #inner: DiskEngine;
  /** The contents behind those that yield. */
  readonly #contents = new WeakMap<PartContent, PartContent>();

  constructor(options: YieldingEngineOptions = {}) {
    const { store = new MemoryStore(), catalog = new MemoryCatalog() } = options;
    const inner = new DiskEngine({ ...options, store, catalog });
    this.#inner = inner;
    this.catalog = yielding<Catalog>(inner.catalog, { deep: true, atOnce: ["watch"] });
    this.tree = yielding<Tree>(inner.tree, {
      instead: {
        open: (...of: Parameters<Tree["open"]>) => this.#open(...of),
        publish: (publication: Publication) => this.#publish(publication),
      },
    });
    this.parts = yielding<Parts>(inner.parts, {
      instead: {
        begin: (upload: NewUpload, id?: string) => this.#begin(upload, id),
        open: (taken: TakenUpload, maxBytes?: number) => this.#resume(taken, maxBytes),
      },
    });
  }

  get holder(): string {
    return this.#inner.holder;
  }
  get step(): StepHook | undefined {
    return this.#inner.step;
  }
  set step(step: StepHook | undefined) {
    this.#inner.step = step;
  }

  async addAccount(account: AddedAccount): Promise<boolean> {
    await yieldTurn();
    return await this.#inner.addAccount(account);
  }
  async removeAccount(name: string, options: RemoveAccountOptions): Promise<AccountAnswer> {
    await yieldTurn();
    return await this.#inner.removeAccount(name, options);
  }
  async recover(options?: RecoveryOptions): Promise<RecoveryReport> {
    await yieldTurn();
    return await this.#inner.recover(options);
  }
  async redate(nowMs: number): Promise<void> {
    await yieldTurn();
    await this.#inner.redate(nowMs);
  }
  async space(): Promise<Space | undefined> {
    await yieldTurn();
    return await this.#inner.space();
  }
  async faults(): Promise<readonly EngineFault[]> {
    await yieldTurn();
    return await this.#inner.faults();
  }
  async shared(): Promise<SharedState | undefined> {
    await yieldTurn();
    return await this.#inner.shared();
  }
  async expire(beforeMs: number): Promise<string[]> {
    await yieldTurn();
    return await this.#inner.expire(beforeMs);
  }
  async shrinkReservations(beforeMs: number): Promise<void> {
    await yieldTurn();
    await this.#inner.shrinkReservations(beforeMs);
  }
  async *lostFiles(owner: string, settlingMs?: number): AsyncGenerator<LostFile> {
    await yieldTurn();
    yield* this.#inner.lostFiles(owner, settlingMs);
  }
  async forgetLost(owner: string, path: VirtualPath): Promise<FileRecord | undefined> {
    await yieldTurn();
    return await this.#inner.forgetLost(owner, path);
  }
  async *setAside(): AsyncGenerator<SetAside> {
    await yieldTurn();
    yield* this.#inner.setAside();
  }
  async close(): Promise<void> {
    await yieldTurn();
    await this.#inner.close();
  }

  async #open(...of: Parameters<Tree["open"]>): Promise<OpenFile> {
    await yieldTurn();
    const opened = await this.#inner.tree.open(...of);
    return { ...opened, content: yielding<Content>(opened.content, { atOnce: ["close"] }) };
  }

  async #publish({ part, ...publication }: Publication): Promise<Committed> {
    await yieldTurn();
    return await this.#inner.tree.publish({
      ...publication,
      part: this.#contents.get(part) ?? part,
    });
  }

  async #begin(upload: NewUpload, id?: string): Promise<PartContent> {
    await yieldTurn();
    return this.#yielding(await this.#inner.parts.begin(upload, id));
  }

  async #resume(taken: TakenUpload, maxBytes?: number): Promise<OpenedPart> {
    await yieldTurn();
    const opened = await this.#inner.parts.open(taken, maxBytes);
    return { ...opened, content: this.#yielding(opened.content) };
  }

  #yielding(content: PartContent): PartContent {
    const slow = yielding(content);
    this.#contents.set(slow, content);
    return slow;
  }
}
