/** Paths on disk (docs/storage.md, "On disk"), and the check that no link leads out of them. */
import { BoundedMap } from "../../../common/bounded_map.ts";
import { setImmediate } from "node:timers";
import { notFound, StoreError } from "../../contract/error.ts";
import { MAX_DEPTH, nameOf, parentOf, tooDeep, type VirtualPath } from "../../contract/path.ts";
import { isOwn, needsAll, type OddEntry } from "./disk_names.ts";
import { entryPlace, exists, oddIn } from "./entries.ts";
import { isHidden } from "./hidden.ts";
import { type FindMount, mountedDirectory } from "./mounted.ts";
import { isMountOwner, MOUNT_INTERNAL } from "../../contract/mount.ts";
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

type Odd = ReadonlyMap<string, OddEntry>;

/** How long a read-ahead result is valid, ms: the call follows at once. */
const READ_AHEAD_MS = 1000;
const MAX_READ_AHEAD = 1000;

/** Places in a data directory. */
export class Layout {
  /** Odd entries of directories that were read ahead, by place. */
  readonly #readAhead = new BoundedMap<string, Odd>({
    max: MAX_READ_AHEAD,
    maxAgeMs: READ_AHEAD_MS,
  });
  /** Places on disk of the directories that were checked since … ran. */
  readonly #seen = {
    microtask: new Clearing((clear) => queueMicrotask(clear)),
    immediate: new Clearing((clear) => void setImmediate(clear)),
  };

  /** The account that was named last, and its directory: one client sends many small files. */
  #account = "";
  #accountPlace = "";

  /**
   * @param root the data directory, canonical (no links in it)
   * @param findMount finds the mounts. @default there are none
   */
  constructor(readonly root: string, readonly findMount: FindMount = () => undefined) {}

  /** The account's directory: first letter, then the name; of a mount, the one in its root. */
  account(account: string): string {
    if (isMountOwner(account)) return `${this.files(account)}/${MOUNT_INTERNAL}`;
    if (account !== this.#account) {
      this.#accountPlace = `${this.root}/users/${account[0]}/${account}`;
      this.#account = account;
    }
    return this.#accountPlace;
  }
  /** The directories that lead to what is in an account's directory, that one first. */
  wayTo(account: string): string[] {
    const base = this.account(account);
    if (isMountOwner(account)) return [base, this.files(account)];
    return [base, `${this.root}/users/${account[0]}`, `${this.root}/users`, this.root];
  }
  /** Returns the place of a directory that was reached before, without a check. */
  place(account: string, path: VirtualPath): string {
    if (path === "/" || !isOwn(path)) return this.confined(account, path);
    return this.files(account) + path;
  }
  /** The account's tree, or the directory of a mount. @throws {StoreError} `unreachable` */
  files(account: string): string {
    if (isMountOwner(account)) return mountedDirectory(account, this.findMount);
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
   * Reads ahead what the next call about a path needs of whole directories, so that the call does
   * not block.
   *
   * @param read returns the odd entries of the directory at a place
   */
  async readAhead(
    account: string,
    path: VirtualPath,
    read: (place: string, atRoot: boolean) => Promise<Odd>,
  ): Promise<void> {
    const files = this.files(account);
    let place = files;
    try {
      for (const name of path.split("/").slice(1, MAX_DEPTH + 2)) {
        if (place !== files) assertDirectory(place, path);
        const atRoot = place === files;
        const known = this.#known(place)?.has(name) || exists(`${place}/${name}`);
        if (needsAll(name) && !known) this.#readAhead.set(place, await read(place, atRoot));
        place = this.#entryPlace(place, name, atRoot);
      }
    } catch {
      // The call itself finds out, and says why.
    }
  }

  /** Call where a directory has gone or has another name: its place may be another's. */
  forgetAhead(): void {
    this.#readAhead.clear();
  }

  #entryPlace(place: string, name: string, atRoot: boolean): string {
    return entryPlace(place, name, atRoot, () => this.#known(place) ?? oddIn(place, atRoot));
  }

  #known(place: string): Odd | undefined {
    return this.#readAhead.get(place);
  }

  /**
   * Like {@linkcode confined}, for many names in one directory, which is checked once for all of
   * them.
   *
   * @param until end of the check's validity: `microtask` for synchronous work, `immediate` for
   * content that is verified by other means, so that nothing depends on this check alone
   */
  confinedTogether(
    account: string,
    path: VirtualPath,
    until: "microtask" | "immediate",
  ): string {
    if (path === "/") return this.files(account);
    assertVisible(account, path);
    const parent = parentOf(path);
    const key = `${account}:${parent}`;
    const seen = this.#seen[until];
    let directory = seen.get(key);
    if (directory === undefined) {
      directory = this.#directory(account, path);
      seen.set(key, directory);
    }
    return this.#entryPlace(directory, nameOf(path), parent === "/");
  }

  /**
   * Returns the place of a path after a check that no link is on the way to it. The caller checks
   * the entry at the place itself.
   *
   * @throws {StoreError} `not-found`, `not-directory` or `denied` for the way to it; `bad-name` for
   * names that no call can reach
   */
  confined(account: string, path: VirtualPath): string {
    assertVisible(account, path);
    if (path === "/") return this.files(account);
    return this.#entryPlace(this.#directory(account, path), nameOf(path), parentOf(path) === "/");
  }

  /**
   * Returns the place of the directory that contains a path: every directory on the way is checked.
   *
   * @throws {StoreError} `bad-name` where there are more than 256 of them
   */
  #directory(account: string, path: VirtualPath): string {
    const files = this.files(account);
    let depth = 0;
    // Each by itself: a quarter of the cost of realpath().
    if (isOwn(path)) {
      for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
        if (++depth > MAX_DEPTH) throw tooDeep(path);
        assertDirectory(files + path.slice(0, end), path);
      }
      return files + path.slice(0, path.lastIndexOf("/"));
    }
    let place = files;
    for (const name of path.split("/").slice(1, -1)) {
      if (++depth > MAX_DEPTH) throw tooDeep(path);
      place = this.#entryPlace(place, name, place === files);
      assertDirectory(place, path);
    }
    return place;
  }
}

function assertVisible(account: string, path: VirtualPath): void {
  if (!isMountOwner(account) || !isHidden(account, path.split("/", 2)[1]!)) return;
  throw notFound(path);
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

/** Error for a path with a symbolic link, or something that is no directory, on its way. */
export function leadsOut(shown: VirtualPath, cause?: unknown): StoreError {
  return new StoreError("denied", `"${shown}" is not a file or directory of this account`, {}, {
    cause,
  });
}
