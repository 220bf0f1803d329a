import type { AccountBooks } from "./account_books.ts";
import type { Table } from "./table.ts";

/** Corrects the times of accounts that were written while the clock was ahead. */
export function redateAccounts(books: AccountBooks, nowMs: number): void {
  const bounded = (ms: number) => Math.min(ms, nowMs);
  const boundedOrNull = (ms: number | null) => ms === null ? null : bounded(ms);
  makeAnew(books.tokens, nowMs);
  makeAnew(books.shares, nowMs);
  makeAnew(books.links, nowMs);
  makeAnewEnding(books.locks, nowMs);
  makeAnew(books.webSessions, nowMs);
  makeAnew(books.bans, nowMs);
  books.tokens.update((row) => ({ ...row, lastUsedMs: boundedOrNull(row.lastUsedMs) }));
  books.links.update((row) => ({ ...row, lastUsedMs: boundedOrNull(row.lastUsedMs) }));
  books.webSessions.update((row) => ({ ...row, lastUsedMs: bounded(row.lastUsedMs) }));
  books.accounts.update((row) => ({ ...row, lastLoginMs: boundedOrNull(row.lastLoginMs) }));
  books.uploadNotes.update((row) => ({ ...row, atMs: bounded(row.atMs) }));
  books.failures.update((row) => ({ ...row, lastMs: bounded(row.lastMs) }));
}

/** Corrects the times of uploads that were written while the clock was ahead. */
export function redateUploads<Row extends { createdMs: number; updatedMs: number }>(
  uploads: Table<Row>,
  nowMs: number,
): void {
  uploads.update((row) => ({
    ...row,
    createdMs: Math.min(row.createdMs, nowMs),
    updatedMs: Math.min(row.updatedMs, nowMs),
  }));
}

function makeAnewEnding<Row extends { createdMs: number; expiresMs: number }>(
  table: Table<Row>,
  nowMs: number,
): void {
  table.update((row) => {
    if (row.createdMs <= nowMs) return row;
    return { ...row, createdMs: nowMs, expiresMs: row.expiresMs - row.createdMs + nowMs };
  });
}

function makeAnew<Row extends { createdMs: number; expiresMs: number | null }>(
  table: Table<Row>,
  nowMs: number,
): void {
  table.update((row) => {
    if (row.createdMs <= nowMs) return row;
    const expiresMs = row.expiresMs === null ? null : row.expiresMs - row.createdMs + nowMs;
    return { ...row, createdMs: nowMs, expiresMs };
  });
}
