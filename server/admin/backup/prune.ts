/** Removes old snapshots from a backup's directory, and content that no other one lists. */
import { join } from "@std/path";
import { isFile } from "../../data/data_directory.ts";
import { isLeftOut, MANIFEST, readManifest } from "./contents.ts";
import { objectsOf, snapshotNames, snapshotsOf } from "./snapshot_target.ts";

/**
 * Keeps the latest snapshots. No backup to the directory may run at the same time. If it is killed,
 * content without a snapshot is left, which the next run removes.
 *
 * @returns number of snapshots removed
 * @throws {Error} where a list cannot be read: nothing was removed then
 */
export function keepLatest(directory: string, count: number): number {
  const names = snapshotNames(directory);
  const kept = names.slice(-count);
  const listed = new Set(kept.flatMap((name) => contentOf(join(snapshotsOf(directory), name))));
  const old = names.slice(0, -count);
  for (const name of old) Deno.removeSync(join(snapshotsOf(directory), name), { recursive: true });
  const objects = objectsOf(directory);
  for (const { name: prefix } of Deno.readDirSync(objects)) {
    for (const { name } of Deno.readDirSync(join(objects, prefix))) {
      if (!listed.has(name)) Deno.removeSync(join(objects, prefix, name));
    }
  }
  return old.length;
}

/** SHA-256 of all content that a snapshot lists. */
function contentOf(snapshot: string): string[] {
  const list = join(snapshot, MANIFEST);
  if (!isFile(list)) throw new Error(`${list} is missing: the snapshot is damaged, move it away`);
  return readManifest(Deno.readTextFileSync(list))
    .flatMap((line) => isLeftOut(line) || line.sha256 === undefined ? [] : [line.sha256]);
}
