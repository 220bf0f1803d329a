import { StoreError } from "../../contract/error.ts";
import type { VirtualPath } from "../../contract/path.ts";
import {
  type Children,
  type Content,
  type Entry,
  type FileState,
  namesIn,
} from "../../contract/entry.ts";
import type { PublishOptions, Store, StoredPart, StoreTags } from "../interfaces/store.ts";
import { listAside, removeAside } from "./aside.ts";
import { SpaceReserve } from "../reserve/space_reserve.ts";
import { readText, replaceText } from "./checkpoint_file.ts";
import { copyPrefix } from "./copy_prefix.ts";
import { addAccountTree, removeAccountTree } from "./account_tree.ts";
import { Layout, leadsOut } from "./layout.ts";
import { LocalPart } from "./local_part.ts";
import { LocalTree } from "./local_tree.ts";
import { entriesOfParts, partIds, remove, removeLeftovers } from "./names.ts";
import { isMissing, toStoreError } from "./os_error.ts";
import type { LocalStoreOptions } from "./store_options.ts";
import { Publisher } from "./publisher.ts";
import { DirectorySyncs, howToSync, type Syncing } from "./syncing.ts";

/**
 * A content store on a local file system (docs/storage.md, "On disk").
 *
 * Needs read and write permission for the data directory.
 */
export class LocalStore implements Store {
  readonly #layout: Layout;
  readonly #tree: LocalTree;
  readonly #publisher: Publisher;
  readonly #durable: boolean;
  readonly #howToSync: (account: string) => Syncing;
  readonly #syncs: DirectorySyncs;
  readonly #reserve: SpaceReserve;
  /** Prefix of this store's temporary names; the store of another worker has a different one. */
  readonly #tag: string;
  /**
   * Parts made and not left here that have no file beside them, or (true) just what they replace.
   */
  readonly #bare = new Map<string, boolean>();

  /** @param root the data directory; must exist */
  constructor(root: string, options: LocalStoreOptions = {}) {
    this.#tag = options.tag ?? crypto.randomUUID().slice(0, 8);
    this.#durable = options.durability !== "relaxed";
    this.#layout = new Layout(Deno.realPathSync(root), options.findMount);
    this.#howToSync = howToSync(this.#layout.root, this.#durable);
    this.#reserve = new SpaceReserve(this.#layout.root);
    this.#syncs = new DirectorySyncs(this.#layout, this.#howToSync);
    this.#tree = new LocalTree(this.#layout, this.#syncs);
    this.#publisher = new Publisher(this.#layout, this.#tree);
  }

