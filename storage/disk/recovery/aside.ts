/**
 * Content that nothing knows: what a killed server leaves of small uploads that had no record yet.
 * It is kept for the operator, as nothing unknown is deleted at once, but it counts to the account,
 * expires as unfinished uploads do, and is bounded.
 */
import { clock } from "../../contract/clock.ts";
import { isStoreError } from "../../contract/error.ts";
import type { AsideRecord } from "../interfaces/aside_book.ts";
import type { Account, DiskCatalog } from "../interfaces/disk_catalog.ts";
import type { Store } from "../interfaces/store.ts";

/** Maximum bytes that are kept aside of one account: the oldest go first. */
const MAX_ASIDE_BYTES = 256 * 1024 * 1024;
/** Maximum share of the quota: its owner can neither see nor drop what is set aside. */
const MAX_ASIDE_SHARE = 1 / 16;
/** Maximum number of things that are kept aside of one account. */
const MAX_ASIDE_COUNT = 1000;

/**
 * Brings the catalog's records of an account's `aside/` into agreement with the disk.
 *
 * @param before the catalog's records
 */
export async function settleAside(
  store: Store,
  catalog: DiskCatalog,
  { name: owner, quotaBytes }: Pick<Account, "name" | "quotaBytes">,
  before: readonly AsideRecord[],
): Promise<void> {
  const there = await store.listAside?.(owner) ?? [];
  if (there.length + before.length === 0) return;
  const known = new Map(before.map((record) => [record.id, record]));
  const atMs = clock.now();
  const records = there.map(({ id, bytes }) => known.get(id) ?? { id, owner, bytes, atMs });
  records.sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
  const maxBytes = Math.min(MAX_ASIDE_BYTES, MAX_ASIDE_SHARE * (quotaBytes ?? Infinity));
  const kept: AsideRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += record.bytes;
    if (bytes <= maxBytes && kept.length < MAX_ASIDE_COUNT) kept.push(record);
    else await store.removeAside?.(owner, record.id);
  }
  await catalog.asides.replace(owner, kept);
}

/** Counts what was set aside just now, while other workers run: the next start bounds it. */
export async function countAside(store: Store, catalog: DiskCatalog, owner: string): Promise<void> {
  const atMs = clock.now();
  for (const { id, bytes } of await store.listAside?.(owner) ?? []) {
    await catalog.asides.add({ id, owner, bytes, atMs });
  }
}

/** Removes what was set aside before a time. @returns the ids */
export async function expireAside(
  store: Store,
  catalog: DiskCatalog,
  beforeMs: number,
): Promise<string[]> {
  const expired = (await catalog.asides.all()).filter(({ atMs }) => atMs < beforeMs);
  for (const { owner, id } of expired) {
    try {
      await store.removeAside?.(owner, id);
    } catch (error) {
      if (isStoreError(error, "unreachable")) continue; // on a mounted disk that is away
      throw error;
    }
    await catalog.asides.remove(id);
  }
  return expired.map(({ id }) => id);
}
