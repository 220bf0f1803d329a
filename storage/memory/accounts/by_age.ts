import type { ByAge, Page } from "../../contract/values/page.ts";

/** A page of records, the oldest first. */
export function oldestFirst<T extends ByAge>(records: T[], { after, count }: Page<ByAge>): T[] {
  return records.filter((record) => after === undefined || compare(record, after) > 0)
    .sort(compare)
    .slice(0, count);
}

function compare(a: ByAge, b: ByAge): number {
  return a.createdMs - b.createdMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
