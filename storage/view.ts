import type { Access } from "./access/access.ts";
import { Administration } from "./people/administration.ts";
import { actorOf, type AuditAction, audited, resultOf } from "./monitor/audit.ts";
import { Browsers } from "./people/browsers.ts";
import { browse, type BrowseOptions, type BrowsePage } from "./tree/browse.ts";
import type { Usage } from "./contract/catalog.ts";
import * as changes from "./tree/changes.ts";
import type { Condition } from "./contract/condition.ts";
import { copy, type CopyOptions } from "./tree/copy.ts";
import type { Download } from "./transfer/download.ts";
import { StoreError } from "./contract/error.ts";
import * as files from "./tree/files.ts";
import { Links } from "./people/links.ts";
import { setMode, setModified } from "./tree/modified.ts";
import * as listing from "./tree/listing.ts";
import { resolvePath, type VirtualPath } from "./contract/path.ts";
import { type Pending, pendingFor, pendingIn } from "./transfer/pending.ts";
import type { Principal } from "./contract/principal.ts";
import { Tokens } from "./people/tokens.ts";
import * as restart from "./transfer/restart.ts";
import type { Told } from "./transfer/restart.ts";
import * as resumes from "./transfer/resumes.ts";
import type { FileInfo } from "./tree/seen_tree.ts";
import { asShown } from "./access/shares.ts";
import * as sharing from "./people/sharing.ts";
import * as transfers from "./transfer/transfers.ts";
import type { UploadRequest } from "./transfer/transfers.ts";
import type { Upload } from "./transfer/upload.ts";
import type { VaultCore } from "./core/vault_core.ts";
import { explain, type LetterRule } from "./access/why.ts";

/**
 * A session's view of the vault. Paths are resolved against `/`; see {@linkcode View.resolve}. What
 * is done here is told to the audit log, whatever the door.
 */
export class View {
  readonly tokens: Tokens;
  readonly links: Links;
  readonly browsers: Browsers;
  readonly administration: Administration;
  readonly #core: VaultCore;
  readonly #access: Access;

  constructor(core: VaultCore, access: Access) {
    this.#core = core;
    this.#access = access;
    this.tokens = new Tokens(core, access);
    this.links = new Links(core, access);
    this.browsers = new Browsers(core, access);
    this.administration = new Administration(core, access);
  }

  get principal(): Principal {
    return this.#access.principal;
  }

  /** Notes that the session has ended. */
  leave(): void {
    this.#core.presence.leave(this.principal.sessionId);
  }

  /**
   * An absolute path of what a user wrote in the directory `current`.
   *
   * @throws {StoreError} `bad-name`, `denied` above the root
   */
  resolve(current: VirtualPath, text: string): VirtualPath {
    if (text === "") throw new StoreError("bad-name", "The name is empty");
    try {
      return resolvePath(current, text);
    } catch (error) {
      const result = resultOf(error);
      if (result === "denied") {
        const event = { action: "path", result, paths: [text] } as const;
        this.#core.audit.write(actorOf(this.principal), event);
      }
      throw error;
    }
  }

