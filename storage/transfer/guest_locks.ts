/** Locks of guests in the trees of others. */
import { foreignPath, foreignSpot } from "../access/mounts.ts";
import { lettersOf } from "../access/shares.ts";
import { eachOf } from "../common/each_page.ts";
import type { LockRecord } from "../contract/books/lock_book.ts";
import { clock } from "../contract/clock.ts";
import type { Catalog } from "../contract/catalog.ts";

/**
 * Ends locks of guests whose shares do not allow them to write there any more: part of each change
 * that may take this from them.
 *
 * @param owner only those in this account's tree
 */
export async function endUnshared(catalog: Catalog, owner?: string): Promise<void> {
  const { locks } = catalog;
  const nowMs = clock.now();
  for await (const one of eachOf<LockRecord>((page) => locks.list({ owner, nowMs }, page))) {
    if (one.account === one.owner) continue;
    const spot = await foreignSpot(catalog, one.account, foreignPath(one.owner, one.path));
    if (lettersOf(spot?.covering ?? []).includes("w")) continue;
    await locks.remove(one.owner, one.path, one.account);
  }
}
