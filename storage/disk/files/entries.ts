/** The entries of a directory by the names they are shown by, and the way back to the disk. */
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import { Pace } from "../../common/slices.ts";
import { formOf, otherForm } from "../../common/spelling.ts";
import type { Children, Entry, OtherEntry } from "../../contract/entry.ts";
import {
  composed,
  isOwn,
  mayBeOdd,
  needsAll,
  type OddEntry,
  REPLACEMENT,
  shownName,
  shownUnreachable,
  unescapeName,
} from "./disk_names.ts";
import { UnreachableName } from "../../contract/error.ts";
import { lookAt } from "./names.ts";

/** The entries of one directory, gathered one by one. */
export class Entries {
  readonly #directories: string[] = [];
  readonly #files: string[] = [];
  readonly #others: OtherEntry[] = [];
  readonly #odd: Deno.DirEntry[] = [];
  /** Number of entries read by a name with replacement characters. */
  readonly #lossy = new Map<string, number>();

  /**
   * @param place the directory on disk
   * @param atRoot whether it is the root of an account's tree
   */
  constructor(readonly place: string, readonly atRoot: boolean) {}

  add(entry: Deno.DirEntry): void {
    if (mayBeOdd(entry.name, this.atRoot)) this.#odd.push(entry);
    else this.#put(entry.name, entry, entry.name);
  }

  /** All of them; `odd` is given those that are shown by another name, by that name. */
  end(odd?: Map<string, OddEntry>): Children {
    for (const entry of this.#odd) this.#putOdd(entry, odd);
    return this.#all();
  }

  /** As {@linkcode end}, with turns for others: each odd entry takes some calls. */
  async endAsync(odd?: Map<string, OddEntry>, pace: Pace = new Pace()): Promise<Children> {
    for (const entry of this.#odd) {
      this.#putOdd(entry, odd);
      await pace.turn();
    }
    return this.#all();
  }

  #putOdd(entry: Deno.DirEntry, odd?: Map<string, OddEntry>): void {
    const { shown, disk } = this.#shown(entry.name);
    this.#put(shown, entry, disk);
    const type = entry.isFile ? "file" : entry.isDirectory ? "directory" : "other";
    if (shown !== disk) odd?.set(shown, { disk, type });
  }

  #all(): Children {
    const [directories, files, others] = [this.#directories, this.#files, this.#others];
    return others.length === 0 ? { directories, files } : { directories, files, others };
  }

  #shown(name: string): { shown: string; disk: string | undefined } {
    const has = (name: string) => exists(`${this.place}/${name}`);
    if (name.includes(REPLACEMENT)) {
      // One entry may really have this character in its name; all others are not UTF-8.
      const count = this.#lossy.get(name) ?? (has(name) ? 0 : 1);
      this.#lossy.set(name, count + 1);
      if (count > 0) {
        return { shown: shownUnreachable(name, count, has, this.atRoot), disk: undefined };
      }
    }
    return { shown: shownName(name, has, this.atRoot), disk: name };
  }

  #put(shown: string, entry: Deno.DirEntry, disk: string | undefined): void {
    if (entry.isFile) this.#files.push(shown);
    else if (entry.isDirectory) this.#directories.push(shown);
    else this.#others.push({ name: shown, kind: kindOf(this.place, entry, disk) });
  }
}

/** Reads a directory at once, which blocks for 0.1 s at 100,000 names. */
export function readEntries(
  place: string,
  atRoot: boolean,
  odd?: Map<string, OddEntry>,
): Children {
  const entries = new Entries(place, atRoot);
  for (const entry of Deno.readDirSync(place)) entries.add(entry);
  return entries.end(odd);
}

/** Entries gathered before the work yields. */
const STEP_ENTRIES = 64;

