import { type AuditSink, NO_AUDIT } from "../monitor/audit.ts";
import { type Bus, NO_BUS } from "../monitor/bus.ts";
import type { Catalog, FileRecord } from "../contract/catalog.ts";
import { Committer } from "../commit/commit.ts";
import { type Current, currentOf } from "../access/condition.ts";
import { Counters } from "../monitor/counters.ts";
import { DiskSpace } from "../space/disk_space.ts";
import { isStoreError, notFound, StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { StepHook } from "../commit/part.ts";
import { partTagOf } from "../contract/part_id.ts";
import { knownContent } from "../commit/known_content.ts";
import { Presence } from "../monitor/presence.ts";
import { Proofs } from "../commit/proofs.ts";
import { hashContent } from "../common/slices.ts";
import { type Content, type Entry, isTrueOf, type Store } from "../contract/store.ts";

/** What an operator sets. */
export interface VaultOptions {
  /** How long an unfinished upload is kept after it was last touched, ms. @default 7 days */
  partTtlMs?: number;
  /** Largest upload taken, bytes. @default no limit */
  maxUploadBytes?: number;
  /** Keeps the audit log. @default nothing is kept */
  audit?: AuditSink;
  /** Counts what happens in this worker. @default a new one */
  counters?: Counters;
  /** Names this start of this worker in the catalog: no other start may have it. @default a new id */
  holder?: string;
  /** To the other workers that have the same catalog and store open. @default there are none */
  bus?: Bus;
  /** Space of the disk that the store is on. @default it is not looked at */
  space?: DiskSpace;
  /** For tests: called between the steps of checkpoints and commits. */
  step?: StepHook;
}

/** A file with all that is known of it. */
export interface KnownFile {
  entry: Entry;
  record: FileRecord;
}

/** How long a directory that was seen needs no second look before an upload into it. */
const DIRECTORY_MS = 1000;
const MOST_DIRECTORIES = 1000;

/** How long a reader waits for a replacement of its file that is being finished. */
export const REPLACE_WAIT_MS = 5000;

/** What all sessions of a vault share. Not for doors: they come in by `Vault.enter()`. */
export class VaultCore {
  readonly committer: Committer;
  /** Who is on, and what runs. */
  readonly presence: Presence;
  readonly audit: AuditSink;
  readonly counters: Counters;
  readonly space: DiskSpace;
  /** Names this start of this worker in the catalog. */
  readonly holder: string;
  /** What the ids of its uploads begin with. */
  readonly partTag: string;
  /** What was hashed lately in this worker. */
  readonly proofs = new Proofs();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #directories = new Map<string, number>();
  readonly #hashing = new Map<string, Promise<FileRecord>>();

  constructor(
    readonly store: Store,
    readonly catalog: Catalog,
    readonly options: VaultOptions,
  ) {
    this.holder = options.holder ?? crypto.randomUUID();
    this.partTag = partTagOf(this.holder);
    this.committer = new Committer(store, catalog, this.holder, options.step, this.proofs);
    this.counters = options.counters ?? new Counters();
    this.space = options.space ?? new DiskSpace({ measure: () => undefined, minFreeBytes: 0 });
    this.presence = new Presence(options.bus ?? NO_BUS, this.counters);
    this.audit = options.audit ?? NO_AUDIT;
  }

  /** Whether a directory was there a moment ago: publishing tells if it is not any more. */
  sawDirectory(owner: string, path: VirtualPath): boolean {
    const seenMs = this.#directories.get(`${owner}:${path}`);
    return seenMs !== undefined && performance.now() - seenMs < DIRECTORY_MS;
  }

  /** Notes that a directory is there. */
  noteDirectory(owner: string, path: VirtualPath): void {
    if (this.#directories.size >= MOST_DIRECTORIES) this.#directories.clear();
    this.#directories.set(`${owner}:${path}`, performance.now());
  }

  get partTtlMs(): number {
    return this.options.partTtlMs ?? 7 * 24 * 3600 * 1000;
  }

  /** Runs what is done to one thing (an upload's id, a name) one after the other. */
  async exclusive<T>(thing: string, run: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(thing);
    const mine = before === undefined ? run() : before.then(run, run);
    this.#turns.set(thing, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(thing) === mine) this.#turns.delete(thing);
    }
  }

  /**
   * The entry at a path and its record where that is true of it. A name that is being given to an
   * upload is not there yet; one whose content is being replaced is waited for.
   *
   * @param options `showAfterMs`: an entry that is being replaced for longer than this is returned
   * without a record, so that one file keeps no listing from its directory
   * @throws {StoreError} `io` where it is being replaced for too long
   */
  async look(
    owner: string,
    path: VirtualPath,
    options: { showAfterMs?: number } = {},
  ): Promise<{ entry: Entry; record: FileRecord | undefined } | undefined> {
    const { showAfterMs } = options;
    const deadline = performance.now() + (showAfterMs ?? REPLACE_WAIT_MS);
    while (true) {
      const entry = await this.store.stat(owner, path);
      if (entry === undefined || entry.type === "directory") {
        return entry && { entry, record: undefined };
      }
      const record = await this.catalog.file(owner, path);
      if (record && isTrueOf(record, entry)) return { entry, record };
      const [intent] = await this.catalog.commitIntents(owner, path);
      if (intent === undefined) return { entry, record: undefined };
      if (!intent.replace) return undefined;
      if (performance.now() > deadline) {
        if (showAfterMs !== undefined) return { entry, record: undefined };
        throw new StoreError("io", `"${path}" is being replaced; try again`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** As {@linkcode look}, for a file that must be there; `not-found`, `is-directory`. */
  async lookAtFile(
    owner: string,
    path: VirtualPath,
  ): Promise<{ entry: Entry; record: FileRecord | undefined }> {
    const found = await this.look(owner, path);
    if (found === undefined) throw notFound(path);
    if (found.entry.type === "directory") {
      throw new StoreError("is-directory", `"${path}" is a directory`);
    }
    return found;
  }

  /** A file with its checksum, which is found anew where the file came by other means. */
  async know(owner: string, path: VirtualPath): Promise<KnownFile> {
    while (true) {
      const { entry, record } = await this.lookAtFile(owner, path);
      if (record) return { entry, record };
      const found = await this.#hash(owner, path, entry);
      if (isTrueOf(found, entry)) return { entry, record: found };
    }
  }

  /**
   * Opens one state of a file together with its checksum.
   *
   * @returns `proved`: the content was compared with the checksum already
   */
  async open(
    owner: string,
    path: VirtualPath,
  ): Promise<{ content: Content; record: FileRecord; proved?: boolean }> {
    // A small file that is as it was recorded needs nothing else to be looked at.
    const recorded = await this.catalog.file(owner, path);
    const known = recorded && await knownContent(this.store, owner, path, recorded);
    if (known !== undefined) return { content: known, record: recorded!, proved: true };
    while (true) {
      const { record } = await this.know(owner, path);
      let content: Content;
      try {
        content = await this.store.open(owner, path);
      } catch (error) {
        if (isStoreError(error, "not-found")) throw notFound(path);
        throw error;
      }
      if (isTrueOf(record, content)) return { content, record };
      content.close(); // replaced in between
    }
  }

  /** What a condition on a place is checked against. */
  async current(owner: string, path: VirtualPath): Promise<Current> {
    const found = await this.look(owner, path);
    if (found?.entry.type === "directory") return { type: "directory" };
    return found && currentOf((await this.know(owner, path)).record);
  }

  /**
   * Notes what a file was found to be, if it is still that, and still recorded as `known`: it may
   * have been replaced, moved or removed since it was looked at.
   */
  async noteFile(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known: FileRecord | null,
  ): Promise<void> {
    const isThere = async () => {
      const now = await this.store.stat(owner, path).catch(() => undefined);
      return now !== undefined && isTrueOf(record, now);
    };
    if (!await isThere()) return;
    const noted = await this.catalog.noteFile(owner, path, record, known);
    // Else a file that was moved or removed in between would be counted for ever.
    if (noted && !await isThere()) await this.catalog.unnoteFile(owner, path, record);
  }

  #hash(owner: string, path: VirtualPath, entry: Entry): Promise<FileRecord> {
    const key = `${owner}:${entry.size}:${entry.mtimeMs}:${path}`;
    let running = this.#hashing.get(key);
    if (running === undefined) {
      running = this.#hashNow(owner, path).finally(() => this.#hashing.delete(key));
      this.#hashing.set(key, running);
    }
    return running;
  }

  async #hashNow(owner: string, path: VirtualPath): Promise<FileRecord> {
    const known = await this.catalog.file(owner, path) ?? null;
    const content = await this.store.open(owner, path);
    try {
      const { hash, crc, length } = await hashContent(content, content.size);
      this.proofs.note(hash, crc, length);
      const record = {
        size: length,
        mtimeMs: content.mtimeMs,
        hash,
        storedMs: content.mtimeMs,
        damaged: false,
      };
      await this.noteFile(owner, path, record, known);
      return record;
    } finally {
      content.close();
    }
  }
}
