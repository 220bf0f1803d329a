/**
 * A directory of backups that share their files' content: `objects/` holds each content once, under
 * its SHA-256, and `snapshots/` what each run found.
 */
import { dirname, join } from "@std/path";
import { createHash } from "node:crypto";
import { PLACES } from "../../data/data_directory.ts";
import { isTrueOf } from "../../../storage/contract/entry.ts";
import type { CatalogFile } from "../../../storage/open_engine.ts";
import { MANIFEST, type ManifestLine, writeManifest } from "./contents.ts";
import { type FileState, readStable } from "./stable_read.ts";
import type { BackupTarget } from "./take.ts";
import type { TreeEntry } from "./tree.ts";

const SNAPSHOTS = "snapshots";

/** The directory of the snapshots of a backup's directory. */
export function snapshotsOf(directory: string): string {
  return join(directory, SNAPSHOTS);
}

/** Names of the snapshots of a backup's directory, the latest last; none where it has none. */
export function snapshotNames(directory: string): string[] {
  try {
    return [...Deno.readDirSync(snapshotsOf(directory))].map(({ name }) => name)
      .filter((name) => !Number.isNaN(timeOf(name))).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Names a new snapshot by the time, but later than all others if the clock went back.
 *
 * @param names of the others, the latest last
 */
export function nextSnapshotName(names: readonly string[], nowMs: number): string {
  const latest = names.at(-1);
  const ms = latest === undefined ? nowMs : Math.max(nowMs, timeOf(latest) + 1);
  return new Date(ms).toISOString().replaceAll(":", "");
}

/** The time of a snapshot by its name, ms since the epoch; NaN of another name. */
function timeOf(name: string): number {
  return Date.parse(name.replace(/T(\d\d)(\d\d)(\d\d)/, "T$1:$2:$3"));
}

/** The directory of the content of all snapshots. */
export function objectsOf(directory: string): string {
  return join(directory, "objects");
}

/** The place of a content in a backup's directory. */
export function objectPlace(directory: string, sha256: string): string {
  return join(objectsOf(directory), sha256.slice(0, 2), sha256);
}

/** Options of a snapshot: its directory, and earlier snapshots that save reads. */
export interface SnapshotOptions {
  /** Directory of all snapshots and their content. */
  directory: string;
  /** A new directory on the same disk that becomes the snapshot. */
  snapshot: string;
  /** A place on the same disk for content that is being copied. */
  draft: string;
  /** A copy of the catalog, whose checksums of unchanged files are taken. */
  catalog: Pick<CatalogFile, "file">;
  /** Reads existing content, and stores damaged content again. */
  check: boolean;
}

/** Writes a snapshot, all but its catalog, and content that is new into `objects/`. */
export class SnapshotTarget implements BackupTarget {
  #bytes = 0;

  constructor(readonly options: SnapshotOptions) {
    Deno.mkdirSync(join(options.snapshot, PLACES.tls), { recursive: true, mode: 0o700 });
    Deno.mkdirSync(objectsOf(options.directory), { recursive: true, mode: 0o700 });
  }

  addOwn(name: string, path: string) {
    return copy(path, join(this.options.snapshot, name));
  }

  addDirectory(): Promise<void> {
    return Promise.resolve(); // the list holds it
  }

  async addFile(entry: TreeEntry, path: string): Promise<FileState | string | undefined> {
    const known = await this.#recorded(entry);
    if (known !== undefined && this.#isStored(known)) return known;
    const { draft, directory } = this.options;
    const read = await copy(path, draft);
    if (read === undefined || typeof read === "string") return read;
    if (this.#isStored(read)) return read;
    const place = objectPlace(directory, read.sha256);
    Deno.mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    Deno.renameSync(draft, place);
    this.#bytes += read.size;
    return read;
  }

  finish(manifest: readonly ManifestLine[] | undefined): Promise<number> {
    if (manifest !== undefined) {
      writePieces(join(this.options.snapshot, MANIFEST), writeManifest(manifest));
    }
    return Promise.resolve(this.#bytes);
  }

  /** Finds the catalog's record of a file's present state. */
  async #recorded({ name, mtimeMs, size }: TreeEntry): Promise<FileState | undefined> {
    const [, , account, , ...path] = name.split("/");
    const record = await this.options.catalog.file(account!, `/${path.join("/")}`);
    if (record === undefined || record.damaged || !isTrueOf(record, { size, mtimeMs })) return;
    return { size, mtimeMs, sha256: record.hash };
  }

  #isStored({ sha256, size }: FileState): boolean {
    const place = objectPlace(this.options.directory, sha256);
    if (sizeAt(place) !== size) return false;
    return !this.options.check || hashAt(place) === sha256;
  }
}

function copy(from: string, to: string): Promise<FileState | string | undefined> {
  return readStable(from, (_info, pieces) => writePieces(to, pieces));
}

function writePieces(path: string, pieces: Iterable<Uint8Array>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
  }
  file.syncSync();
}

function hashAt(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const piece = new Uint8Array(256 * 1024);
  for (let count; (count = file.readSync(piece)) !== null;) hash.update(piece.subarray(0, count));
  return hash.digest("hex");
}

function sizeAt(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