/** Reads a directory of any size, with turns for others. */
export async function readEntriesAsync(
  place: string,
  atRoot: boolean,
  odd?: Map<string, OddEntry>,
): Promise<Children> {
  const entries = new Entries(place, atRoot);
  const pace = new Pace();
  let count = 0;
  for await (const entry of Deno.readDir(place)) {
    entries.add(entry);
    if (++count % STEP_ENTRIES === 0) await pace.turn(); // reading the clock costs more
  }
  return await entries.endAsync(odd, pace);
}

/**
 * The place on disk of an entry by the name it is shown by; where there is none of that name, the
 * place that it would have.
 *
 * @param place the directory that it is in
 * @param all the odd entries of that directory, where they are known
 * @throws {UnreachableName} for one that no call reaches
 */
export function entryPlace(
  place: string,
  name: string,
  atRoot: boolean,
  all: () => ReadonlyMap<string, OddEntry> = () => oddIn(place, atRoot),
): string {
  const own = `${place}/${name}`;
  if (isOwn(name) || exists(own)) return own;
  const nfd = name.normalize("NFD");
  if (composed(nfd) === name && exists(`${place}/${nfd}`)) return `${place}/${nfd}`;
  if (needsAll(name)) {
    const found = all().get(name);
    if (found === undefined) return own;
    if (found.disk === undefined) throw new UnreachableName(name, found.type);
    return `${place}/${found.disk}`;
  }
  const disk = name.includes("%") ? unescapeName(name, atRoot) : undefined;
  if (disk === undefined) return own;
  // One that is shown by its composed name has no other.
  const nfc = composed(disk);
  const shown = nfc === undefined || exists(`${place}/${nfc}`);
  return shown && exists(`${place}/${disk}`) ? `${place}/${disk}` : own;
}

/**
 * The place of a new entry that is to be spelled in another Unicode form than its path; the place
 * itself where something is there, or the form is none that the entry would be found by.
 */
export function spelledPlace(place: string, spelling: string | undefined): string {
  const name = nameIn(place);
  if (spelling === undefined || composed(spelling) !== name || exists(place)) return place;
  return place.slice(0, -name.length) + spelling;
}

/** Throws where the entry at a place is spelled in another form. */
export function assertForm(place: string, path: VirtualPath, spelling: string | undefined): void {
  if (spelling === undefined) return;
  const [disk, name] = [nameIn(place), nameOf(path)];
  if (disk === formOf(spelling, name) || disk.normalize("NFC") !== name) return;
  if (exists(place)) throw otherForm(path);
}

/** Changes the spelling of the entry at a place. */
export function respell(place: string, spelling: string | undefined): void {
  const name = nameIn(place);
  if (spelling === undefined || spelling === name) return;
  if (composed(spelling) !== name && composed(name) !== spelling) return;
  Deno.renameSync(place, place.slice(0, -name.length) + spelling);
}

function nameIn(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}

/** All entries of a directory that are shown by another name than their own, by that name. */
export function oddIn(place: string, atRoot: boolean): Map<string, OddEntry> {
  const odd = new Map<string, OddEntry>();
  readEntries(place, atRoot, odd);
  return odd;
}

/** Describes an entry that no call can name; undefined if it is neither file nor directory. */
export function unreachableEntry({ shown, type }: UnreachableName): Entry | undefined {
  return type === "other" ? undefined : { name: shown, type, size: 0, mtimeMs: 0 };
}

/** Whether there is something of a name, a link without a target included. */
export function exists(place: string): boolean {
  try {
    return lookAt(place) !== undefined;
  } catch {
    return false; // a directory on the way is none: the next check reports it
  }
}

function kindOf(
  place: string,
  entry: Deno.DirEntry,
  disk: string | undefined,
): OtherEntry["kind"] {
  if (entry.isSymlink) return "symbolic link";
  const info = disk === undefined ? undefined : lookAt(`${place}/${disk}`);
  if (info?.isFifo) return "named pipe";
  if (info?.isSocket) return "socket";
  return info?.isBlockDevice || info?.isCharDevice ? "device" : "special file";
}
