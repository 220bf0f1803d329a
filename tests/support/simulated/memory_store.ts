import { StoreError } from "../../../storage/contract/error.ts";
import { DirectoryNode, FileNode } from "./inode.ts";
import { contentOf, partOf } from "./part.ts";
import { loadText, saveText } from "./text.ts";
import { call, exists, noPart, notDirectory, rootStays } from "./store_errors.ts";
import { type Account, entryOf, MemoryTree } from "./tree.ts";
import { isWithin, nameOf, type VirtualPath } from "../../../storage/contract/path.ts";
import {
  type Children,
  type Content,
  type Entry,
  type FileState,
  isTrueOf,
} from "../../../storage/contract/entry.ts";
import type { PublishOptions, Store, StoredPart } from "../../../storage/disk/interfaces/store.ts";

/**
 * A content store in memory, for tests. It keeps names and contents apart and remembers which of
 * them were synced, as a file system does.
 *
 * @example
 * ```ts
 * const store = new MemoryStore();
 * await store.addAccount("alice");
 * const part = await store.createPart("alice", "a1");
 * part.write(new Uint8Array(10), 0);
 * store.crash(); // neither the bytes nor the part were synced: both are gone
 * ```
 */
export class MemoryStore implements Store {
  readonly #accounts = new Map<string, Account>();

  /** Loses power: goes back to what was durable. Open files must not be used any more. */
  crash(): void {
    for (const { tree, parts } of this.#accounts.values()) {
      tree.root.crash();
      parts.crash();
    }
  }

  addAccount(account: string): Promise<void> {
    if (!this.#accounts.has(account)) {
      const tree = new MemoryTree(new DirectoryNode());
      this.#accounts.set(account, { tree, parts: new DirectoryNode() });
    }
    return Promise.resolve();
  }

  removeAccount(account: string, _options: { keepAside: boolean }): Promise<void> {
    this.#accounts.delete(account);
    return Promise.resolve();
  }

  stat(account: string, path: VirtualPath): Promise<Entry | undefined> {
    return call(() => {
      try {
        const node = this.#account(account).tree.find(path);
        return node && entryOf(nameOf(path), node);
      } catch (error) {
        if (error instanceof StoreError && error.kind === "not-found") return undefined;
        throw error;
      }
    });
  }

