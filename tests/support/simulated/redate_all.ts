import { redateAccounts, redateUploads } from "../../../storage/memory/accounts/redate.ts";
import type { Books } from "./books.ts";

/** Dates again all rows that were dated while the clock was ahead. */
export function redateAll(books: Books, nowMs: number): void {
  redateAccounts(books, nowMs);
  redateUploads(books.uploads, nowMs);
  books.asides.update((row) => ({ ...row, atMs: Math.min(row.atMs, nowMs) }));
}
