import type { FailureBook, Failures } from "../../contract/books/failure_book.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Failed logins in memory. */
export class MemoryFailures implements FailureBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  of(keys: readonly string[]): Promise<(Failures | undefined)[]> {
    return this.run(false, () =>
      keys.map((key) => {
        const row = this.books.failures.get(key);
        return row && { count: row.count, lastMs: row.lastMs };
      }));
  }

  count(
    keys: readonly string[],
    atMs: number,
    { forgetBeforeMs, maxKeys }: { forgetBeforeMs: number; maxKeys: number },
  ): Promise<void> {
    return this.run(false, () => {
      const { failures } = this.books;
      for (const key of keys) {
        const before = failures.get(key);
        const count = before && before.lastMs >= forgetBeforeMs ? before.count + 1 : 1;
        failures.set(key, { key, count, lastMs: atMs });
      }
      failures.deleteWhere(({ lastMs }) => lastMs < forgetBeforeMs);
      const latest = failures.values()
        .sort((a, b) => b.lastMs - a.lastMs || (a.key < b.key ? -1 : 1));
      for (const { key } of latest.slice(maxKeys)) failures.delete(key);
    });
  }

  forget(key: string): Promise<void> {
    return this.run(false, () => this.books.failures.delete(key));
  }
}
