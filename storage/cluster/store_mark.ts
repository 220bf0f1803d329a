/** The mark by which a database knows its object store: the same number is a row and an object. */
import { StoreError } from "../contract/error.ts";
import type { ContentStore } from "./content/content_store.ts";
import type { Database } from "./postgres/database.ts";

/** Key of the object, whose content is the number. */
const STORE_MARK = "mark";
/** Prefixes of the keys of content. */
const CONTENT_PREFIXES = ["content/", "packs/"];

/**
 * Makes sure that the store is the one that the database names objects of. The first node that comes
 * marks both; nodes that start at once agree on one mark.
 *
 * @param shown the store, as messages to the operator show it
 * @throws {StoreError} `io` where it is another store, or the store of another database
 */
export async function assertSameStore(
  database: Database,
  store: ContentStore,
  shown: string,
): Promise<void> {
  const [row] = await database.repeat((sql) =>
    sql`SELECT (SELECT at_ms FROM marks WHERE name = 'store') AS mark,
      EXISTS (SELECT FROM segments) AS used`
  );
  const known: number | null = row!["mark"];
  const found = await read(store);
  if (known === null && found !== undefined && !row!["used"] && await holdsContent(store)) {
    throw refusal(
      `The store ${shown} has content of another database: give this one a prefix of its own`,
    );
  }
  const mark = known === null ? found ?? await make(store) : found;
  const [kept] = await database.repeat((sql) =>
    sql`WITH made AS (INSERT INTO marks SELECT 'store', ${mark ?? null}::bigint
        WHERE ${mark ?? null}::bigint IS NOT NULL ON CONFLICT (name) DO NOTHING RETURNING at_ms)
      SELECT coalesce((SELECT at_ms FROM made), (SELECT at_ms FROM marks WHERE name = 'store')) AS mark`
  );
  const wanted: number | null = kept!["mark"] ?? await again(database);
  if (mark === wanted) return;
  throw refusal(
    `The store ${shown} is not the one of this database: give --store and --store-endpoint the ` +
      `values of the other nodes, or copy the object "${STORE_MARK}" too where the store was moved`,
  );
}

/** Another node has marked it since that statement began. */
async function again(database: Database): Promise<number> {
  const [row] = await database.repeat((sql) => sql`SELECT at_ms FROM marks WHERE name = 'store'`);
  return row!["at_ms"];
}

/** Marks a store, unless another node does at once. @returns its mark */
async function make(store: ContentStore): Promise<number> {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  const made = (high! % 256) * 2 ** 32 + low!;
  const text = new TextEncoder().encode(`${made}\n`);
  try {
    await store.put(STORE_MARK, [text], { ifAbsent: true });
  } catch (error) {
    if (await read(store) === undefined) throw error;
  }
  return await read(store) ?? made;
}

async function read(store: ContentStore): Promise<number | undefined> {
  const content = await store.get(STORE_MARK);
  return content &&
    Number(await new Response(content as ReadableStream<Uint8Array<ArrayBuffer>>).text());
}

/** Whether the store has objects of an engine. */
export async function holdsContent(store: ContentStore): Promise<boolean> {
  for (const prefix of CONTENT_PREFIXES) {
    if ((await store.list(prefix, { limit: 1 })).objects.length > 0) return true;
  }
  return false;
}

function refusal(message: string): StoreError {
  return new StoreError("io", message);
}
