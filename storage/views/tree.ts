import type { VirtualPath } from "../contract/path.ts";
import { browse, type BrowseOptions, type BrowsePage } from "../tree/browse.ts";
import * as changes from "../tree/changes.ts";
import { copy, type CopyOptions } from "../tree/copy.ts";
import * as files from "../tree/files.ts";
import * as listing from "../tree/listing.ts";
import { setMode, setModified } from "../tree/modified.ts";
import type { FileInfo } from "../tree/seen_tree.ts";
import { act, type Session } from "./act.ts";

/** Files and directories as a session sees and changes them; each action is written to the audit log. */
export class TreeView {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  list(path: string, options?: listing.ListOptions): Promise<listing.ListPage> {
    return act(
      this.#session,
      "list",
      [path],
      () => listing.list(this.#session.core, this.#session.access, path, options),
    );
  }

  entries(path: string, how?: listing.EntriesOptions): ReturnType<typeof listing.entries> {
    return act(
      this.#session,
      "list",
      [path],
      () => listing.entries(this.#session.core, this.#session.access, path, how),
    );
  }

  browse(path: string, options: BrowseOptions): Promise<BrowsePage> {
    return act(
      this.#session,
      "list",
      [path],
      () => browse(this.#session.core, this.#session.access, path, options),
    );
  }

  describe(path: string): Promise<FileInfo> {
    return act(
      this.#session,
      "stat",
      [path],
      () => listing.describe(this.#session.core, this.#session.access, path),
    );
  }

  /** Checks that a directory may be made the current one; needs no letter. */
  enterDirectory(path: string): Promise<void> {
    return act(
      this.#session,
      "stat",
      [path],
      () => listing.enterDirectory(this.#session.core, this.#session.access, path),
    );
  }

  checksum(path: string): ReturnType<typeof files.checksum> {
    return act(
      this.#session,
      "stat",
      [path],
      () => files.checksum(this.#session.core, this.#session.access, path),
    );
  }

  versions(path: string, options?: files.VersionsOptions): ReturnType<typeof files.versions> {
    const find = () => files.versions(this.#session.core, this.#session.access, path, options);
    return act(this.#session, "list", [path], find);
  }

  verify(path: string): ReturnType<typeof files.verify> {
    return act(
      this.#session,
      "verify",
      [path],
      () => files.verify(this.#session.core, this.#session.access, path),
    );
  }

  makeDirectory(path: string, options?: changes.MakeOptions): Promise<VirtualPath> {
    return act(
      this.#session,
      "make-directory",
      [path],
      () => changes.makeDirectory(this.#session.core, this.#session.access, path, options),
    );
  }

  removeDirectory(path: string, options?: changes.RemovalOptions): Promise<void> {
    return act(
      this.#session,
      "remove-directory",
      [path],
      () => changes.removeDirectory(this.#session.core, this.#session.access, path, options),
    );
  }

  remove(path: string, options?: changes.Conditional): Promise<void> {
    return act(
      this.#session,
      "delete",
      [path],
      () => changes.remove(this.#session.core, this.#session.access, path, options),
    );
  }

  checkRenameSource(path: string): Promise<VirtualPath> {
    return act(
      this.#session,
      "stat",
      [path],
      () => changes.checkRenameSource(this.#session.core, this.#session.access, path),
    );
  }

  rename(from: string, to: string, options?: changes.RenameOptions): Promise<VirtualPath> {
    return act(
      this.#session,
      "rename",
      [from, to],
      () => changes.rename(this.#session.core, this.#session.access, from, to, options),
    );
  }

  copy(from: string, to: string, options?: CopyOptions): ReturnType<typeof copy> {
    const run = () => copy(this.#session.core, this.#session.access, from, to, options);
    return act(this.#session, "copy", [from, to], run);
  }

  setModified(path: string, mtimeMs: number, options?: changes.Conditional): Promise<number> {
    return act(
      this.#session,
      "touch",
      [path],
      () => setModified(this.#session.core, this.#session.access, path, mtimeMs, options),
    );
  }

  setMode(path: string, mode: number): Promise<void> {
    return act(
      this.#session,
      "touch",
      [path],
      () => setMode(this.#session.core, this.#session.access, path, mode),
    );
  }
}
