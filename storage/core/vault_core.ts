import { BoundedMap } from "../../common/bounded_map.ts";
import { Epoch } from "../common/epoch.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Engine } from "../contract/engine.ts";
import type { Mounts } from "../contract/mount.ts";
import type { Parts } from "../contract/parts.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { Tree } from "../contract/tree.ts";
import { type AuditSink, NO_AUDIT } from "../monitor/audit.ts";
import { type Bus, NO_BUS } from "../monitor/bus.ts";
import { Counters } from "../monitor/counters.ts";
import { Presence } from "../monitor/presence.ts";
import { FreeSpace, type SpaceLimits } from "./free_space.ts";

/** Limits that the operator sets. */
export interface VaultOptions {
  /** How long an unfinished upload is kept after its last use, ms. @default 7 days */
  partTtlMs?: number;
  /** Largest upload taken, bytes. @default no limit */
  maxUploadBytes?: number;
  /** Keeps the audit log. @default nothing is kept */
  audit?: AuditSink;
  /** Counts what happens in this worker. @default a new one */
  counters?: Counters;
  /** Messages to the other workers that have the same engine's places open. @default there are none */
  bus?: Bus;
  /** Name of this node, where several share the engine. */
  node?: string | undefined;
  /** Makes and ends mounts, where this process may not do it itself. @default the engine does */
  mounts?: Mounts;
  /** How much of the engine's space is kept free. @default nothing is */
  space?: SpaceLimits;
}

/** How long a directory that was seen is assumed to exist for uploads into it. */
const DIRECTORY_MS = 1000;
const MAX_DIRECTORIES = 1000;

/** State that all sessions of a vault share. Doors (protocols) must use `Vault.enter()` instead. */
export class VaultCore {
  readonly tree: Tree;
  readonly parts: Parts;
  readonly catalog: Catalog;
  /** Sessions and running transfers. */
  readonly presence: Presence;
  readonly audit: AuditSink;
  readonly counters: Counters;
  readonly space: FreeSpace;
  /** Ends with each change of an account or token. */
  readonly epoch: Epoch;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #directories = new BoundedMap<string, true>({
    max: MAX_DIRECTORIES,
    maxAgeMs: DIRECTORY_MS,
  });

  constructor(readonly engine: Engine, readonly options: VaultOptions) {
    this.tree = engine.tree;
    this.parts = engine.parts;
    this.catalog = engine.catalog;
    this.counters = options.counters ?? new Counters();
    this.space = new FreeSpace(() => engine.space(), options.space ?? { minFreeBytes: 0 });
    this.epoch = new Epoch(this.catalog.lagMs);
    this.catalog.watch(() => this.epoch.end());
    // The catalog caches its reads, and views cache the catalog's answers.
    const { bus = NO_BUS, node } = options;
    this.presence = new Presence(bus, this.counters, 2 * this.catalog.lagMs, node);
    this.audit = options.audit ?? NO_AUDIT;
  }

  /** Whether a directory existed a moment ago; publishing checks it again. */
  sawDirectory(owner: string, path: VirtualPath): boolean {
    return this.#directories.get(`${owner}:${path}`) !== undefined;
  }

  /** Notes that a directory is there. */
  noteDirectory(owner: string, path: VirtualPath): void {
    this.#directories.set(`${owner}:${path}`, true);
  }

  /** A directory turned out to be missing. */
  forgetDirectory(owner: string, path: VirtualPath): void {
    this.#directories.delete(`${owner}:${path}`);
  }

  get partTtlMs(): number {
    return this.options.partTtlMs ?? 7 * 24 * 3600 * 1000;
  }

  /** Runs operations on one object (an upload's id, a name) one after the other. */
  exclusive<T>(thing: string, run: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(thing);
    const mine = before === undefined ? run() : before.then(run, run);
    this.#turns.set(thing, mine);
    const end = () => {
      if (this.#turns.get(thing) === mine) this.#turns.delete(thing);
    };
    mine.then(end, end); // before any later use of what is returned
    return mine;
  }
}
