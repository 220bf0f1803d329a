import type { MemoryDatabase } from "./database.ts";
import type { Run } from "./accounts/tokens.ts";

/**
 * Deletes objects that have been garbage since before a time: no row names them, and no reader has
 * them open.
 */
export async function collectGarbage(
  { tables, objects, readers }: MemoryDatabase,
  run: Run,
  beforeMs: number,
): Promise<void> {
  const doomed = await run(true, () => {
    const rows = [...tables.contents.values(), ...tables.uploads.values()];
    const named = new Set(rows.flatMap(({ segments }) => segments.map(({ object }) => object)));
    const due = tables.garbage.values().filter(({ object, atMs }) =>
      atMs < beforeMs && !((readers.get(object) ?? 0) > 0)
    );
    for (const { object } of due) tables.garbage.delete(object);
    return due.filter(({ object }) => !named.has(object));
  });
  for (const { object } of doomed) await objects.remove(object);
}
