/** Trees as a principal sees them: its own with mounts, and under `/shared` what others share with it. */
import { clock } from "../contract/clock.ts";
import type { Access } from "../access/access.ts";
import type { FileRecord } from "../contract/file_record.ts";
import { type Listed, type NamesPage, type NamesQuery, REPLACE_WAIT_MS } from "../contract/tree.ts";
import { FAILURES, isStoreError, notFound } from "../contract/error.ts";
import {
  childOf,
  compareCodePoints,
  nameOf,
  parentOf,
  SHARED,
  type VirtualPath,
} from "../contract/path.ts";
import { leadsFrom, lettersOf, SHARED_ROOT, type SharedSpot } from "../access/shares.ts";
import { modeOf } from "../common/looks.ts";
import { lastOf, NamePages } from "../common/name_pages.ts";
import { sortByCodePoints } from "../common/sliced_sort.ts";
import { Pace } from "../common/slices.ts";
import type { Children, Entry } from "../contract/entry.ts";
import { locked, type LockedInfo, locksAbove, locksIn } from "./seen_locks.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { parseVersionName } from "../contract/version_name.ts";

/** Properties of a file or directory in a listing. */
export interface FileInfo {
  /** Name, or path relative to the directory listed. */
  name: string;
  type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  size: number;
  mtimeMs: number;
  /** SHA-256 in hex; null until it is known, and for a directory. */
  hash: string | null;
  /** N of its name; 1 for a plain one; absent for a directory. */
  version?: number;
  /** Its last name as FTP clients spell it, where that is not the composed form (NFC). */
  spelling?: string;
  /** Recorded permission bits. */
  mode?: number;
  /** Whether its owner, who asks, shares it. */
  shared?: true;
  /** The lock of it, or of a directory above it. */
  lock?: LockedInfo;
}

/** The tree as a principal sees it, for one request. All paths are as the principal writes them. */
export class SeenTree {
  readonly #leads = new NamePages();
  readonly #roots = new WeakMap<NamesPage, RootPage>();
  /** Total time left to wait for files that are being replaced. */
  #waitLeftMs = REPLACE_WAIT_MS;

  constructor(readonly core: VaultCore, readonly access: Access) {}

  /** The place of a path whose content may be read; nothing is looked up on disk. */
  async place(shown: VirtualPath): Promise<{ owner: string; path: VirtualPath } | undefined> {
    if (!await this.access.isForeign(shown)) return this.access.own(shown);
    return readable(await this.access.spot(shown));
  }

  /** Describes the entry at a path; undefined where none exists or none is visible. */
  async info(shown: VirtualPath, name: string): Promise<FileInfo | undefined> {
    if (!await this.access.isForeign(shown)) {
      // Both at once: each may be a round trip to a database.
      const { owner, path } = this.access.own(shown);
      const [info, shared, locks] = await Promise.all([
        this.#infoAt(owner, path, name),
        this.#sharedAmong([shown]),
        locksAbove(this.access, owner, path),
      ]);
      if (info && shared.has(shown)) info.shared = true;
      return info && locked(info, locks);
    }
    const spot = await this.access.spot(shown);
    const place = readable(spot);
    if (place !== undefined) {
      const { owner, path } = place;
      const found = this.#infoAt(owner, path, name);
      const info = await (spot?.mount === undefined ? found : this.#infoOfMount(spot, name, found));
      return info && locked(info, await locksAbove(this.access, owner, path));
    }
    return spot && await this.#bareInfo(spot, name);
  }

  /** Describes some entries of a directory, read together; missing ones are left out. */
  async infos(shown: VirtualPath, names: readonly string[]): Promise<FileInfo[]> {
    this.access.assertPresent();
    const place = await this.place(shown);
    const mounts = shown === "/" ? await this.access.mounts() : [];
    // Both at once: each may be a round trip to a database.
    const [listed, shared, locks] = await Promise.all([
      place && this.#list(place.owner, place.path, names),
      await this.access.isForeign(shown)
        ? undefined
        : this.#sharedAmong(names.map((name) => childOf(shown, name))),
      place && locksIn(this.access, place),
    ]);
    const byName = new Map(listed?.map((found) => [found.entry.name, found]));
    const infos: FileInfo[] = [];
    const pace = new Pace();
    for (const name of names) {
      const path = childOf(shown, name);
      // An entry of that name that was made by hand on the disk is neither a share nor a mount.
      const isLed = listed === undefined || path === SHARED_ROOT && this.access.isShared(path) ||
        mounts.some((mount) => mount.name === name);
      const found = byName.get(name);
      const info = isLed ? await this.info(path, name) : found && listedInfo(name, found);
      if (isLed) await pace.turn();
      if (info === undefined) continue;
      if (shared?.has(path)) info.shared = true;
      infos.push(locks === undefined || isLed ? info : locked(info, locks(name)));
    }
    return infos;
  }

  async #list(owner: string, path: VirtualPath, names: readonly string[]): Promise<Listed[]> {
    const beganMs = performance.now();
    const listed = await this.core.tree.list(owner, path, names, {
      showAfterMs: this.#waitLeftMs,
    });
    const waited = listed.some(({ entry, record }) => entry.type === "file" && !record);
    if (waited) this.#waitLeftMs -= performance.now() - beganMs;
    return listed;
  }

