/** Unpacks a backup into a directory beside its final place, and compares it with its list. */
import { join } from "@std/path";
import { isFile, PLACES } from "../../data/data_directory.ts";
import { failure } from "../../options/error.ts";
import { isLeftOut, MANIFEST, type ManifestLine, readManifest } from "./contents.ts";
import { assertKnown } from "./known_names.ts";
import { snapshotNames, snapshotsOf } from "./snapshot_target.ts";
import { unpackTar } from "./unpack_tar.ts";
import { objectOf, unpackSnapshot } from "./unpack_snapshot.ts";

/** Content of an unpacked backup. */
export interface Unpacked {
  /** List of the accounts' files; undefined if the backup was made without them. */
  manifest: ManifestLine[] | undefined;
  /** Files that are not as the backup lists them: not there, or with other content. */
  damaged: DamagedFile[];
}

/** A file that is not as the backup lists it. */
export interface DamagedFile {
  name: string;
  /** Where its content is, in a directory of snapshots. */
  object?: string;
}

/**
 * Unpacks a tar, or the latest snapshot of a directory, or one of its snapshots. Files have mode 600,
 * directories 700, until {@linkcode applyManifest}.
 *
 * @throws {ExitError} where it is no backup
 */
export async function unpack(from: string, into: string): Promise<Unpacked> {
  const snapshot = snapshotOf(from);
  const hashes = snapshot === undefined
    ? await unpackTar(from, into)
    : unpackSnapshot(snapshot, into);
  if (!isFile(join(into, PLACES.catalog))) throw failure(`${from} is no backup: it has no catalog`);
  const list = join(into, MANIFEST);
  const manifest = isFile(list) ? readManifest(Deno.readTextFileSync(list)) : undefined;
  const damaged: DamagedFile[] = [];
  for (const line of manifest ?? []) {
    const path = join(into, line.name);
    if (isLeftOut(line)) {
      if (hashes.has(line.name)) Deno.removeSync(path); // it is incomplete
      continue;
    }
    assertKnown(line.name);
    if (line.type === "directory") {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    } else if (hashes.get(line.name) !== line.sha256) {
      const object = snapshot && { object: objectOf(snapshot, line.sha256!) };
      damaged.push({ name: line.name, ...object });
    }
  }
  if (manifest !== undefined) Deno.removeSync(list);
  return { manifest, damaged };
}

/** Sets the modes and times of unpacked files and directories. */
export function applyManifest(into: string, manifest: readonly ManifestLine[]): void {
  // Directories last, the innermost first: creating their content changed their times.
  for (const line of manifest.toReversed()) {
    if (isLeftOut(line)) continue;
    const path = join(into, line.name);
    try {
      Deno.utimeSync(path, line.mtimeMs / 1000, line.mtimeMs / 1000);
      Deno.chmodSync(path, line.mode & 0o777);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** The snapshot that is meant; undefined: it is a tar. */
function snapshotOf(from: string): string | undefined {
  if (isFile(from)) return undefined;
  if (isFile(join(from, PLACES.catalog))) return from;
  const latest = snapshotNames(from).at(-1);
  if (latest !== undefined) return join(snapshotsOf(from), latest);
  throw failure(`${from} is no backup: neither a tar nor a directory of snapshots`);
}
