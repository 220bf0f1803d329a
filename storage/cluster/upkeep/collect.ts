/** Deleting objects that nothing names: after a grace, and never against writers or readers. */
import type { ContentStore } from "../content/content_store.ts";
import type { Database } from "../postgres/database.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import { isMostlyGarbage, PackRewriter } from "./rewrite.ts";
import { noteOrphans, scan } from "./scan.ts";

/** Least grace, ms: readers that have just opened a file find its objects. */
export const MIN_GRACE_MS = 60_000;
/** An object that nothing names is left alone for this long: its upload may be going on, ms. */
const WRITING_MS = 24 * 3600_000;
/** Rows of one step. */
const STEP_ROWS = 500;
/** Objects that one turn of the housekeeping deletes. */
const MAX_DELETED = 100_000;

/** Number and bytes of objects. */
export interface Amount {
  objects: number;
  bytes: number;
}

/** The objects of the store, compared with the rows of the database. */
export interface CollectReport {
  /** All objects. */
  readonly all: Amount;
  /** Objects that content names. */
  readonly live: Amount;
  /** Bytes of these that nothing names: a part of a pack. */
  readonly unusedBytes: number;
  /** Garbage past its grace. */
  readonly due: Amount;
  /** Garbage within it. */
  readonly waiting: Amount;
  /** Objects that nothing names, and no note did. */
  readonly orphans: Amount;
  /** Those of them that are younger than a day: uploads may be writing them. */
  readonly young: Amount;
  /** Objects that were deleted. */
  readonly deleted: number;
  /** Orphans that were noted: they are deleted after a grace. */
  readonly noted: number;
  /** Packs that were rewritten, as less than half of them was in use. */
  readonly rewritten: number;
}

/** How objects are collected. */
export interface CollectOptions {
  /** Whether anything is changed. */
  readonly deletes: boolean;
  /** How long garbage is kept, ms; at least a minute counts. */
  readonly graceMs: number;
  /** Age from which orphans are noted, ms. @default a day */
  readonly writingMs?: number | undefined;
}

/**
 * Deletes objects that have been garbage for a grace.
 *
 * @param most maximum number of objects: what is left, and what becomes due, is the next call's
 * @returns number of objects
 */
export async function collectGarbage(
  { database, store, step }: {
    readonly database: Database;
    readonly store: ContentStore;
    readonly step?: ClusterPlaces["step"];
  },
  graceMs: number,
  most = MAX_DELETED,
): Promise<number> {
  let count = 0;
  while (true) {
    if (count >= most) return count;
    const taken = await database.query((sql) =>
      sql`SELECT garbage_take(${graceMs}, ${Math.min(STEP_ROWS, most - count)}) AS object`
    );
    if (taken.length === 0) {
      const [row] = await database.query((sql) => sql`SELECT garbage_due(${graceMs}) AS due`);
      if (!row!["due"]) return count;
      continue;
    }
    await step?.("collect: taken");
    await store.delete(taken.map(({ object }) => object as string));
    count += taken.length;
  }
}

/** Goes through the whole store: counts, and with `deletes` notes orphans, rewrites, and deletes. */
export async function collect(
  places: ClusterPlaces,
  { deletes, graceMs, writingMs = WRITING_MS }: CollectOptions,
): Promise<CollectReport> {
  const grace = Math.max(graceMs, MIN_GRACE_MS);
  const counts = {
    ...{ all: none(), live: none(), due: none(), waiting: none(), orphans: none(), young: none() },
    unusedBytes: 0,
    noted: 0,
  };
  const rewriter = new PackRewriter(places);
  for await (const page of scan(places, grace)) {
    const old = [];
    for (const object of page) {
      const { state, size, changedMs, liveBytes } = object;
      for (const amount of [counts.all, counts[state === "orphan" ? "orphans" : state]]) {
        add(amount, size);
      }
      if (state === "live") counts.unusedBytes += Math.max(0, size - liveBytes);
      if (state === "orphan") {
        if (changedMs > Date.now() - writingMs) add(counts.young, size);
        else old.push(object);
      }
      if (deletes && isMostlyGarbage(object)) await rewriter.add(object);
    }
    if (deletes) counts.noted += await noteOrphans(places.database, old);
  }
  await rewriter.flush();
  const deleted = deletes ? await collectGarbage(places, grace, Infinity) : 0;
  return { ...counts, deleted, rewritten: rewriter.count };
}

function none(): Amount {
  return { objects: 0, bytes: 0 };
}

function add(amount: Amount, bytes: number): void {
  amount.objects++;
  amount.bytes += bytes;
}
