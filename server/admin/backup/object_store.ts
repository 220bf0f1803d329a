/**
 * A directory of backups that share their files' content: `objects/` holds each content once, under
 * its SHA-256, and `snapshots/` what each run found.
 */
import { join } from "node:path";
import { PLACES } from "../../data_directory.ts";
import type { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { isTrueOf } from "../../../storage/contract/store.ts";
import { MANIFEST, type ManifestLine, readStable, writeManifest } from "./manifest.ts";
import { SMALL_FILES, type Taken } from "./tar_backup.ts";
import { accountTrees, type LeftOut, type TreeEntry } from "./tree.ts";

/** Where snapshots are, in a backup's directory. */
export const SNAPSHOTS = "snapshots";

/** The place of a content in a backup's directory. */
export function objectPlace(directory: string, sha256: string): string {
  return join(directory, "objects", sha256.slice(0, 2), sha256);
}

/**
 * Writes a snapshot, all but its catalog, and content that is new into `objects/`.
 *
 * @param to `directory`: of all snapshots; `scratch`: on the same disk, to become the snapshot
 * @param from `catalog`: a copy of the catalog
 */
export async function writeSnapshot(
  to: { directory: string; scratch: string },
  from: { data: string; catalog: SqliteCatalog },
): Promise<Taken> {
  const taken: Taken = { bytes: 0, files: 0, fileBytes: 0, leftOut: [] };
  const { directory, scratch } = to;
  const snapshot = join(scratch, "snapshot");
  Deno.mkdirSync(join(snapshot, PLACES.tls), { recursive: true, mode: 0o700 });
  for (const name of SMALL_FILES) {
    const read = await copy(join(from.data, name), join(snapshot, name));
    if (typeof read === "string") throw new Error(`${name} cannot be read: ${read}`);
  }
  const lines: ManifestLine[] = [];
  const leaveOut = (one: LeftOut) => {
    lines.push(one);
    taken.leftOut.push(one);
  };
  for (const entry of accountTrees(from.data, leaveOut)) {
    if (entry.type === "directory") {
      lines.push(entry);
      continue;
    }
    const known = await recorded(from.catalog, entry);
    const kept = known !== undefined && sizeAt(objectPlace(directory, known.sha256)) === known.size;
    const read = kept ? known : await take(join(from.data, entry.name), to, taken);
    if (read === undefined) continue; // removed meanwhile
    if (typeof read === "string") {
      leaveOut({ name: entry.name, reason: read });
      continue;
    }
    lines.push({ ...entry, ...read });
    taken.files++;
    taken.fileBytes += read.size;
  }
  writePieces(join(snapshot, MANIFEST), writeManifest(lines));
  return taken;
}

/** What the catalog knows of the state in which a file is now. */
async function recorded(catalog: SqliteCatalog, { name, mtimeMs, size }: TreeEntry) {
  const [, , account, , ...path] = name.split("/");
  const record = await catalog.file(account!, `/${path.join("/")}`);
  if (record === undefined || record.damaged || !isTrueOf(record, { size, mtimeMs })) return;
  return { size, mtimeMs, sha256: record.hash };
}

/** Copies a file to where its content belongs, unless it is there. */
async function take(path: string, to: { directory: string; scratch: string }, taken: Taken) {
  const draft = join(to.scratch, "object");
  const read = await copy(path, draft);
  if (read === undefined || typeof read === "string") return read;
  const place = objectPlace(to.directory, read.sha256);
  if (sizeAt(place) === read.size) return read;
  Deno.mkdirSync(join(place, ".."), { recursive: true, mode: 0o700 });
  Deno.renameSync(draft, place);
  taken.bytes += read.size;
  return read;
}

function copy(from: string, to: string) {
  return readStable(from, (_info, pieces) => {
    writePieces(to, pieces);
    return Promise.resolve();
  });
}

function writePieces(path: string, pieces: Iterable<Uint8Array>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
  }
  file.syncSync();
}

function sizeAt(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
