import type { Page } from "../contract/values/page.ts";
import { Pace } from "./slices.ts";

/** Rows read at once. */
const PAGE = 500;

/**
 * Goes through a long list page by page, with turns for others. Rows that come or go meanwhile may
 * be missed.
 *
 * @param read reads one page
 */
export async function* eachOf<T>(read: (page: Page<T>) => Promise<T[]>): AsyncGenerator<T> {
  const pace = new Pace();
  let after: T | undefined;
  while (true) {
    const rows = await read({ after, count: PAGE });
    for (const row of rows) {
      yield row;
      await pace.turn();
    }
    if (rows.length < PAGE) return;
    after = rows.at(-1);
  }
}
