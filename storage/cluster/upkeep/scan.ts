import type { ContentStore, ObjectInfo } from "../content/content_store.ts";
import { PACK_PREFIX } from "../content/pack_cache.ts";
import type { Database } from "../postgres/database.ts";

/**
 * State of an object: content names it; garbage past its grace, or within it; or nothing names it, and
 * no note does.
 */
export type ObjectState = "live" | "due" | "waiting" | "orphan";

/** An object of the store with what the database knows of it. */
export interface KnownObject extends ObjectInfo {
  readonly state: ObjectState;
  /** Bytes of it that content names. */
  readonly liveBytes: number;
}

/** Goes through objects of the store, page by page. */
export async function* scan(
  { database, store }: { readonly database: Database; readonly store: ContentStore },
  graceMs: number,
  prefixes: readonly string[] = ["content/", PACK_PREFIX],
): AsyncGenerator<KnownObject[]> {
  for (const prefix of prefixes) {
    let next: string | undefined;
    do {
      const page = await store.list(prefix, { after: next });
      next = page.next;
      if (page.objects.length > 0) yield await known(database, page.objects, graceMs);
    } while (next !== undefined);
  }
}

async function known(
  database: Database,
  objects: readonly ObjectInfo[],
  graceMs: number,
): Promise<KnownObject[]> {
  const keys = objects.map(({ key }) => key);
  const rows = await database.repeat((sql) =>
    sql`SELECT object, state, live FROM objects_state(${sql.json(keys)}, ${graceMs})`
  );
  const states = new Map(rows.map((row) => [row["object"] as string, row]));
  return objects.map((object) => {
    const { state, live } = states.get(object.key)!;
    return { ...object, state: state as ObjectState, liveBytes: live as number };
  });
}

/** Notes objects as garbage that nothing names. @returns their number */
export async function noteOrphans(
  database: Database,
  objects: readonly Pick<ObjectInfo, "key">[],
): Promise<number> {
  if (objects.length === 0) return 0;
  const keys = objects.map(({ key }) => key);
  const [row] = await database.repeat((sql) =>
    sql`SELECT orphans_note(${sql.json(keys)}) AS noted`
  );
  return row!["noted"] as number;
}
