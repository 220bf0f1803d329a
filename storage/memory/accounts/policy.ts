import type {
  AccountLimits,
  Ban,
  CommonLimits,
  LimitedAccount,
  LimitedNetwork,
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

  networks({ after, count }: Page<Network>): Promise<LimitedNetwork[]> {
    return this.run(false, () =>
      this.books.networks.values()
        .filter((network) => after === undefined || compareNetworks(network, after) > 0)
        .sort(compareNetworks)
        .slice(0, count));
  }

  setNetwork({ address, prefixLength }: Network, limits: CommonLimits): Promise<void> {
    return this.#change(() => {
      const network = { address, prefixLength };
      if (Object.keys(limits).length === 0) this.books.networks.delete(keyOf(network));
      else this.books.networks.set(keyOf(network), { ...network, limits });
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
  return a.createdMs - b.createdMs || compareNetworks(a, b);
}

function compareNetworks(a: Network, b: Network): number {
  return compareCodePoints(a.address, b.address) || a.prefixLength - b.prefixLength;
}

function keyOf({ address, prefixLength }: Network): string {
  return `${address}/${prefixLength}`;
}