  names(account: string, path: VirtualPath): Promise<string[]> {
    return call(() => [...this.#account(account).tree.directory(path).entries.keys()]);
  }

  async children(account: string, path: VirtualPath): Promise<Children> {
    const entries = await this.list(account, path);
    const of = (type: string) => entries.filter((at) => at.type === type).map(({ name }) => name);
    return { directories: of("directory"), files: of("file") };
  }

  list(account: string, path: VirtualPath, only?: string[]): Promise<Entry[]> {
    return call(() => {
      const { entries } = this.#account(account).tree.directory(path);
      return (only ?? [...entries.keys()]).flatMap((name) => {
        const node = entries.get(name);
        return node ? [entryOf(name, node)] : [];
      });
    });
  }

  open(account: string, path: VirtualPath): Promise<Content> {
    return call(() => contentOf(this.#account(account).tree.file(path)));
  }

  async readWhole(
    account: string,
    path: VirtualPath,
    expected: FileState,
  ): Promise<Uint8Array | undefined> {
    const content = await this.open(account, path).catch(() => undefined);
    if (content === undefined || !isTrueOf(expected, content)) return undefined;
    const bytes = new Uint8Array(expected.size);
    await content.read(bytes, 0);
    return bytes;
  }

  makeDirectory(account: string, path: VirtualPath): Promise<void> {
    return call(() => {
      const { tree } = this.#account(account);
      if (tree.find(path)) throw exists(path);
      tree.set(path, new DirectoryNode());
      tree.syncParent(path);
    });
  }

  removeDirectory(account: string, path: VirtualPath): Promise<void> {
    return call(() => {
      const { tree } = this.#account(account);
      const node = tree.existing(path);
      if (path === "/") throw rootStays();
      if (node instanceof FileNode) throw notDirectory(path);
      if (node.entries.size > 0) throw new StoreError("not-empty", `"${path}" is not empty`);
      tree.set(path, undefined);
      tree.syncParent(path);
    });
  }

  remove(account: string, path: VirtualPath): Promise<void> {
    return call(() => this.#account(account).tree.remove(path));
  }

  removeAll(account: string, directory: VirtualPath, names: readonly string[]): Promise<string[]> {
    return call(() => this.#account(account).tree.removeAll(directory, names)).then(() => []);
  }

  rename(
    account: string,
    from: VirtualPath,
    to: VirtualPath,
    options: { replace: boolean },
  ): Promise<void> {
    return call(() => {
      const { tree } = this.#account(account);
      const node = tree.existing(from);
      if (from === "/") throw rootStays();
      const taken = tree.find(to);
      if (taken && !(options.replace && taken instanceof FileNode && node instanceof FileNode)) {
        throw exists(to);
      }
      if (from !== to && isWithin(to, from)) {
        throw new StoreError("bad-request", `"${from}" cannot be moved into itself`);
      }
      tree.set(from, undefined);
      tree.set(to, node);
      tree.syncParent(to);
      tree.syncParent(from);
    });
  }

  async setModified(
    account: string,
    path: VirtualPath,
    mtimeMs: number,
    first?: (file: FileState) => Promise<boolean>,
  ): Promise<number | undefined> {
    const node = this.#account(account).tree.existing(path);
    const wanted = first === undefined || (node instanceof FileNode && await first(node));
    if (wanted) node.mtimeMs = mtimeMs;
    return wanted ? mtimeMs : undefined;
  }

  createPart(account: string, uploadId: string): StoredPart {
    const { entries } = this.#account(account).parts;
    if (entries.has(`${uploadId}.part`)) throw exists(uploadId);
    const file = new FileNode();
    entries.set(`${uploadId}.part`, file);
    return partOf(file);
  }

  openPart(account: string, uploadId: string): Promise<StoredPart> {
    return call(() => {
      const file = this.#part(account, uploadId);
      if (file) return partOf(file);
      throw noPart(uploadId);
    });
  }

  renewPart(account: string, uploadId: string, length: number): Promise<StoredPart> {
    return call(() => {
      const before = this.#part(account, uploadId);
      if (!before) throw noPart(uploadId);
      const file = before.copy(length);
      const { parts } = this.#account(account);
      parts.entries.set(`${uploadId}.part`, file);
      parts.sync();
      return partOf(file);
    });
  }

  removePart(account: string, uploadId: string): void {
    const parts = this.#accounts.get(account)?.parts;
    for (const suffix of ["part", "json", "old"]) parts?.entries.delete(`${uploadId}.${suffix}`);
  }

  listParts(account: string): Promise<string[]> {
    const names = [...this.#accounts.get(account)?.parts.entries.keys() ?? []];
    return Promise.resolve([...new Set(names.map((name) => name.replace(/\.[a-z]+$/, "")))]);
  }

  saveCheckpoint(
    account: string,
    uploadId: string,
    text: string,
    options: { durable: boolean; confirm?: () => Promise<boolean> },
  ): Promise<boolean> {
    return saveText(() => this.#account(account).parts, `${uploadId}.json`, text, options);
  }

  loadCheckpoint(account: string, uploadId: string): Promise<string | undefined> {
    return Promise.resolve(loadText(this.#accounts.get(account)?.parts, `${uploadId}.json`));
  }

  setPartAside(account: string, uploadId: string): Promise<void> {
    return call(() => this.removePart(account, uploadId));
  }

  stage(account: string, uploadId: string, path: VirtualPath): void {
    const { tree, parts } = this.#account(account);
    const taken = tree.find(path);
    if (taken instanceof FileNode) parts.entries.set(`${uploadId}.old`, taken);
  }

  syncParts(account: string): void {
    this.#account(account).parts.sync();
  }

  publish(
    account: string,
    uploadId: string,
    path: VirtualPath,
    options: PublishOptions,
  ): void {
    const { tree, parts } = this.#account(account);
    const part = this.#part(account, uploadId);
    const taken = tree.find(path);
    if (taken && !(options.replace && taken instanceof FileNode)) throw exists(path);
    if (!part) throw noPart(uploadId);
    if (taken) parts.entries.set(`${uploadId}.old`, taken);
    tree.set(path, part);
  }

  keep(account: string, uploadId: string, path: VirtualPath): void {
    const { tree, parts } = this.#account(account);
    const kept = parts.entries.get(`${uploadId}.old`);
    if (kept === undefined) throw new StoreError("not-found", "Nothing is kept");
    if (tree.find(path) !== undefined) throw exists(path);
    tree.set(path, kept);
  }

  unkeep(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    return call(() => {
      const { tree, parts } = this.#account(account);
      const kept = parts.entries.get(`${uploadId}.old`);
      if (kept === undefined || tree.findIfThere(path) !== kept) return;
      tree.set(path, undefined);
      tree.syncParent(path);
    });
  }

  unpublish(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    return call(() => {
      const { tree, parts } = this.#account(account);
      const part = this.#part(account, uploadId);
      if (part && tree.findIfThere(path) === part) {
        tree.set(path, parts.entries.get(`${uploadId}.old`));
        tree.syncParent(path);
      }
      parts.entries.delete(`${uploadId}.old`);
    });
  }

  isPublished(account: string, uploadId: string): Promise<boolean> {
    const part = this.#part(account, uploadId);
    return call(() => part !== undefined && this.#account(account).tree.root.holds(part));
  }

  syncDirectory(account: string, path: VirtualPath): void {
    this.#account(account).tree.directory(path).sync();
  }

  #account(name: string): Account {
    const account = this.#accounts.get(name);
    if (account) return account;
    throw new StoreError("not-found", `The account "${name}" has no tree`);
  }

  #part(account: string, uploadId: string): FileNode | undefined {
    const node = this.#accounts.get(account)?.parts.entries.get(`${uploadId}.part`);
    return node instanceof FileNode ? node : undefined;
  }
}
