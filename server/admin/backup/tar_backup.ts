/** A backup in one tar, which any `tar` unpacks. */
import { join } from "node:path";
import { PLACES } from "../../data_directory.ts";
import { MANIFEST, type ManifestLine, readStable, writeManifest } from "./manifest.ts";
import { TarWriter } from "./tar_writer.ts";
import { accountTrees, type LeftOut } from "./tree.ts";

/** What a backup took. */
export interface Taken {
  /** Bytes that were written. */
  bytes: number;
  files: number;
  /** Bytes of the files. */
  fileBytes: number;
  leftOut: LeftOut[];
}

/** The small files that a backup holds beside the catalog, where they are there. */
export const SMALL_FILES = [
  ...["ca.pem", "ca.key", "server.pem", "server.key"].map((name) => `${PLACES.tls}/${name}`),
  PLACES.config,
];

/**
 * Writes a tar.
 *
 * @param from `catalog`: a copy of the catalog; `files`: whether the accounts' files go in too
 */
export async function writeTar(
  target: string,
  from: { data: string; catalog: string; files: boolean },
): Promise<Taken> {
  const { data, catalog, files } = from;
  const tar = new TarWriter(target);
  const taken: Taken = { bytes: 0, files: 0, fileBytes: 0, leftOut: [] };
  await addFile(tar, PLACES.catalog, catalog);
  for (const name of SMALL_FILES) await addFile(tar, name, join(data, name));
  if (files) {
    const lines = await addTrees(tar, data, taken);
    const pieces = writeManifest(lines);
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    await tar.add({ name: MANIFEST, size, mode: 0o600, mtime: new Date() }, pieces);
  }
  taken.bytes = await tar.finish();
  return taken;
}

async function addFile(tar: TarWriter, name: string, path: string): Promise<void> {
  const read = await readStable(
    path,
    ({ size, mtime }, pieces) => tar.add({ name, size, mode: 0o600, mtime }, pieces),
  );
  if (typeof read === "string") throw new Error(`${path} cannot be read: ${read}`);
}

/** Adds the accounts' files. One that changed is added again: the last entry of a name counts. */
async function addTrees(tar: TarWriter, data: string, taken: Taken): Promise<ManifestLine[]> {
  const lines: ManifestLine[] = [];
  const leaveOut = (one: LeftOut) => {
    lines.push(one);
    taken.leftOut.push(one);
  };
  for (const entry of accountTrees(data, leaveOut)) {
    const { name, mode } = entry;
    if (entry.type === "directory") {
      const mtime = new Date(entry.mtimeMs);
      await tar.add({ name: `${name}/`, type: "directory", size: 0, mode, mtime }, []);
      lines.push(entry);
      continue;
    }
    const read = await readStable(
      join(data, name),
      ({ size, mtime }, pieces) => tar.add({ name, size, mode, mtime }, pieces),
    );
    if (read === undefined) continue; // removed meanwhile
    if (typeof read === "string") {
      leaveOut({ name, reason: read });
      continue;
    }
    lines.push({ ...entry, ...read });
    taken.files++;
    taken.fileBytes += read.size;
  }
  return lines;
}
