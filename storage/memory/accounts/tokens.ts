import type { TokenBook, TokenRecord } from "../../contract/books/token_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import { oldestFirst } from "./by_age.ts";
import type { AccountBooks } from "./account_books.ts";

/** Runs a call on the books; a durable one cannot be undone by a crash. */
export type Run = <T>(durable: boolean, work: () => T) => Promise<T>;

/** Tokens in memory. */
export class MemoryTokens implements TokenBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  add(token: TokenRecord, generation: number): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.accounts.get(token.account)?.generation !== generation) return false;
      this.books.tokens.set(token.id, token);
      return true;
    });
  }

  get(id: string): Promise<TokenRecord | undefined> {
    return this.run(false, () => this.books.tokens.get(id));
  }

  byHash(hash: string): Promise<TokenRecord | undefined> {
    return this.run(false, () => this.books.tokens.values().find((token) => token.hash === hash));
  }

  of(account: string, page: Page<ByAge>): Promise<TokenRecord[]> {
    return this.run(
      false,
      () =>
        oldestFirst(this.books.tokens.values().filter((token) => token.account === account), page),
    );
  }

  noteUse(id: string, atMs: number): Promise<void> {
    return this.run(false, () => {
      const token = this.books.tokens.get(id);
      if (token) this.books.tokens.set(id, { ...token, lastUsedMs: atMs });
    });
  }

  remove(account: string, id: string): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.tokens.get(id)?.account !== account) return false;
      this.books.tokens.delete(id);
      return true;
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.run(
      false,
      () =>
        this.books.tokens.deleteWhere(({ expiresMs }) => expiresMs !== null && expiresMs <= nowMs),
    );
  }
}