  addAccount(account: string): Promise<void> {
    return addAccountTree(this.#layout, account, this.#durable);
  }

  removeAccount(account: string, options: { keepAside: boolean }): Promise<void> {
    return removeAccountTree(this.#layout, account, { ...options, durable: this.#durable });
  }

  // The methods are async so that what the tree throws is a rejection, as the interface promises.
  async stat(account: string, path: VirtualPath): Promise<Entry | undefined> {
    await this.#tree.readAhead(account, path);
    return this.#tree.stat(account, path);
  }
  vacant(account: string, path: VirtualPath): boolean | Promise<boolean> {
    return this.#ahead(account, path, () => this.#tree.vacant(account, path));
  }
  async names(account: string, path: VirtualPath): Promise<string[]> {
    return namesIn(await this.children(account, path));
  }
  children(account: string, path: VirtualPath): Promise<Children> {
    return this.#tree.children(account, path);
  }
  list(account: string, path: VirtualPath, only?: string[]): Promise<Entry[]> {
    return this.#tree.list(account, path, only);
  }
  async open(account: string, path: VirtualPath): Promise<Content> {
    await this.#tree.readAhead(account, path);
    return this.#tree.open(account, path);
  }
  async readWhole(
    account: string,
    path: VirtualPath,
    expected: FileState,
  ): Promise<Uint8Array | undefined> {
    await this.#tree.readAhead(account, path);
    return this.#tree.readWhole(account, path, expected);
  }
  async makeDirectory(account: string, path: VirtualPath, spelling?: string): Promise<void> {
    await this.#tree.readAhead(account, path);
    return await this.#tree.makeDirectory(account, path, spelling);
  }
  async removeDirectory(
    account: string,
    path: VirtualPath,
    options?: { unreachable?: boolean },
  ): Promise<void> {
    await this.#tree.readAhead(account, path);
    return await this.#tree.removeDirectory(account, path, options);
  }
  async remove(account: string, path: VirtualPath): Promise<void> {
    await this.#tree.readAhead(account, path);
    return await this.#tree.remove(account, path);
  }
  removeAll(account: string, directory: VirtualPath, names: readonly string[]) {
    return this.#tree.removeAll(account, directory, names);
  }
  async rename(
    account: string,
    from: VirtualPath,
    to: VirtualPath,
    options: { replace: boolean; spelling?: string },
  ): Promise<void> {
    await this.#tree.readAhead(account, from);
    await this.#tree.readAhead(account, to);
    return await this.#tree.rename(account, from, to, options);
  }
  async setModified(
    account: string,
    path: VirtualPath,
    mtimeMs: number,
    first?: (file: FileState) => Promise<boolean>,
  ): Promise<number | undefined> {
    await this.#tree.readAhead(account, path);
    return await this.#tree.setModified(account, path, mtimeMs, first);
  }

  createPart(account: string, uploadId: string): StoredPart {
    const place = this.#layout.part(account, uploadId, "part");
    try {
      const file = Deno.openSync(place, {
        createNew: true,
        read: true,
        write: true,
        mode: 0o600,
      });
      this.#bare.set(uploadId, false);
      return new LocalPart(file, place, uploadId, this.#howToSync(account));
    } catch (error) {
      throw toStoreError(error, uploadId);
    }
  }

  // deno-lint-ignore require-await
  async openPart(account: string, uploadId: string): Promise<StoredPart> {
    const place = this.#layout.part(account, uploadId, "part");
    try {
      if (!Deno.lstatSync(place).isFile) throw leadsOut(uploadId);
      const file = Deno.openSync(place, { read: true, write: true });
      return new LocalPart(file, place, uploadId, this.#howToSync(account));
    } catch (error) {
      if (isMissing(error)) {
        throw new StoreError("transfer-not-found", `There is no unfinished upload "${uploadId}"`);
      }
      throw toStoreError(error, uploadId);
    }
  }

  leavePart = (uploadId: string): void => void this.#bare.delete(uploadId);

  removePart(account: string, uploadId: string): void {
    const replacing = this.#bare.get(uploadId);
    this.#bare.delete(uploadId);
    if (replacing === undefined) {
      for (const suffix of ["old", "new", `${this.#tag}.json.new`] as const) {
        remove(this.#layout.part(account, uploadId, suffix), uploadId);
      }
    } else if (replacing) remove(this.#layout.part(account, uploadId, "old"), uploadId);
    remove(this.#layout.part(account, uploadId, "part"), uploadId);
    if (replacing === undefined) remove(this.#layout.part(account, uploadId, "json"), uploadId);
  }

  // deno-lint-ignore require-await
  async listParts(account: string, { tidy }: { tidy?: StoreTags } = {}): Promise<string[]> {
    const parts = this.#layout.parts(account);
    const entries = entriesOfParts(parts);
    if (tidy !== undefined) removeLeftovers(parts, entries, tidy);
    return partIds(entries);
  }

  async saveCheckpoint(
    account: string,
    uploadId: string,
    text: string,
    options: { durable: boolean; confirm?: () => Promise<boolean> },
  ): Promise<boolean> {
    this.#bare.delete(uploadId);
    const durable = options.durable && this.#durable;
    const place = this.#layout.part(account, uploadId, "json");
    const next = this.#layout.part(account, uploadId, `${this.#tag}.json.new`);
    const { confirm } = options;
    const reserve = place.startsWith(this.#layout.root) ? this.#reserve : undefined;
    const how = { place, next, text, durable, confirm, reserve };
    const saved = await replaceText(how, uploadId);
    if (saved && durable) await this.syncParts(account);
    return saved;
  }

  async renewPart(account: string, uploadId: string, length: number): Promise<StoredPart> {
    const place = this.#layout.part(account, uploadId, "part");
    const next = this.#layout.part(account, uploadId, `${this.#tag}.part.new`);
    await copyPrefix({ place, next, length, durable: this.#durable }, uploadId);
    await this.syncParts(account);
    return await this.openPart(account, uploadId);
  }

  // deno-lint-ignore require-await
  async loadCheckpoint(account: string, uploadId: string): Promise<string | undefined> {
    return readText(this.#layout.part(account, uploadId, "json"), uploadId);
  }

  // deno-lint-ignore require-await
  async setPartAside(account: string, uploadId: string): Promise<void> {
    const aside = this.#layout.aside(account);
    Deno.mkdirSync(aside, { recursive: true, mode: 0o700 });
    for (const suffix of ["part", "json", "old"] as const) {
      try {
        Deno.renameSync(
          this.#layout.part(account, uploadId, suffix),
          `${aside}/${uploadId}.${suffix}`,
        );
      } catch (error) {
        if (!isMissing(error)) throw toStoreError(error, uploadId);
      }
    }
    this.removePart(account, uploadId);
  }

  // deno-lint-ignore require-await
  async listAside(account: string): Promise<{ id: string; bytes: number }[]> {
    return listAside(this.#layout.aside(account));
  }
  removeAside(account: string, id: string): Promise<void> {
    return removeAside(this.#layout.aside(account), id);
  }

  stage(account: string, uploadId: string, path: VirtualPath): void | Promise<void> {
    return this.#ahead(account, path, () => {
      if (this.#publisher.stage(account, uploadId, path)) this.#noteReplacing(uploadId);
    });
  }

  syncParts(account: string): void | Promise<void> {
    return this.#syncs.sync(account, this.#layout.parts(account), "parts");
  }

  publish(
    account: string,
    uploadId: string,
    path: VirtualPath,
    options: PublishOptions,
  ): void | Promise<void> {
    return this.#ahead(account, path, () => {
      try {
        const replaced = this.#publisher.publish(account, uploadId, path, options);
        if (replaced) this.#noteReplacing(uploadId);
      } catch (error) {
        this.#bare.delete(uploadId); // what it has left is not known
        throw error;
      }
    });
  }

  #noteReplacing(uploadId: string): void {
    if (this.#bare.has(uploadId)) this.#bare.set(uploadId, true);
  }

  async unpublish(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    await this.#tree.readAhead(account, path);
    return await this.#publisher.unpublish(account, uploadId, path);
  }
  keep(account: string, uploadId: string, path: VirtualPath): void | Promise<void> {
    return this.#ahead(account, path, () => this.#publisher.keep(account, uploadId, path));
  }
  async unkeep(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    await this.#tree.readAhead(account, path);
    return await this.#publisher.unkeep(account, uploadId, path);
  }
  // deno-lint-ignore require-await
  async isPublished(account: string, uploadId: string): Promise<boolean> {
    return this.#publisher.isPublished(account, uploadId);
  }
  syncDirectory(account: string, path: VirtualPath): void | Promise<void> {
    return this.#ahead(account, path, () => this.#tree.syncDirectory(account, path));
  }

  /** Carries a call out that blocks for no longer than its name allows; see `readAhead`. */
  #ahead<T>(account: string, path: VirtualPath, call: () => T | Promise<T>): T | Promise<T> {
    const ahead = this.#tree.readAhead(account, path);
    return ahead === undefined ? call() : ahead.then(call);
  }
}
