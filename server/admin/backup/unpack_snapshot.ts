/** Unpacks a snapshot of a backup's directory. */
import { join } from "@std/path";
import { isFile, PLACES } from "../../data/data_directory.ts";
import { isLeftOut, MANIFEST, type ManifestLine, OWN_FILES, readManifest } from "./contents.ts";
import { assertKnown } from "./known_names.ts";
import { objectPlace } from "./snapshot_target.ts";
import { piecesOf, SparseFile } from "./sparse_file.ts";

/**
 * Copies a snapshot's files, and the content that it lists.
 *
 * @returns SHA-256 of each existing file by name
 * @throws {ExitError} where it lists content that no backup contains
 */
export function unpackSnapshot(snapshot: string, into: string): Map<string, string> {
  const hashes = new Map<string, string>();
  const copy = (from: string, name: string) => {
    if (isFile(from)) hashes.set(name, copyHashed(from, join(into, name)));
  };
  for (const name of [PLACES.catalog, MANIFEST, ...OWN_FILES]) copy(join(snapshot, name), name);
  for (const line of listOf(snapshot)) {
    if (isLeftOut(line) || line.type === "directory") continue;
    assertKnown(line.name);
    copy(objectOf(snapshot, line.sha256!), line.name);
  }
  return hashes;
}

/** The place of a content that a snapshot lists. */
export function objectOf(snapshot: string, sha256: string): string {
  return objectPlace(join(snapshot, "..", ".."), sha256);
}

function listOf(snapshot: string): ManifestLine[] {
  const list = join(snapshot, MANIFEST);
  return isFile(list) ? readManifest(Deno.readTextFileSync(list)) : [];
}

function copyHashed(from: string, to: string): string {
  using source = Deno.openSync(from);
  using file = new SparseFile(to);
  for (const piece of piecesOf(source)) file.write(piece);
  return file.finish();
}
