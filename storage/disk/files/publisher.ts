/** Final names: given to parts, and taken back (docs/storage.md, "Finishing an upload"). */
import { isStoreError, StoreError } from "../../contract/error.ts";
import { parentOf, type VirtualPath } from "../../contract/path.ts";
import type { PublishOptions } from "../interfaces/store.ts";
import { type Layout, leadsOut } from "./layout.ts";
import type { LocalTree } from "./local_tree.ts";
import { assertForm, spelledPlace } from "./entries.ts";
import { lookAt, remove } from "./names.ts";
import { toStoreError } from "./os_error.ts";

/**
 * Errors of a path at which nothing is published: its directory is missing, or a link or an
 * unreachable entry has the name. An intent that could not be cancelled because of them would block
 * the name without end.
 */
const GONE = ["not-found", "not-directory", "denied", "bad-name"] as const;

/** The publishing half of a store on a local file system. */
export class Publisher {
  constructor(readonly layout: Layout, readonly tree: LocalTree) {}

  /** See `Store`. @returns whether a file is kept now that was not before */
  stage(account: string, uploadId: string, path: VirtualPath): boolean {
    const target = this.layout.confined(account, path);
    try {
      const info = lookAt(target);
      return info?.isFile === true && this.#keepBeside(account, uploadId, target, info);
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  /** Keeps a file that is to be replaced beside the part. @returns whether it was not kept before */
  #keepBeside(account: string, uploadId: string, target: string, info: Deno.FileInfo): boolean {
    const kept = this.layout.part(account, uploadId, "old");
    const before = lookAt(kept);
    if (before?.ino === info.ino) return false;
    if (before !== undefined) remove(kept, uploadId);
    Deno.linkSync(target, kept);
    return true;
  }

  /** See `Store`. @returns whether a file was replaced, and is kept beside the part */
  publish(
    account: string,
    uploadId: string,
    path: VirtualPath,
    options: PublishOptions,
  ): boolean {
    const own = this.layout.confinedTogether(account, path, "microtask");
    assertForm(own, path, options.spelling);
    const target = spelledPlace(own, options.spelling);
    const part = this.layout.part(account, uploadId, "part");
    try {
      if (options.replace && this.#replace(account, uploadId, path, target, part)) return true;
      Deno.linkSync(part, target);
      return false;
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  /** Exchanges the file at `target` for the part, keeping the old content; false if none is there. */
  #replace(
    account: string,
    uploadId: string,
    path: VirtualPath,
    target: string,
    part: string,
  ): boolean {
    const info = lookAt(target);
    if (info === undefined) return false;
    if (info.isDirectory) throw new StoreError("exists", `"${path}" is a directory`);
    if (!info.isFile) throw leadsOut(path);
    this.#keepBeside(account, uploadId, target, info);
    const next = this.layout.part(account, uploadId, "new");
    linkAnew(part, next, uploadId);
    Deno.renameSync(next, target);
    return true;
  }

  /** See `Store`. */
  keep(account: string, uploadId: string, path: VirtualPath): void {
    const target = this.layout.confined(account, path);
    try {
      Deno.linkSync(this.layout.part(account, uploadId, "old"), target);
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  /** See `Store`. */
  async unkeep(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    try {
      const kept = lookAt(this.layout.part(account, uploadId, "old"));
      const target = this.layout.confined(account, path);
      const named = lookAt(target);
      if (kept === undefined || named?.ino !== kept.ino || named.dev !== kept.dev) return;
      Deno.removeSync(target);
      await this.tree.syncDirectory(account, parentOf(path));
    } catch (error) {
      if (!isStoreError(error, ...GONE)) throw toStoreError(error, path);
    }
  }

  /** See `Store`. */
  async unpublish(account: string, uploadId: string, path: VirtualPath): Promise<void> {
    const kept = this.layout.part(account, uploadId, "old");
    const part = lookAt(this.layout.part(account, uploadId, "part"));
    try {
      const target = this.layout.confined(account, path);
      const published = lookAt(target);
      if (part !== undefined && published?.ino === part.ino && published.dev === part.dev) {
        if (lookAt(kept) === undefined) Deno.removeSync(target);
        else Deno.renameSync(kept, target);
        await this.tree.syncDirectory(account, parentOf(path));
      }
    } catch (error) {
      if (!isStoreError(error, ...GONE)) throw toStoreError(error, path);
    }
    remove(this.layout.part(account, uploadId, "new"), uploadId);
    remove(kept, uploadId);
  }

  /** See `Store`. */
  isPublished(account: string, uploadId: string): boolean {
    const part = lookAt(this.layout.part(account, uploadId, "part"));
    if (part === undefined) return false;
    // A publish that was cut short can have left a second link beside the part.
    const next = lookAt(this.layout.part(account, uploadId, "new"));
    return (part.nlink ?? 0) > (next?.ino === part.ino ? 2 : 1);
  }
}

/** Gives a file a second name, which what was cut short may have left to another one. */
function linkAnew(place: string, name: string, uploadId: string): void {
  try {
    Deno.linkSync(place, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    remove(name, uploadId);
    Deno.linkSync(place, name);
  }
}
