import { delay } from "@std/async";
import type { Condition } from "../../contract/condition.ts";
import { type Content, type Entry, isTrueOf } from "../../contract/entry.ts";
import { isStoreError, notFound, StoreError } from "../../contract/error.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import { childOf, type VirtualPath } from "../../contract/path.ts";
import {
  type Changed,
  type Committed,
  type Found,
  type KnownFile,
  type Listed,
  type LookOptions,
  type MoveOptions,
  type NamesPage,
  type NamesQuery,
  type OpenFile,
  type Publication,
  type RemoveDirectoryOptions,
  REPLACE_WAIT_MS,
  type Spot,
  type Tree,
} from "../../contract/tree.ts";
import { numbered } from "../../common/numbered.ts";
import { lookAtFile } from "../../common/looks.ts";
import { NamePages } from "../../common/name_pages.ts";
import { Pace } from "../../common/slices.ts";
import { withClaim } from "../commit/claim.ts";
import { assertUnlocked } from "../../common/locked.ts";
import type { Committer } from "../commit/commit.ts";
import type { JobRequest } from "../commit/commit_job.ts";
import { knownContent } from "../commit/known_content.ts";
import { findStored } from "../commit/repeats.ts";
import { noteSpelling, statSpelled, withSpelling } from "../commit/spelled.ts";
import { DiskPart } from "../parts/disk_part.ts";
import type { Places } from "../interfaces/places.ts";
import { remove, removeDirectory } from "./changes.ts";
import { rename } from "./rename.ts";
import { Hashing } from "./hashing.ts";
import { retime } from "./retime.ts";

/** The accounts' trees: names and content in files, records in the catalog. */
export class DiskTree implements Tree {
  readonly #hashing: Hashing;
  readonly #names = new NamePages();

  constructor(private readonly places: Places, private readonly committer: Committer) {
    this.#hashing = new Hashing(places);
  }

  stat(owner: string, path: VirtualPath): Promise<Entry | undefined> {
    return statSpelled(this.places, owner, path);
  }

  async look(
    owner: string,
    path: VirtualPath,
    { showAfterMs }: LookOptions = {},
  ): Promise<Found | undefined> {
    const { catalog } = this.places;
    const deadline = performance.now() + (showAfterMs ?? REPLACE_WAIT_MS);
    while (true) {
      const entry = await this.stat(owner, path);
      if (entry === undefined || entry.type === "directory") {
        return entry && { entry, record: undefined };
      }
      const record = await catalog.file(owner, path);
      if (record && isTrueOf(record, entry)) return { entry, record };
      const [intent] = await catalog.commitIntents(owner, path);
      if (intent === undefined) return { entry, record: undefined };
      if (!intent.replace) return undefined;
      if (performance.now() > deadline) {
        if (showAfterMs !== undefined) return { entry, record: undefined };
        throw new StoreError("io", `"${path}" is being replaced; try again`);
      }
      await delay(2);
    }
  }

  async know(owner: string, path: VirtualPath): Promise<KnownFile> {
    const { entry, record } = await this.#know(owner, path);
    return { entry, record };
  }

