import type { ByAge, Page } from "../../../contract/values/page.ts";

/**
 * The end of a statement that reads a page of rows, the oldest first; its values are those of
 * {@linkcode placeOf}.
 *
 * @param table name of the table in the statement, with a dot behind it
 */
export function behind(table = ""): string {
  const place = `${table}created_ms, ${table}id`;
  return `(${place}) > (?, ?) ORDER BY ${place} LIMIT ?`;
}

/** Values of a statement that ends with {@linkcode behind}. */
export function placeOf({ after, count }: Page<ByAge>): [number, string, number] {
  return [after?.createdMs ?? Number.MIN_SAFE_INTEGER, after?.id ?? "", count];
}
