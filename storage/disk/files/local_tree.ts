import { existsSync } from "node:fs";
import {
  type Children,
  type Content,
  type Entry,
  type FileState,
  isTrueOf,
  namesIn,
} from "../../contract/entry.ts";
import { isStoreError, notFound, StoreError, UnreachableName } from "../../contract/error.ts";
import { assertDepth, childOf, nameOf, parentOf, type VirtualPath } from "../../contract/path.ts";
import { Pace } from "../../common/slices.ts";
import { Directories } from "./directories.ts";
import { needsAll } from "./disk_names.ts";
import { entryPlace, respell, spelledPlace, unreachableEntry } from "./entries.ts";
import { toEntry } from "./entry_info.ts";
import { mayBeChanged, mtimeOf } from "./file_times.ts";
import { type Layout, leadsOut } from "./layout.ts";
import { MountRoots } from "./hidden.ts";
import { LocalContent, readFile } from "./local_content.ts";
import { isMissing, toStoreError } from "./os_error.ts";
import { notEmpty, removeEmpty, removeUnreachable } from "./remove_directory.ts";
import type { DirectorySyncs } from "./syncing.ts";
import { look, lookFor, rootStays, stateOf } from "./tree_entry.ts";

/** Number of checks that the opened file is the one at the path. */
const ROUNDS = 4;

/**
 * The accounts' trees on a local file system: directories 700, files 600. Calls into the file
 * system are synchronous where they only touch names: they are several times cheaper than
 * asynchronous ones, and what may take long (syncs) is asynchronous.
 */
export class LocalTree {
  readonly #directories = new Directories();
  readonly #roots = new MountRoots();

  constructor(readonly layout: Layout, readonly syncs: DirectorySyncs) {}