  /** A page of the names in a directory; see {@linkcode Tree.names}. */
  async names(shown: VirtualPath, query: NamesQuery): Promise<NamesPage> {
    this.access.assertPresent();
    if (!await this.access.isForeign(shown)) {
      const { owner, path } = this.access.own(shown);
      if (path !== "/") return await this.core.tree.names(owner, path, query);
      return await this.#namesOfRoot(owner, query, async () => await this.#leadsAtRoot());
    }
    const spot = await this.access.spot(shown);
    if (spot === undefined) throw notFound(shown);
    const place = readable(spot);
    const isRoot = place?.path === "/" && spot.mount === undefined;
    if (isRoot) return await this.#namesOfRoot(place.owner, query);
    if (place !== undefined) return await this.core.tree.names(place.owner, place.path, query);
    return await this.#leads.page(() => this.#leadingFrom(shown, spot), query);
  }

  /** Names at the root that lead to other trees: mounts, and `shared` where others share something. */
  async #leadsAtRoot(): Promise<readonly string[]> {
    const names = (await this.access.mounts()).map(({ name }) => name);
    const isShared = await this.access.spot(SHARED_ROOT) !== undefined;
    return isShared ? [...names, SHARED] : names;
  }

  /** A mount is listed also while its directory is away: what is below it is not gone. */
  async #infoOfMount(
    { path, mount }: SharedSpot,
    name: string,
    info: Promise<FileInfo | undefined>,
  ): Promise<FileInfo | undefined> {
    if (path !== "/") return await info;
    try {
      return await info;
    } catch (error) {
      if (!isStoreError(error, ...FAILURES)) throw error;
      return { name, type: "directory", size: 0, mtimeMs: mount!.createdMs, hash: null };
    }
  }

  /** Directories and files that lead to what others share. */
  async #leadingFrom(shown: VirtualPath, spot: SharedSpot): Promise<Children> {
    const [directories, files]: [string[], string[]] = [[], []];
    const { account } = this.access.principal;
    const pace = new Pace();
    for (const name of await leadsFrom(this.core.catalog, account, spot)) {
      await pace.turn();
      const info = await this.info(childOf(shown, name), name);
      (info?.type === "directory" ? directories : files).push(name);
    }
    return { directories, files };
  }

  /** Size and time of some of a directory's children; of what merely leads to shares, none. */
  async entries(shown: VirtualPath, names: readonly string[]): Promise<Entry[]> {
    const place = await this.place(shown);
    return place === undefined ? [] : await this.core.tree.entries(place.owner, place.path, names);
  }

  /** Describes a place whose content may not be read: only that it exists. */
  async #bareInfo(spot: SharedSpot, name: string): Promise<FileInfo | undefined> {
    const { owner, path, covering } = spot;
    const { account } = this.access.principal;
    const mtimeMs = await this.core.catalog.shares.latestMs(account, owner, path);
    const info = { name, size: 0, mtimeMs, hash: null };
    if (owner === undefined || covering.length === 0) return { ...info, type: "directory" };
    const entry = await this.core.tree.stat(owner, path);
    return entry && { ...info, type: entry.type };
  }

  /**
   * Names in the root of a tree.
   *
   * @param leads names of directories that lead to other trees; nothing else may have these names
   */
  async #namesOfRoot(
    owner: string,
    query: NamesQuery,
    leads?: () => Promise<readonly string[]>,
  ): Promise<NamesPage> {
    const { after } = query;
    const before = typeof after === "object" ? this.#roots.get(after) : undefined;
    const page = await this.core.tree.names(owner, "/", { ...query, after: before?.of ?? after });
    const leading = before?.leading ?? (leads === undefined ? [] : await leads());
    const hidden = new Set([...leading, SHARED]);
    const others = (names: readonly string[]) =>
      names.some((name) => hidden.has(name)) ? names.filter((name) => !hidden.has(name)) : names;
    const left = before?.left ?? leading;
    const here = left.filter((name) => hasPlaceFor(name, page, query));
    let directories = others(page.directories);
    if (here.length > 0) directories = await sortByCodePoints([...directories, ...here]);
    const seen = {
      ...page,
      directories,
      files: others(page.files),
      version: page.version && `${page.version} ${leading.join("/")}`,
    };
    const rest = here.length === 0 ? left : left.filter((name) => !here.includes(name));
    this.#roots.set(seen, { of: page, leading, left: rest });
    return seen;
  }

  async #infoAt(owner: string, path: VirtualPath, name: string): Promise<FileInfo | undefined> {
    let found;
    try {
      const beganMs = performance.now();
      found = await this.core.tree.look(owner, path, { showAfterMs: this.#waitLeftMs });
      if (found?.record === undefined) this.#waitLeftMs -= performance.now() - beganMs;
    } catch (error) {
      if (isStoreError(error, "not-directory") && name !== nameOf(path)) return undefined;
      if (!isStoreError(error, "bad-name")) throw error;
      // No call reaches it, but a listing has it.
      const [entry] = await this.core.tree.entries(owner, parentOf(path), [nameOf(path)]);
      if (entry === undefined) throw error;
      return infoOf(name, entry);
    }
    if (found === undefined) return undefined;
    const info = infoOf(name, found.entry, found.record);
    const mode = await modeOf(this.core.tree, owner, path, found);
    return mode === undefined ? info : { ...info, mode };
  }

  /** Those of the account's own paths that it shares. */
  async #sharedAmong(paths: readonly VirtualPath[]): Promise<Set<VirtualPath>> {
    const { account, published } = this.access.principal;
    if (published !== undefined) return new Set(); // it is not the owner
    return new Set(await this.core.catalog.shares.among(account, paths, clock.now()));
  }
}

