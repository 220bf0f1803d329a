/** The operator's limits for accounts and addresses, as the catalog keeps them. */

import type { Entrance } from "../../../common/entrances.ts";
import type { Page } from "../values/page.ts";

/** A network in CIDR notation, or one address. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
}

/** Limits of an account or of an address; a member that is absent is the server's own. */
export interface CommonLimits {
  /** Bytes per second in both directions together; null: no limit. */
  readonly rate?: number | null;
  /** Bytes per second to the server; null: no limit. */
  readonly rateUp?: number | null;
  /** Bytes per second from the server; null: no limit. */
  readonly rateDown?: number | null;
  /** Connections at once, over all doors; null: no limit. */
  readonly connections?: number | null;
  /** Requests per minute, over all doors; null: no limit. */
  readonly requests?: number | null;
  /** Where it may come in; everywhere where it is absent. */
  readonly doors?: readonly Entrance[];
}

/** Limits of one account. */
export interface AccountLimits extends CommonLimits {
  /** Where the account may log in from; everywhere where there is none. */
  readonly allowed?: readonly Network[];
  /** Networks that are refused even if `allowed` contains them. */
  readonly denied?: readonly Network[];
}

/** Limits of each address of a network. */
export interface LimitedNetwork extends Network {
  readonly limits: CommonLimits;
}

/** A network that may not connect. */
export interface Ban extends Network {
  readonly reason: string;
  readonly createdMs: number;
  /** Null: until it is lifted. */
  readonly expiresMs: number | null;
}

/** An account that has limits. */
export interface LimitedAccount {
  readonly account: string;
  readonly limits: AccountLimits;
}

/** Contracts are the catalog's (catalog.ts). All changes are durable. */
export interface PolicyBook {
  /** Grows with every change by any process. */
  version(): Promise<number>;
  /** Calls `changed` soon after each change, where the engine is notified of those of others. */
  watch?(changed: () => void): void;
  /** Accounts that have limits, by name. */
  limits(page: Page<Pick<LimitedAccount, "account">>): Promise<LimitedAccount[]>;
  /** The limits of one account; undefined where it has none. */
  limitsOf(account: string): Promise<AccountLimits | undefined>;
  /** Replaces an account's limits. @returns false where there is no such account */
  setLimits(account: string, limits: AccountLimits): Promise<boolean>;
  /** Networks whose addresses have limits, by address and prefix in the order of code points. */
  networks(page: Page<Network>): Promise<LimitedNetwork[]>;
  /** Replaces the limits of a network's addresses; without any it has none of its own. */
  setNetwork(network: Network, limits: CommonLimits): Promise<void>;
  /** Bans that hold at a time, in the order in which they were made, then by address and prefix. */
  bans(nowMs: number, page: Page<Ban>): Promise<Ban[]>;
  /** Adds a ban, which replaces an earlier one of the same network; removes expired bans. */
  ban(ban: Ban): Promise<void>;
  /** @returns false where the network is not banned */
  unban(network: Network): Promise<boolean>;
}