  /** Await this before a call about a path that only a listing can resolve. */
  readAhead(account: string, path: VirtualPath): Promise<void> | undefined {
    if (!needsAll(path)) return undefined;
    return this.layout.readAhead(account, path, async (place, atRoot) => {
      return (await this.#directories.read(place, Deno.lstatSync(place), atRoot)).odd;
    });
  }

  stat(account: string, path: VirtualPath): Entry | undefined {
    let place: string;
    try {
      place = this.layout.confined(account, path);
    } catch (error) {
      if (error instanceof StoreError && error.kind === "not-found") return undefined;
      throw error;
    }
    const info = look(place, path);
    return info === undefined ? undefined : toEntry(nameOf(path), info, path, place);
  }

  vacant(account: string, path: VirtualPath): boolean {
    try {
      // Not lstat(): the error that says "nothing there" is most of what it costs.
      return !existsSync(this.layout.confined(account, path));
    } catch {
      return false; // `stat` reports the reason
    }
  }

  async children(account: string, path: VirtualPath): Promise<Children> {
    assertDepth(path);
    await this.readAhead(account, path);
    const place = this.layout.confined(account, path);
    try {
      const info = lookFor(place, path);
      if (info.isSymlink) throw leadsOut(path);
      const { children } = await this.#directories.read(place, info, path === "/");
      return path === "/" ? this.#roots.shown(account, children) : children;
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  async list(account: string, path: VirtualPath, only?: string[]): Promise<Entry[]> {
    const all = only ?? namesIn(await this.children(account, path));
    const names = path === "/" ? this.#roots.shownOf(account, all) : all;
    await this.readAhead(account, path);
    // The directory itself must be no link either.
    const directory = this.layout.confined(account, childOf(path, "x")).slice(0, -2);
    const entries: Entry[] = [];
    const pace = new Pace();
    const odd = names.some(needsAll)
      ? (await this.#directories.read(directory, Deno.lstatSync(directory), path === "/")).odd
      : new Map();
    for (const [index, name] of names.entries()) {
      if (index % 64 === 63) await pace.turn(); // asking the clock each time would cost as much
      try {
        const place = entryPlace(directory, name, path === "/", () => odd);
        const info = Deno.lstatSync(place);
        if (info.isFile || info.isDirectory) entries.push(toEntry(name, info, path, place));
      } catch (error) {
        const entry = error instanceof UnreachableName ? unreachableEntry(error) : undefined;
        if (entry !== undefined) entries.push(entry);
        // Else it was removed since the directory was read.
        else if (!isMissing(error)) throw toStoreError(error, childOf(path, name));
      }
    }
    return entries;
  }

  open(account: string, path: VirtualPath): Content {
    const place = this.layout.confined(account, path);
    // Checked before it is opened, because opening a FIFO waits for its other end; and compared
    // after, because a link may have replaced the file in between.
    const before = look(place, path);
    if (before === undefined) throw notFound(path);
    if (before.isDirectory) throw new StoreError("is-directory", `"${path}" is a directory`);
    if (!before.isFile) throw leadsOut(path);
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(place, { read: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw leadsOut(path, error);
      throw toStoreError(error, path);
    }
    try {
      const info = file.statSync();
      const same = (other: Deno.FileInfo | undefined) =>
        other?.ino === info.ino && other.dev === info.dev;
      if (!info.isFile || !same(before)) throw leadsOut(path);
      // A directory on the way may have been exchanged for a link: it would have to be back
      // whenever the directories are checked and away whenever the file is, which no program
      // manages for long.
      const rounds = parentOf(path) === "/" ? 0 : ROUNDS;
      for (let round = 0; round < rounds; round++) {
        this.layout.confined(account, path);
        if (!same(look(place, path))) throw leadsOut(path);
      }
      return new LocalContent(file, info.size, mtimeOf(info), path);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  readWhole(
    account: string,
    path: VirtualPath,
    expected: FileState,
  ): Uint8Array | undefined {
    try {
      // Even if another file is put in the way now, its content will not match the checksum.
      const place = this.layout.confinedTogether(account, path, "immediate");
      const info = Deno.lstatSync(place);
      if (!info.isFile || !isTrueOf(expected, stateOf(info))) return undefined;
      return readFile(place, info.size);
    } catch {
      return undefined; // opening it reports the reason
    }
  }

  async makeDirectory(account: string, path: VirtualPath, spelling?: string): Promise<void> {
    if (path === "/") throw new StoreError("exists", `"/" exists already`);
    const place = spelledPlace(this.layout.confined(account, path), spelling);
    try {
      Deno.mkdirSync(place, { mode: 0o700 });
    } catch (error) {
      throw toStoreError(error, path);
    }
    await this.syncDirectory(account, parentOf(path));
  }

  async removeDirectory(
    account: string,
    path: VirtualPath,
    options: { unreachable?: boolean } = {},
  ): Promise<void> {
    const place = this.layout.confined(account, path);
    const info = lookFor(place, path);
    if (!info.isDirectory) throw new StoreError("not-directory", `"${path}" is not a directory`);
    if (path === "/") throw rootStays();
    try {
      await removeEmpty(place, info);
    } catch (error) {
      const failure = toStoreError(error, path);
      if (failure.kind !== "not-empty") throw failure;
      if (options.unreachable) await removeUnreachable(place, this.layout.aside(account), path);
      else throw await notEmpty(place, path);
    }
    this.layout.forgetAhead();
    await this.syncDirectory(account, parentOf(path));
  }

  async remove(account: string, path: VirtualPath): Promise<void> {
    this.#removeNow(account, path);
    await this.syncDirectory(account, parentOf(path));
  }

  #removeNow(account: string, path: VirtualPath): void {
    const place = this.layout.confined(account, path);
    const info = lookFor(place, path);
    if (info.isDirectory) throw new StoreError("is-directory", `"${path}" is a directory`);
    try {
      Deno.removeSync(place); // a link is removed itself, not what it leads to
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  async removeAll(
    account: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<string[]> {
    await this.readAhead(account, directory);
    if (this.stat(account, directory) === undefined) throw notFound(directory);
    const left: string[] = [];
    const pace = new Pace();
    for (const name of names) {
      const path = childOf(directory, name);
      await this.readAhead(account, path);
      try {
        this.#removeNow(account, path);
      } catch (error) {
        if (isStoreError(error, "bad-name")) left.push(name);
        else if (!isStoreError(error, "not-found")) throw error;
      }
      await pace.turn();
    }
    await this.syncDirectory(account, directory);
    return left;
  }

  async rename(
    account: string,
    from: VirtualPath,
    to: VirtualPath,
    options: { replace: boolean; spelling?: string },
  ): Promise<void> {
    if (from === "/") throw rootStays();
    const source = this.layout.confinedTogether(account, from, "microtask");
    const named = this.layout.confinedTogether(account, to, "microtask");
    const target = spelledPlace(named, options.spelling);
    const info = lookFor(source, from);
    if (!info.isFile && !info.isDirectory) throw leadsOut(from);
    if (from === to) {
      respell(source, options.spelling);
      return await this.syncDirectory(account, parentOf(to));
    }
    // A link that leads nowhere counts as nothing here: link() fails then.
    const taken = info.isFile && !existsSync(target) ? undefined : look(target, to);
    if (info.isFile && taken?.ino === info.ino && taken.dev === info.dev) {
      // Two names of one file: a rename that was cut short between its two steps.
      Deno.removeSync(source);
      return;
    }
    if (taken !== undefined && !(options.replace && taken.isFile && info.isFile)) {
      throw new StoreError("exists", `"${to}" exists already`);
    }
    try {
      if (info.isFile && taken === undefined) {
        // link() fails where the name was taken in the meantime; rename() would not.
        Deno.linkSync(source, target);
        Deno.removeSync(source);
      } else {
        Deno.renameSync(source, target);
      }
      this.layout.forgetAhead();
    } catch (error) {
      if ((error as { code?: string }).code !== "EINVAL") throw toStoreError(error, to);
      throw new StoreError("bad-request", `"${from}" cannot be moved into itself`);
    }
    await this.syncDirectory(account, parentOf(to));
    if (parentOf(from) !== parentOf(to)) await this.syncDirectory(account, parentOf(from));
  }

  async setModified(
    account: string,
    path: VirtualPath,
    mtimeMs: number,
    first?: (file: FileState) => Promise<boolean>,
  ): Promise<number | undefined> {
    const place = this.layout.confined(account, path);
    const info = lookFor(place, path);
    if (!info.isFile && !info.isDirectory) throw leadsOut(path);
    const wanted = first === undefined || (info.isFile && await first(stateOf(info)));
    if (!wanted) return undefined;
    try {
      Deno.utimeSync(place, new Date(mtimeMs), new Date(mtimeMs));
      return mayBeChanged(mtimeMs) ? mtimeOf(Deno.lstatSync(place)) : mtimeMs;
    } catch (error) {
      throw toStoreError(error, path);
    }
  }

  syncDirectory(account: string, path: VirtualPath): void | Promise<void> {
    return this.syncs.sync(account, this.layout.place(account, path), path);
  }
}
