/** Where things stand on disk (docs/design.md, "On disk"), and the check that they stand there. */
import { setImmediate } from "node:timers";
import { notFound, StoreError } from "../error.ts";
import { nameOf, parentOf, type VirtualPath } from "../path.ts";
import { isOwn } from "./disk_names.ts";
import { entryPlace } from "./entries.ts";
import { isMissing, toStoreError } from "./os_error.ts";

/** A map that is emptied at some moment after something was put in. */
class Clearing {
  readonly #items = new Map<string, string>();
  constructor(readonly later: (clear: () => void) => void) {}

  get(item: string): string | undefined {
    return this.#items.get(item);
  }
  set(item: string, value: string): void {
    if (this.#items.size === 0) this.later(() => this.#items.clear());
    this.#items.set(item, value);
  }
}

/** Places in a data directory. */
export class Layout {
  /** Places on disk of the directories that were looked at since … ran. */
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
  /** The directories that lead to what is in an account's directory, that one first. */
  wayTo(account: string): string[] {
    const base = this.account(account);
    return [base, `${this.root}/users/${account[0]}`, `${this.root}/users`, this.root];
  }
  /** The place of a directory that was reached before, so that nothing is looked at. */
  place(account: string, path: VirtualPath): string {
    if (path === "/" || !isOwn(path)) return this.confined(account, path);
    return this.files(account) + path;
  }
  /** The account's tree. */
  files(account: string): string {
    return `${this.account(account)}/files`;
  }
  /** Where content lies that nothing knows, until it expires. */
  aside(account: string): string {
    return `${this.account(account)}/aside`;
  }
  parts(account: string): string {
    return `${this.account(account)}/parts`;
  }
  /** A file of an unfinished upload: its content, checkpoint, or what publishing keeps. */
  part(
    account: string,
    id: string,
    suffix: "part" | "json" | "old" | "new" | `${string}.json.new` | `${string}.part.new`,
  ): string {
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
    const parent = parentOf(path);
    const key = `${account}:${parent}`;
    const seen = this.#seen[until];
    let directory = seen.get(key);
    if (directory === undefined) {
      directory = this.#directory(account, path);
      seen.set(key, directory);
    }
    return entryPlace(directory, nameOf(path), parent === "/");
  }

  /**
   * The place of a path, once it is sure that no link lies on the way to it. What stands at the
   * place itself is the caller's to look at.
   *
   * @throws {StoreError} `not-found`, `not-directory` or `denied` for what is on the way;
   * `bad-name` for what no call reaches
   */
  confined(account: string, path: VirtualPath): string {
    if (path === "/") return this.files(account);
    return entryPlace(this.#directory(account, path), nameOf(path), parentOf(path) === "/");
  }

  /** The place of the directory that holds a path: every directory on the way is looked at. */
  #directory(account: string, path: VirtualPath): string {
    const files = this.files(account);
    // Each by itself: a quarter of the cost of realpath().
    if (isOwn(path)) {
      for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
        assertDirectory(files + path.slice(0, end), path);
      }
      return files + path.slice(0, path.lastIndexOf("/"));
    }
    let place = files;
    for (const name of path.split("/").slice(1, -1)) {
      place = entryPlace(place, name, place === files);
      assertDirectory(place, path);
    }
    return place;
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
