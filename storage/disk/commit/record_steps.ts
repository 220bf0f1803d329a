import type { DiskCatalog } from "../interfaces/disk_catalog.ts";
import type { MoveIntent } from "../interfaces/intents.ts";
import type { StepHook } from "../../contract/step.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { nextSlice } from "../../common/slices.ts";

/** Records forgotten or moved in one transaction: about 5 ms of work. */
const FILES_AT_ONCE = 500;

/**
 * Removes the records at and below a path in steps, before the rest is removed at once: one
 * statement for 100,000 records would block all others. A crash in between leaves files without a
 * record, which are hashed again.
 */
export async function forgetFiles(
  catalog: DiskCatalog,
  owner: string,
  path: VirtualPath,
): Promise<void> {
  while (await catalog.forgetSome(owner, path, FILES_AT_ONCE)) await nextSlice();
}

/**
 * Lets the records follow a rename that has happened, in steps, before `endMove`. A crash in between
 * leaves the intent, by which recovery moves the others.
 */
export async function moveFiles(
  catalog: DiskCatalog,
  move: MoveIntent,
  step?: StepHook,
): Promise<void> {
  while (await catalog.moveSome(move, FILES_AT_ONCE)) {
    await step?.("rename: some records moved");
    await nextSlice();
  }
}
