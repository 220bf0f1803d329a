/** Where things stand on disk (docs/design.md, "On disk"), and the check that they stand there. */
import { setImmediate } from "node:timers";
import { notFound, StoreError } from "../error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../path.ts";
import { isMissing, toStoreError } from "./os_error.ts";

/** A set that is emptied at some moment after something was put in. */
class Clearing {
  readonly #items = new Set<string>();
  constructor(readonly later: (clear: () => void) => void) {}

  has(item: string): boolean {
    return this.#items.has(item);
  }
  add(item: string): void {
    if (this.#items.size === 0) this.later(() => this.#items.clear());
    this.#items.add(item);
  }
}

/** Places in a data directory. */
export class Layout {
  /** Directories that were looked at since … ran. */
  readonly #seen = {
    microtask: new Clearing((clear) => queueMicrotask(clear)),
    immediate: new Clearing((clear) => void setImmediate(clear)),
  };

  /** @param root the data directory, canonical (no links in it) */
  constructor(readonly root: string) {}

  /** The account's directory: first letter, then the name. */
  account(account: string): string {
    return `${this.root}/users/${account[0]}/${account}`;
  }
  /** The account's tree, or a place in it. */
  place(account: string, path: VirtualPath): string {
    const files = `${this.account(account)}/files`;
    return path === "/" ? files : files + path;
  }
  parts(account: string): string {
    return `${this.account(account)}/parts`;
  }
  /** A file of an unfinished upload: its content, checkpoint, or what publishing keeps. */
  part(account: string, id: string, suffix: "part" | "json" | "json.new" | "old" | "new"): string {
    return `${this.account(account)}/parts/${id}.${suffix}`;
  }

  /**
   * As {@linkcode confined}, for many names in one directory, which is looked at once for all of
   * them.
   *
   * @param until the moment that ends it: `microtask` for what is done in one go, `immediate` for
   * what is proved by other means, so that nothing depends on this look alone
   */
  confinedTogether(
    account: string,
    path: VirtualPath,
    until: "microtask" | "immediate",
  ): string {
    const directory = this.place(account, parentOf(path));
    const seen = this.#seen[until];
    if (!seen.has(directory)) {
      this.confined(account, path);
      seen.add(directory);
    }
    return childOf(directory, nameOf(path));
  }

  /**
   * The place of a path, once it is sure that no link lies on the way to it. What stands at the
   * place itself is the caller's to look at.
   *
   * @throws {StoreError} `not-found`, `not-directory` or `denied` for what is on the way
   */
  confined(account: string, path: VirtualPath): string {
    const files = this.place(account, "/");
    // Every directory on the way is looked at by itself: a quarter of the cost of realpath().
    for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
      assertDirectory(files + path.slice(0, end), path);
    }
    return path === "/" ? files : files + path;
  }
}

function assertDirectory(place: string, shown: VirtualPath): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(place);
  } catch (error) {
    throw isMissing(error) ? notFound(shown) : toStoreError(error, shown);
  }
  if (info.isDirectory) return;
  if (info.isSymlink) throw leadsOut(shown);
  throw new StoreError("not-directory", `A part of "${shown}" is a file`);
}

/** The error for a path that a symbolic link, or something that is no file, stands in the way of. */
export function leadsOut(shown: VirtualPath, cause?: unknown): StoreError {
  return new StoreError("denied", `"${shown}" is not a file or directory of this account`, {}, {
    cause,
  });
}
