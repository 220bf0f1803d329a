import { nextSlice } from "../../../common/slices.ts";

/** Rows that one transaction changes at most: about 5 ms of work. */
export const ROWS_AT_ONCE = 500;

/**
 * Changes any number of rows in transactions of up to {@linkcode ROWS_AT_ONCE}, with turns for
 * others in between. A step that is repeated after a crash must change nothing.
 *
 * @param step changes some rows. @returns whether more may be left
 */
export async function inSteps(step: () => Promise<boolean>): Promise<void> {
  while (await step()) await nextSlice();
}

/** The statement that removes up to {@linkcode ROWS_AT_ONCE} rows of a table with such a key. */
export function deleteSome(table: string, key: string, where: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN
    (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${ROWS_AT_ONCE})`;
}

/** The statement that changes up to {@linkcode ROWS_AT_ONCE} rows, so that they no longer match. */
export function updateSome(table: string, key: string, set: string, where: string): string {
  return `UPDATE ${table} SET ${set} WHERE (${key}) IN
    (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${ROWS_AT_ONCE})`;
}
