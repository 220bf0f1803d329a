/** The limits that hold for each account and each address, put together from their sources. */
import { BoundedMap } from "../../common/bounded_map.ts";
import { ANY_NETWORK } from "../../common/network.ts";
import type {
  AccountLimits,
  CommonLimits,
  LimitedNetwork,
} from "../../storage/contract/books/policy_book.ts";
import { type Includes, networkSet } from "./networks.ts";

/** Addresses whose limits are cached. */
const MAX_KNOWN = 10_000;

/** Limits of one source. */
export interface LimitSource {
  /** By name of the account; `*` is every account. */
  readonly accounts: ReadonlyMap<string, AccountLimits>;
  readonly networks: readonly LimitedNetwork[];
}

/** In place of an account's name: every account. */
export const EVERY_ACCOUNT = "*";

/** An address without limits. */
const FREE: CommonLimits = {};

/** A source without limits. */
export const NO_LIMITS: LimitSource = { accounts: new Map(), networks: [] };

interface Prepared {
  readonly includes: Includes;
  readonly prefixLength: number;
  readonly limits: CommonLimits;
}

/** The limits of several sources. */
export class LimitSets {
  readonly #networks: readonly Prepared[];
  readonly #accounts = new BoundedMap<string, AccountLimits>({ max: MAX_KNOWN });
  readonly #addresses = new BoundedMap<string, CommonLimits>({ max: MAX_KNOWN });

  /** @param sources of one account or network, a later source goes before an earlier one */
  constructor(private readonly sources: readonly LimitSource[]) {
    this.#networks = sources.flatMap(({ networks }) => networks)
      .map(({ limits, ...network }) => {
        const isAny = network.address === ANY_NETWORK.address;
        return {
          includes: isAny ? () => true : networkSet([network]),
          prefixLength: isAny ? -1 : network.prefixLength,
          limits,
        };
      })
      .sort((a, b) => a.prefixLength - b.prefixLength); // stable
  }

  /** Limits of an account: its own ones go before those of every account. */
  account(name: string): AccountLimits {
    let limits = this.#accounts.get(name);
    if (limits === undefined) {
      const found = (key: string) => this.sources.map(({ accounts }) => accounts.get(key));
      limits = Object.assign({}, ...found(EVERY_ACCOUNT), ...found(name)) as AccountLimits;
      this.#accounts.set(name, limits);
    }
    return limits;
  }

  /** Limits of an address: those of a smaller network go before those of a larger one. */
  address(address: string): CommonLimits {
    if (this.#networks.length === 0) return FREE;
    let limits = this.#addresses.get(address);
    if (limits === undefined) {
      const holding = this.#networks.filter(({ includes }) => includes(address));
      limits = Object.assign({}, ...holding.map(({ limits }) => limits)) as CommonLimits;
      this.#addresses.set(address, limits);
    }
    return limits;
  }
}
