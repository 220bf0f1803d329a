import { Access, type LetterRule } from "./access.ts";
import type { Catalog, IfExists, Usage } from "./catalog.ts";
import * as changes from "./changes.ts";
import type { Download } from "./download.ts";
import { StoreError } from "./error.ts";
import * as files from "./files.ts";
import { resolvePath, type VirtualPath } from "./path.ts";
import type { Principal } from "./principal.ts";
import { expireUploads, recover, type RecoveryReport } from "./recover.ts";
import * as resumes from "./resumes.ts";
import type { Store } from "./store.ts";
import * as transfers from "./transfers.ts";
import type { Upload } from "./upload.ts";
import { VaultCore, type VaultOptions } from "./vault_core.ts";

/**
 * The one way in to what is kept. A door enters with a principal and gets a view in which every
 * rule already holds: letters, quota, versions, locks.
 */
export class Vault {
  readonly #core: VaultCore;

  private constructor(core: VaultCore, readonly recovery: RecoveryReport | undefined) {
    this.#core = core;
  }

  /**
   * Opens a vault.
   *
   * @param parts `recover: false` where another process or worker has done it since the start
   */
  static async open(
    parts: { store: Store; catalog: Catalog; recover?: boolean } & VaultOptions,
  ): Promise<Vault> {
    const { store, catalog, recover: recovering = true, ...options } = parts;
    const report = recovering ? await recover(store, catalog, options.step) : undefined;
    return new Vault(new VaultCore(store, catalog, options), report);
  }

  get catalog(): Catalog {
    return this.#core.catalog;
  }

  /** What a principal sees and may do. */
  enter(principal: Principal): View {
    return new View(this.#core, new Access(principal, this.#core.catalog));
  }

  /** Makes what an account needs in the store. The account stands in the catalog already. */
  async prepareAccount(name: string): Promise<void> {
    await this.#core.store.addAccount(name);
  }

  /** Removes unfinished uploads past their time; those in use stay. @returns their ids */
  async expireUploads(): Promise<string[]> {
    const before = Date.now() - this.#core.partTtlMs;
    const { store, catalog, active } = this.#core;
    return await expireUploads(store, catalog, before, (id) => active.has(id));
  }

  /** Suspends all uploads with a checkpoint and closes the catalog. */
  async close(): Promise<void> {
    for (const upload of [...this.#core.active.values()]) {
      await upload.takeOver("The server is going down");
    }
    await this.#core.committer.idle();
    await this.#core.catalog.close();
  }
}

/** A session's view of the vault. Paths are resolved against `/`; see {@linkcode View.resolve}. */
export class View {
  readonly #core: VaultCore;
  readonly #access: Access;

  constructor(core: VaultCore, access: Access) {
    this.#core = core;
    this.#access = access;
  }

  get principal(): Principal {
    return this.#access.principal;
  }

  /**
   * An absolute path of what a user wrote in the directory `current`.
   *
   * @throws {StoreError} `bad-name`, `denied` above the root
   */
  resolve(current: VirtualPath, text: string): VirtualPath {
    if (text === "") throw new StoreError("bad-name", "The name is empty");
    return resolvePath(current, text);
  }

  /** Letters the session has now. */
  letters(): Promise<string> {
    return this.#access.letters();
  }
  /** Throws `denied` unless the session has all these letters. */
  require(letters: string): Promise<void> {
    return this.#access.require(letters);
  }
  usage(): Promise<Usage> {
    return this.#core.catalog.usage(this.principal.account);
  }
  why(path: string): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
    return this.#access.explain(path);
  }

  upload(request: transfers.UploadRequest): Promise<transfers.UploadOpening> {
    return transfers.openUpload(this.#core, this.#access, request);
  }
  append(request: transfers.UploadRequest): Promise<{ upload: Upload }> {
    return transfers.openAppend(this.#core, this.#access, request);
  }
  resume(
    which: { id: string } | { path: string; sizeBytes: number | undefined },
  ): Promise<{ upload: Upload; prefixHash: string }> {
    return resumes.resumeUpload(this.#core, this.#access, which);
  }
  unfinished(): Promise<resumes.UnfinishedUpload[]> {
    return resumes.listUnfinished(this.#core, this.#access);
  }
  discard(uploadId: string): Promise<void> {
    return resumes.discardUnfinished(this.#core, this.#access, uploadId);
  }
  download(path: string, ifHash?: string): Promise<Download> {
    return transfers.openDownload(this.#core, this.#access, path, ifHash);
  }

  list(path: string, options?: files.ListOptions): Promise<files.ListPage> {
    return files.list(this.#core, this.#access, path, options);
  }
  describe(path: string): Promise<files.FileInfo> {
    return files.describe(this.#core, this.#access, path);
  }
  checksum(path: string): ReturnType<typeof files.checksum> {
    return files.checksum(this.#core, this.#access, path);
  }
  versions(path: string): ReturnType<typeof files.versions> {
    return files.versions(this.#core, this.#access, path);
  }
  verify(path: string): ReturnType<typeof files.verify> {
    return files.verify(this.#core, this.#access, path);
  }

  makeDirectory(path: string, options?: { parents?: boolean }): Promise<VirtualPath> {
    return changes.makeDirectory(this.#core, this.#access, path, options);
  }
  removeDirectory(path: string, options?: { recursive?: boolean }): Promise<void> {
    return changes.removeDirectory(this.#core, this.#access, path, options);
  }
  remove(path: string): Promise<void> {
    return changes.remove(this.#core, this.#access, path);
  }
  checkRenameSource(path: string): Promise<VirtualPath> {
    return changes.checkRenameSource(this.#core, this.#access, path);
  }
  rename(from: string, to: string, options?: { overwrite?: boolean }): Promise<VirtualPath> {
    return changes.rename(this.#core, this.#access, from, to, options);
  }
  copy(
    from: string,
    to: string,
    options?: { ifExists?: IfExists },
  ): ReturnType<typeof changes.copy> {
    return changes.copy(this.#core, this.#access, from, to, options);
  }
  setModified(path: string, mtimeMs: number): Promise<void> {
    return changes.setModified(this.#core, this.#access, path, mtimeMs);
  }
}
