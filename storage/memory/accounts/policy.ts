import type { AccountLimits, Ban, Network, PolicyBook } from "../../contract/books/policy_book.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Limits of accounts, and bans, in memory. */
export class MemoryPolicy implements PolicyBook {
  #version = 0;

  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  version(): Promise<number> {
    return this.run(false, () => this.#version);
  }

  limits(): Promise<Map<string, AccountLimits>> {
    return this.run(
      false,
      () =>
        new Map(
          this.books.limits.values().map(({ account, limits }) => [account, limits] as const),
        ),
    );
  }

  setLimits(account: string, limits: AccountLimits): Promise<boolean> {
    return this.#change(() => {
      if (this.books.accounts.get(account) === undefined) return false;
      this.books.limits.set(account, { account, limits });
      return true;
    });
  }

  bans(nowMs: number): Promise<Ban[]> {
    return this.run(false, () =>
      this.books.bans.values()
        .filter(({ expiresMs }) => expiresMs === null || expiresMs > nowMs)
        .sort((a, b) => a.createdMs - b.createdMs || (keyOf(a) < keyOf(b) ? -1 : 1)));
  }

  ban(ban: Ban): Promise<void> {
    return this.#change(() => {
      this.books.bans.deleteWhere(({ expiresMs }) =>
        expiresMs !== null && expiresMs <= ban.createdMs
      );
      this.books.bans.set(keyOf(ban), ban);
    });
  }

  unban(network: Network): Promise<boolean> {
    return this.#change(() => {
      if (this.books.bans.get(keyOf(network)) === undefined) return false;
      this.books.bans.delete(keyOf(network));
      return true;
    });
  }

  #change<T>(work: () => T): Promise<T> {
    return this.run(true, () => {
      this.#version++;
      return work();
    });
  }
}

function keyOf({ address, prefixLength }: Network): string {
  return `${address}/${prefixLength}`;
}
