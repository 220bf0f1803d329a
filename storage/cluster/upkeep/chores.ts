import type { Database } from "../postgres/database.ts";

/** Work that one worker of all nodes does at a time. */
export interface Chore {
  readonly name: string;
  /** How long it is not done again after it was done, ms. */
  readonly everyMs: number;
}

/** Who does it: a worker that holds its lease meanwhile. */
export interface Doer {
  readonly database: Database;
  readonly holder: string;
}

/**
 * Does work, unless another worker is at it, or has done it a short time ago.
 *
 * @returns its result; undefined where it was not done
 */
export async function doChore<T>(
  { database, holder }: Doer,
  { name, everyMs }: Chore,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const [row] = await database.query((sql) =>
    sql`SELECT chore_begin(${name}, ${holder}, ${everyMs}) AS begun`
  );
  if (!row!["begun"]) return undefined;
  let isDone = false;
  try {
    const result = await work();
    isDone = true;
    return result;
  } finally {
    await database.repeat((sql) => sql`SELECT chore_end(${name}, ${holder}, ${isDone})`);
  }
}
