import type {
  AccountLimits,
  Ban,
  LimitedAccount,
  Network,
  PolicyBook,
} from "../../contract/books/policy_book.ts";
import type { Page } from "../../contract/values/page.ts";
import { compareCodePoints } from "../../contract/path.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Limits of accounts, and bans, in memory. */
export class MemoryPolicy implements PolicyBook {
  #version = 0;

  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  version(): Promise<number> {
    return this.run(false, () => this.#version);
  }

  limits({ after, count }: Page<Pick<LimitedAccount, "account">>): Promise<LimitedAccount[]> {
    return this.run(
      false,
      () =>
        this.books.limits.values()
          .filter(({ account }) => compareCodePoints(account, after?.account ?? "") > 0)
          .sort((a, b) => compareCodePoints(a.account, b.account))
          .slice(0, count),
    );
  }

  limitsOf(account: string): Promise<AccountLimits | undefined> {
    return this.run(false, () => this.books.limits.get(account)?.limits);
  }

  setLimits(account: string, limits: AccountLimits): Promise<boolean> {
    return this.#change(() => {
      if (this.books.accounts.get(account) === undefined) return false;
      this.books.limits.set(account, { account, limits });
      return true;
    });
  }

  bans(nowMs: number, { after, count }: Page<Ban>): Promise<Ban[]> {
    return this.run(false, () =>
      this.books.bans.values()
        .filter(({ expiresMs }) => expiresMs === null || expiresMs > nowMs)
        .filter((ban) => after === undefined || compare(ban, after) > 0)
        .sort(compare)
        .slice(0, count));
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

function compare(a: Ban, b: Ban): number {
  return a.createdMs - b.createdMs || compareCodePoints(a.address, b.address) ||
    a.prefixLength - b.prefixLength;
}

function keyOf({ address, prefixLength }: Network): string {
  return `${address}/${prefixLength}`;
}
