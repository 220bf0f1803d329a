/** Reads of the entry at a path that several rooms share. */
import { type Current, currentOf } from "../contract/condition.ts";
import { notFound, StoreError } from "../contract/error.ts";
import type { WithMode } from "../contract/mode_bits.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { Found, Tree } from "../contract/tree.ts";

/**
 * Reads the entry at a path that must be a file. @throws {StoreError} `not-found`, `is-directory`
 */
export async function lookAtFile(
  tree: Pick<Tree, "look">,
  owner: string,
  path: VirtualPath,
): Promise<Found> {
  const found = await tree.look(owner, path);
  if (found === undefined) throw notFound(path);
  if (found.entry.type === "directory") {
    throw new StoreError("is-directory", `"${path}" is a directory`);
  }
  return found;
}

/** Reads the state that a condition on a path is checked against. */
export async function currentAt(
  tree: Pick<Tree, "look" | "know">,
  owner: string,
  path: VirtualPath,
): Promise<Current> {
  const found = await tree.look(owner, path);
  if (found?.entry.type === "directory") return { type: "directory" };
  return found && currentOf(found.record ?? (await tree.know(owner, path)).record);
}

/** Recorded permission bits of what was looked up or opened: most engines know them by then. */
export async function modeOf(
  tree: Pick<Tree, "mode">,
  owner: string,
  path: VirtualPath,
  { mode }: WithMode,
): Promise<number | undefined> {
  return mode === undefined ? await tree.mode(owner, path) : mode ?? undefined;
}