/** A page of the root of a tree. */
interface RootPage {
  /** The engine's. */
  readonly of: NamesPage;
  /** Directories that lead to other trees. */
  readonly leading: readonly string[];
  /** Those that are still to be shown. */
  readonly left: readonly string[];
}

/** Whether a name that the engine does not know is to be on a page. */
function hasPlaceFor(name: string, page: NamesPage, { after, anyOrder, prefix = "" }: NamesQuery) {
  if (!name.startsWith(prefix)) return false;
  if (typeof after === "string" && compareCodePoints(name, after) <= 0) return false;
  return anyOrder || !page.more || compareCodePoints(name, lastOf(page) ?? name) <= 0;
}

/** The place in its owner's tree of what may be read through shares. */
function readable(
  spot: SharedSpot | undefined,
): { owner: string; path: VirtualPath } | undefined {
  if (spot?.owner === undefined || !lettersOf(spot.covering).includes("r")) return undefined;
  return { owner: spot.owner, path: spot.path };
}

function listedInfo(name: string, { entry, record, mode }: Listed): FileInfo {
  const info = infoOf(name, entry, record);
  if (mode !== undefined) info.mode = mode;
  return info;
}

function infoOf(name: string, entry: Entry, record?: FileRecord): FileInfo {
  const { type, size, mtimeMs, spelling } = entry;
  const info: FileInfo = type === "directory"
    ? { name, type, size, mtimeMs, hash: null }
    : { name, type, size, mtimeMs, hash: record?.hash ?? null, version: versionOf(entry.name) };
  if (spelling !== undefined) info.spelling = spelling;
  return info;
}

function versionOf(name: string): number {
  return parseVersionName(name).version;
}