  letters(): Promise<string> {
    return this.#access.letters();
  }
  require(letters: string): Promise<void> {
    return this.#access.require(letters);
  }
  /** What the account holds, and the most that it may hold; null: no limit. */
  async usage(): Promise<Usage & { quotaBytes: number | null }> {
    const { name, quotaBytes } = await this.#access.account();
    return { ...await this.#core.catalog.usage(name), quotaBytes };
  }
  why(path: string): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
    return explain(this.#access, path);
  }

  /** Throws `denied` to a session that showed a token: its account's password is not its own. */
  requirePassword(): void {
    this.#access.requirePassword();
  }

  /**
   * Gives the account another password. Its tokens are void, its other sessions end; this one goes
   * on. The caller has asked for the old password.
   *
   * @throws {StoreError} `denied` to a token's session, `session-over`
   */
  changePassword(passwordHash: string): Promise<void> {
    return this.#tell("password", [], async () => {
      this.#access.requirePassword();
      const { account, generation, sessionId } = this.principal;
      const renewed = await this.#core.catalog.setPassword(account, passwordHash, generation);
      if (renewed === undefined) return void await this.#access.account(); // tells why
      this.#access.renew(renewed);
      const reason = "The account's password was changed";
      await this.#core.presence.end({ account, except: sessionId }, reason);
    });
  }

  upload(request: UploadRequest): Promise<transfers.UploadOpening> {
    return this.#tell(
      "upload",
      [request.path],
      () => transfers.openUpload(this.#core, this.#access, request),
    );
  }
  append(request: UploadRequest): Promise<{ upload: Upload }> {
    return this.#tell(
      "append",
      [request.path],
      () => transfers.openAppend(this.#core, this.#access, request),
    );
  }
  resume(
    which: { id: string } | { path: string; sizeBytes: number | undefined },
    condition?: Condition,
  ): Promise<{ upload: Upload; prefixHash: string }> {
    return this.#tell(
      "resume",
      "path" in which ? [which.path] : [],
      () => resumes.resumeUpload(this.#core, this.#access, which, condition),
    );
  }
  /** Begins an upload behind the first `offset` bytes of what is there; see `restart.ts`. */
  restart(request: UploadRequest, offset: number, told?: Told): Promise<{ upload: Upload }> {
    return this.#tell(
      "resume",
      [request.path],
      () => restart.openAt(this.#core, this.#access, request, offset, told),
    );
  }
  appendOrResume(request: UploadRequest, told?: Told): Promise<{ upload: Upload }> {
    return this.#tell(
      "append",
      [request.path],
      () => restart.openAppendOrResume(this.#core, this.#access, request, told),
    );
  }
  /** The unfinished uploads that stand for names in a directory; see `pending.ts`. */
  pendingIn(directory: VirtualPath): Promise<Map<string, Pending>> {
    return this.#tell("list", [directory], () => pendingIn(this.#core, this.#access, directory));
  }
  pendingFor(path: VirtualPath): Promise<Pending | undefined> {
    return this.#tell("stat", [path], () => pendingFor(this.#core, this.#access, path));
  }
  sizeOrOffset(path: string): Promise<Told> {
    return this.#tell("stat", [path], () => restart.sizeOrOffset(this.#core, this.#access, path));
  }
  unfinished(): Promise<AsyncIterable<resumes.UnfinishedUpload>> {
    return this.#tell("list", [], () => resumes.listUnfinished(this.#core, this.#access));
  }
  /** @param after this door's writer in another worker, which it ends, has noted all it received */
  findUnfinished(id: string, after?: Principal["door"]): ReturnType<typeof resumes.findUnfinished> {
    return resumes.findUnfinished(this.#core, this.#access, id, after && { after });
  }
  /** Drops what was cut of earlier uploads of the file that an upload became; see `resumes.ts`. */
  discardEarlier(done: Upload): Promise<void> {
    return resumes.discardEarlier(this.#core, done, (id) => this.discard(id));
  }
  discard(uploadId: string): Promise<void> {
    const drop = () => resumes.discardUnfinished(this.#core, this.#access, uploadId);
    return this.#tell("drop-upload", [], drop, uploadId.slice(0, 64));
  }
  download(path: string, request?: transfers.DownloadRequest): Promise<Download> {
    return this.#tell(
      "download",
      [path],
      () => transfers.openDownload(this.#core, this.#access, path, request),
    );
  }

  list(path: string, options?: listing.ListOptions): Promise<listing.ListPage> {
    return this.#tell("list", [path], () => listing.list(this.#core, this.#access, path, options));
  }
  entries(path: string, how?: listing.EntriesOptions): ReturnType<typeof listing.entries> {
    return this.#tell("list", [path], () => listing.entries(this.#core, this.#access, path, how));
  }
  browse(path: string, options: BrowseOptions): Promise<BrowsePage> {
    return this.#tell("list", [path], () => browse(this.#core, this.#access, path, options));
  }
  describe(path: string): Promise<FileInfo> {
    return this.#tell("stat", [path], () => listing.describe(this.#core, this.#access, path));
  }
  /** Checks that a directory may be made the current one; needs no letter. */
  enterDirectory(path: string): Promise<void> {
    return this.#tell("stat", [path], () => listing.enterDirectory(this.#core, this.#access, path));
  }
  checksum(path: string): ReturnType<typeof files.checksum> {
    return this.#tell("stat", [path], () => files.checksum(this.#core, this.#access, path));
  }
  versions(path: string, options?: files.VersionsOptions): ReturnType<typeof files.versions> {
    const find = () => files.versions(this.#core, this.#access, path, options);
    return this.#tell("list", [path], find);
  }
  verify(path: string): ReturnType<typeof files.verify> {
    return this.#tell("verify", [path], () => files.verify(this.#core, this.#access, path));
  }

  makeDirectory(path: string, options?: changes.MakeOptions): Promise<VirtualPath> {
    return this.#tell(
      "make-directory",
      [path],
      () => changes.makeDirectory(this.#core, this.#access, path, options),
    );
  }
  removeDirectory(path: string, options?: changes.RemovalOptions): Promise<void> {
    return this.#tell(
      "remove-directory",
      [path],
      () => changes.removeDirectory(this.#core, this.#access, path, options),
    );
  }
  remove(path: string, options?: changes.Conditional): Promise<void> {
    return this.#tell(
      "delete",
      [path],
      () => changes.remove(this.#core, this.#access, path, options),
    );
  }
  checkRenameSource(path: string): Promise<VirtualPath> {
    return this.#tell(
      "stat",
      [path],
      () => changes.checkRenameSource(this.#core, this.#access, path),
    );
  }
  rename(from: string, to: string, options?: changes.RenameOptions): Promise<VirtualPath> {
    return this.#tell(
      "rename",
      [from, to],
      () => changes.rename(this.#core, this.#access, from, to, options),
    );
  }
  copy(from: string, to: string, options?: CopyOptions): ReturnType<typeof copy> {
    const run = () => copy(this.#core, this.#access, from, to, options);
    return this.#tell("copy", [from, to], run);
  }
  setModified(path: string, mtimeMs: number, options?: changes.Conditional): Promise<number> {
    return this.#tell(
      "touch",
      [path],
      () => setModified(this.#core, this.#access, path, mtimeMs, options),
    );
  }
  setMode(path: string, mode: number): Promise<void> {
    return this.#tell("touch", [path], () => setMode(this.#core, this.#access, path, mode));
  }

  share(request: sharing.ShareRequest): Promise<sharing.ShareInfo> {
    return this.#tell(
      "share",
      [request.path],
      () => sharing.share(this.#core, this.#access, request),
      request.guest,
    );
  }
  unshare(path: string, guest?: string): Promise<void> {
    const end = () => sharing.unshare(this.#core, this.#access, path, guest);
    return this.#tell("unshare", [path], end, guest);
  }
  sharedWithMe(): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedWithMe(this.#core, this.#access);
  }
  sharedByMe(path?: VirtualPath): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedByMe(this.#core, this.#access, path);
  }

  #tell<T>(
    action: AuditAction,
    paths: readonly string[],
    run: () => Promise<T>,
    subject?: string,
  ): Promise<T> {
    const event = subject === undefined ? { action, paths } : { action, paths, subject };
    return audited(this.#core.audit, this.principal, event, run)
      .catch((error) => {
        throw asShown(error, paths);
      });
  }
}
