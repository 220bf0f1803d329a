import { assertEquals } from "@std/assert";
import type { Page } from "../../storage/contract/values/page.ts";

/** A page that holds every row of a test. */
export const ALL = { count: 1000 };

/** Checks that a list in pages of two has each row once, in the order of the whole. */
export async function assertPaged<T>(read: (page: Page<T>) => Promise<T[]>, all: readonly T[]) {
  const paged: T[] = [];
  while (paged.length <= all.length) {
    const page = await read({ after: paged.at(-1), count: 2 });
    paged.push(...page);
    if (page.length < 2) break;
  }
  assertEquals(paged, all);
}
