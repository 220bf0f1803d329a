/** Work on the engine's tables that no request waits for; any node may do it, also several at once. */
import type { LostFile } from "../../contract/engine.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { ContentStore } from "../content/content_store.ts";
import type { Database } from "../postgres/database.ts";
import { type Located, recordOf } from "./nodes.ts";

/** Rows of one step. */
const STEP_ROWS = 500;
/** Objects that are looked up at once. */
const LOOKUPS = 8;

/**
 * Takes trees apart that were removed, in steps of some hundred rows.
 *
 * @param proceeds called before each step; what is left is the next call's
 */
export async function sweepDoomed(database: Database, proceeds: () => boolean): Promise<void> {
  const step = () => one(database, (sql) => sql`SELECT doomed_sweep(${STEP_ROWS}) AS answer`);
  while (proceeds() && await step());
}

/** Removes suspended uploads that were last touched before a time. @returns their ids */
export async function expireUploads(database: Database, beforeMs: number): Promise<string[]> {
  const expired: string[] = [];
  while (true) {
    const due = await database.query((sql) =>
      sql`SELECT uploads_silent(${beforeMs}, ${STEP_ROWS}) AS id`
    );
    let removed = 0;
    for (const { id } of due) {
      if (!await one(database, (sql) => sql`SELECT upload_expire(${id}, ${beforeMs}) AS answer`)) {
        continue;
      }
      removed++;
      expired.push((id as string).replaceAll("-", ""));
    }
    if (removed === 0) return expired;
  }
}

/** Lowers the reservations of silent uploads to their safe bytes. */
export async function shrinkReservations(database: Database, beforeMs: number): Promise<void> {
  const owners = await database.query((sql) =>
    sql`SELECT DISTINCT owner FROM uploads WHERE updated_ms < ${beforeMs}
      AND reserved_bytes > offset_bytes`
  );
  for (const { owner } of owners) {
    await database.repeat((sql) => sql`SELECT uploads_shrink(${owner}, ${beforeMs})`);
  }
}

/** Files of an account of which an object is missing. */
export async function* lostFiles(
  database: Database,
  store: ContentStore,
  owner: string,
): AsyncGenerator<LostFile> {
  for (let behind = 0;;) {
    const page = await one(
      database,
      (sql) => sql`SELECT files_page(${owner}, ${behind}, ${STEP_ROWS}) AS answer`,
    ) as [
      id: number,
      path: VirtualPath,
      objects: string[],
    ][];
    const last = page.at(-1);
    if (last === undefined) return;
    const missing = await missingOf(store, page.flatMap(([, , objects]) => objects));
    for (const [, path, objects] of page) {
      if (!objects.some((object) => missing.has(object))) continue;
      // It may have been replaced or removed since the page was read.
      const still = await objectsAt(database, owner, path);
      if ((await missingOf(store, still)).size > 0) yield { path, instead: undefined };
    }
    behind = last[0];
  }
}

/** Removes a file of which an object is missing. @returns its record; undefined where none is */
export async function forgetLost(
  database: Database,
  store: ContentStore,
  owner: string,
  path: VirtualPath,
): Promise<FileRecord | undefined> {
  const objects = await objectsAt(database, owner, path);
  if ((await missingOf(store, objects)).size === 0) return undefined;
  const { node } = await one(
    database,
    (sql) => sql`SELECT tree_look(${owner}, ${path}) AS answer`,
  ) as Located;
  const record = node === null ? undefined : recordOf(node);
  if (record === undefined) return undefined;
  const answer = await one(
    database,
    (sql) =>
      sql`SELECT tree_remove(${owner}, ${path}, ${sql.json(node as never)}, 0, NULL) AS answer`,
  ) as {
    shares?: boolean;
  };
  return answer.shares === undefined ? undefined : record;
}

async function objectsAt(database: Database, owner: string, path: VirtualPath): Promise<string[]> {
  const rows = await database.repeat((sql) =>
    sql`SELECT DISTINCT s.object FROM locate(account_id(${owner}), ${path}) AS l
      JOIN segments s ON s.content = (l.node).content`
  );
  return rows.map(({ object }) => object as string);
}

/** Those of some objects that are not there. */
async function missingOf(store: ContentStore, objects: readonly string[]): Promise<Set<string>> {
  const missing = new Set<string>();
  const rest = [...new Set(objects)];
  const look = async () => {
    for (let key = rest.pop(); key !== undefined; key = rest.pop()) {
      if (await store.head(key) === undefined) missing.add(key);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS }, look));
  return missing;
}

async function one(
  database: Database,
  call: Parameters<Database["query"]>[0],
): Promise<unknown> {
  const [row] = await database.query(call) as Record<string, unknown>[];
  return row!["answer"];
}
