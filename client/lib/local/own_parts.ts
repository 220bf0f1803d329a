/** Temporary files of a target that earlier runs left in its directory. */
import { dirname, join } from "node:path";
import { mayRead } from "../common/environment.ts";
import { lstat, type PartPlace } from "./part_file.ts";
import { isPartOf, newPartPath } from "./part_name.ts";

/**
 * Returns the temporary file of a target where its directory has exactly one. One in a directory for
 * incomplete downloads may be another target's.
 */
export function onlyPartOf(target: string): PartPlace | undefined {
  const directory = dirname(target);
  if (!mayRead(directory)) return undefined;
  try {
    const names = Array.from(Deno.readDirSync(directory), ({ name }) => name)
      .filter((name) => isPartOf(name, target));
    return names.length === 1 ? { path: join(directory, names[0]!) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a target is an empty file that an earlier run created to reserve the name, before it
 * ended early. Names are reserved only on file systems without hard links; elsewhere an empty file
 * is the user's.
 */
export function isReserved(target: string): boolean {
  const there = lstat(target);
  if (!there?.isFile || there.size > 0) return false;
  const part = onlyPartOf(target);
  if (part === undefined) return false;
  const probe = newPartPath(target);
  try {
    Deno.linkSync(part.path, probe);
  } catch (error) {
    const { AlreadyExists, NotFound } = Deno.errors;
    return !(error instanceof AlreadyExists || error instanceof NotFound);
  }
  Deno.removeSync(probe);
  return false;
}