  async #know(owner: string, path: VirtualPath): Promise<KnownFile & { hashed: boolean }> {
    while (true) {
      const { entry, record } = await lookAtFile(this, owner, path);
      if (record) return { entry, record, hashed: false };
      const found = await this.#hashing.hash(owner, path, entry);
      if (isTrueOf(found, entry)) return { entry, record: found, hashed: true };
    }
  }

  async isVacant(owner: string, path: VirtualPath): Promise<boolean> {
    return await this.places.store.vacant?.(owner, path) ?? false;
  }

  names(owner: string, directory: VirtualPath, query: NamesQuery): Promise<NamesPage> {
    return this.#names.page(() => this.places.store.children(owner, directory), query);
  }

  entries(owner: string, directory: VirtualPath, names: readonly string[]): Promise<Entry[]> {
    return this.places.store.list(owner, directory, [...names]);
  }

  async list(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
    { showAfterMs = REPLACE_WAIT_MS }: LookOptions = {},
  ): Promise<Listed[]> {
    const { catalog } = this.places;
    const entries = new Map<string, Entry>();
    const files: string[] = [];
    const spellings = await catalog.spellings.in(owner, directory, names);
    for (const entry of await this.entries(owner, directory, names)) {
      entries.set(entry.name, withSpelling(entry, spellings.get(entry.name)));
      if (entry.type === "file") files.push(entry.name);
    }
    const records = await catalog.filesIn(owner, directory, files);
    // Read after the records: a file that gets its name in between is recorded by then.
    const noneIsBeingNamed = (await catalog.commitIntents()).length === 0;
    const modes = await catalog.modes.in(owner, directory, names);
    const found: Listed[] = [];
    const pace = new Pace();
    let waitMs = showAfterMs;
    for (const name of names) {
      const entry = entries.get(name);
      const noted = records.get(name);
      const record = entry && noted && isTrueOf(noted, entry) ? noted : undefined;
      const plain = entry !== undefined &&
        (entry.type === "directory" || record !== undefined || noneIsBeingNamed);
      let seen: Found | undefined;
      if (plain) {
        seen = { entry, record };
      } else {
        const beganMs = performance.now();
        seen = await this.#lookIn(owner, childOf(directory, name), entry, waitMs);
        if (seen?.record === undefined) waitMs -= performance.now() - beganMs;
        await pace.turn();
      }
      if (seen === undefined) continue;
      const mode = modes.get(name);
      found.push(mode === undefined ? seen : { ...seen, mode });
    }
    return found;
  }

  async #lookIn(
    owner: string,
    path: VirtualPath,
    listed: Entry | undefined,
    showAfterMs: number,
  ): Promise<Found | undefined> {
    try {
      return await this.look(owner, path, { showAfterMs });
    } catch (error) {
      // No call reaches it, but a listing has it.
      if (!isStoreError(error, "bad-name") || listed === undefined) throw error;
      return { entry: listed, record: undefined };
    }
  }

  async open(owner: string, path: VirtualPath): Promise<OpenFile> {
    const { store, catalog, proofs } = this.places;
    // A small file that matches its record needs no other check.
    const recorded = await catalog.file(owner, path);
    const small = recorded && await knownContent(store, owner, path, recorded);
    if (small) {
      return { content: small, record: recorded, proved: true, hashed: false, crc: undefined };
    }
    while (true) {
      const { record, hashed } = await this.#know(owner, path);
      let content: Content;
      try {
        content = await store.open(owner, path);
      } catch (error) {
        if (isStoreError(error, "not-found")) throw notFound(path);
        throw error;
      }
      if (isTrueOf(record, content)) {
        return { content, record, proved: false, hashed, crc: proofs.crcOf(record.hash) };
      }
      content.close(); // replaced in between
    }
  }

  mode(owner: string, path: VirtualPath): Promise<number | undefined> {
    return this.places.catalog.modes.get(owner, path);
  }

  async makeDirectory(
    owner: string,
    path: VirtualPath,
    spelling?: string,
    account?: string,
  ): Promise<void> {
    const { store, catalog } = this.places;
    await assertUnlocked(catalog, { owner, path, shown: path, account });
    await store.makeDirectory(owner, path, spelling);
    await noteSpelling(catalog, owner, path, spelling);
  }

  removeDirectory(spot: Spot, options: RemoveDirectoryOptions = {}): Promise<Changed> {
    return numbered((arrival) => removeDirectory(this.places, spot, options, arrival));
  }

  remove(spot: Spot, condition?: Condition): Promise<Changed> {
    return numbered((arrival) => remove(this.places, this, spot, condition, arrival));
  }

  rename(from: Spot, to: Spot, options: MoveOptions): Promise<Changed> {
    return numbered((arrival) => rename(this.places, this, from, to, { ...options, arrival }));
  }

  retime(spot: Spot, mtimeMs: number, condition?: Condition): Promise<number> {
    return retime(this.places, this, spot, mtimeMs, condition);
  }

  async setMode(spot: Spot, mode: number): Promise<void> {
    const { catalog } = this.places;
    await this.hold(spot, async () => {
      await assertUnlocked(catalog, spot);
      await catalog.modes.set(spot.owner, spot.path, mode);
    });
  }

  async noteDamage(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    damaged: boolean,
  ): Promise<void> {
    await this.#hashing.note(owner, path, { ...record, damaged }, record);
  }

  // deno-lint-ignore require-await -- it is noted in this process
  async noteProved({ hash, size }: FileRecord, crc: number): Promise<void> {
    this.places.proofs.note(hash, crc, size);
  }

  hold<T>(spot: Spot, work: (found: Found) => Promise<T>): Promise<T> {
    return withClaim(this.places, spot.owner, [spot.path], async () => {
      const found = await this.look(spot.owner, spot.path);
      if (found === undefined) throw notFound(spot.shown);
      return await work(found);
    });
  }

  publish(publication: Publication): Promise<Committed> {
    if (!isOfDisk(publication)) throw new TypeError("The part is one of another engine");
    return this.committer.commit(publication);
  }

  stored(
    owner: string,
    path: VirtualPath,
    tag: string,
    hash: string,
  ): Promise<Committed | undefined> {
    return findStored(this.places.catalog, { owner, path }, tag, hash);
  }
}

function isOfDisk(publication: Publication): publication is JobRequest {
  return publication.part instanceof DiskPart;
}
