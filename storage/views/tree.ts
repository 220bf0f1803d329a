import type { VirtualPath } from "../contract/path.ts";
import { browse, type BrowseOptions, type BrowsePage } from "../tree/browse.ts";
import * as changes from "../tree/changes.ts";
import { copy, type CopyOptions } from "../tree/copy.ts";
import * as files from "../tree/files.ts";
import * as listing from "../tree/listing.ts";
import { setMode, setModified } from "../tree/modified.ts";
import type { FileInfo } from "../tree/seen_tree.ts";
import { Actions } from "./actions.ts";

/** Files and directories as a session sees and changes them; each action is written to the audit log. */
export class TreeView extends Actions {
  /** One page of a directory, or of everything below it. @throws {StoreError} */
  list(path: string, options?: listing.ListOptions): Promise<listing.ListPage> {
    return this.act("list", [path], () => listing.list(this.core, this.access, path, options));
  }

  /** All entries of a directory, in batches. @throws {StoreError} */
  entries(path: string, how?: listing.EntriesOptions): ReturnType<typeof listing.entries> {
    return this.act("list", [path], () => listing.entries(this.core, this.access, path, how));
  }

  /** One page of a directory in an order of choice, for a person. @throws {StoreError} */
  browse(path: string, options: BrowseOptions): Promise<BrowsePage> {
    return this.act("list", [path], () => browse(this.core, this.access, path, options));
  }

  /** Size, time and checksum of one entry. @throws {StoreError} */
  describe(path: string): Promise<FileInfo> {
    return this.act("stat", [path], () => listing.describe(this.core, this.access, path));
  }

  /** Checks that a directory may become the current one; needs no permission. */
  enterDirectory(path: string): Promise<void> {
    return this.act("stat", [path], () => listing.enterDirectory(this.core, this.access, path));
  }

  /** The SHA-256 of a file; it is computed if it is not known. @throws {StoreError} */
  checksum(path: string): ReturnType<typeof files.checksum> {
    return this.act("stat", [path], () => files.checksum(this.core, this.access, path));
  }

  /** The versions of a file, oldest first. @throws {StoreError} */
  versions(path: string, options?: files.VersionsOptions): ReturnType<typeof files.versions> {
    const find = () => files.versions(this.core, this.access, path, options);
    return this.act("list", [path], find);
  }

  /** Reads files again and compares them with their checksums. @throws {StoreError} */
  verify(path: string): ReturnType<typeof files.verify> {
    return this.act("verify", [path], () => files.verify(this.core, this.access, path));
  }

  /** Makes a directory. @returns its path @throws {StoreError} */
  makeDirectory(path: string, options?: changes.MakeOptions): Promise<VirtualPath> {
    return this.act(
      "make-directory",
      [path],
      () => changes.makeDirectory(this.core, this.access, path, options),
    );
  }

  /** Removes a directory. @throws {StoreError} */
  removeDirectory(path: string, options?: changes.RemovalOptions): Promise<void> {
    return this.act(
      "remove-directory",
      [path],
      () => changes.removeDirectory(this.core, this.access, path, options),
    );
  }

  /** Removes a file. @throws {StoreError} */
  remove(path: string, options?: changes.Conditional): Promise<void> {
    return this.act("delete", [path], () => changes.remove(this.core, this.access, path, options));
  }

  /** Checks that an entry may be renamed. @returns its path @throws {StoreError} */
  checkRenameSource(path: string): Promise<VirtualPath> {
    return this.act("stat", [path], () => changes.checkRenameSource(this.core, this.access, path));
  }

  /** Renames or moves an entry. @returns its new path @throws {StoreError} */
  rename(from: string, to: string, options?: changes.RenameOptions): Promise<VirtualPath> {
    return this.act(
      "rename",
      [from, to],
      () => changes.rename(this.core, this.access, from, to, options),
    );
  }

  /** Copies a file at the server. @throws {StoreError} */
  copy(from: string, to: string, options?: CopyOptions): ReturnType<typeof copy> {
    const run = () => copy(this.core, this.access, from, to, options);
    return this.act("copy", [from, to], run);
  }

  /** Sets the modification time of an entry. @returns it, in ms @throws {StoreError} */
  setModified(path: string, mtimeMs: number, options?: changes.Conditional): Promise<number> {
    return this.act(
      "touch",
      [path],
      () => setModified(this.core, this.access, path, mtimeMs, options),
    );
  }

  /** Sets the permission bits of a file. @throws {StoreError} */
  setMode(path: string, mode: number): Promise<void> {
    return this.act("touch", [path], () => setMode(this.core, this.access, path, mode));
  }
}
