/** Limits of accounts and addresses, and bans of addresses, for administrators and for `admin`. */
import { canonicalNetwork, networkText } from "../../common/network.ts";
import type { Access } from "../access/access.ts";
import { clock } from "../contract/clock.ts";
import { eachOf } from "../common/each_page.ts";
import { endOf } from "../common/last_time.ts";
import type {
  AccountLimits,
  Ban,
  CommonLimits,
  LimitedAccount,
  LimitedNetwork,
  Network,
} from "../contract/books/policy_book.ts";
import type { Catalog } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { noSuchAccount } from "./account_changes.ts";
import { type Action, asAdministrator } from "./as_administrator.ts";

/** New values of limits; `default` removes the account's own one. */
export type LimitChanges = { readonly [K in keyof AccountLimits]: AccountLimits[K] | "default" };
/** New values of the limits of a network's addresses. */
export type NetworkChanges = { readonly [K in keyof CommonLimits]: CommonLimits[K] | "default" };

/** A ban to be made. */
export interface NewBan extends Network {
  readonly reason?: string | undefined;
  /** How long it holds, ms. @default until it is lifted */
  readonly forMs?: number | undefined;
}

/** The limits of an account. @throws {StoreError} `not-found` */
export async function limitsOf(catalog: Catalog, name: string): Promise<AccountLimits> {
  if (await catalog.account(name) === undefined) throw noSuchAccount(name);
  return await catalog.policy.limitsOf(name) ?? {};
}

/**
 * Changes some limits of an account; workers follow within half a second.
 *
 * @returns its limits then
 * @throws {StoreError} `not-found`
 */
export async function changeLimits(
  catalog: Catalog,
  name: string,
  changes: LimitChanges,
): Promise<AccountLimits> {
  const limits = withChanges(await limitsOf(catalog, name), changes);
  if (!await catalog.policy.setLimits(name, limits)) throw noSuchAccount(name);
  return limits;
}

/** The limits of a network's addresses; those of a wider network hold where it has none. */
export async function networkLimitsOf(catalog: Catalog, network: Network): Promise<CommonLimits> {
  for await (const { limits, ...one } of limitedNetworks(catalog)) {
    if (one.address === network.address && one.prefixLength === network.prefixLength) return limits;
  }
  return {};
}

/**
 * Changes some limits of a network's addresses; workers follow within half a second.
 *
 * @returns its limits then
 */
export async function changeNetworkLimits(
  catalog: Catalog,
  network: Network,
  changes: NetworkChanges,
): Promise<CommonLimits> {
  const limits = withChanges(await networkLimitsOf(catalog, network), changes);
  await catalog.policy.setNetwork(network, limits);
  return limits;
}

/** Networks whose addresses have limits, by address. */
export function limitedNetworks(catalog: Catalog): AsyncIterable<LimitedNetwork> {
  return eachOf<LimitedNetwork>((page) => catalog.policy.networks(page));
}

function withChanges(limits: AccountLimits, changes: LimitChanges): AccountLimits {
  const changed: Record<string, unknown> = { ...limits };
  for (const [member, value] of Object.entries(changes)) {
    if (value === "default") delete changed[member];
    else if (value !== undefined) changed[member] = value;
  }
  return changed;
}

/** Bans a network, in place of an earlier ban of the same one. */
export async function banNetwork(
  catalog: Catalog,
  { address, prefixLength, reason = "", forMs }: NewBan,
): Promise<Ban> {
  const createdMs = clock.earliest();
  const expiresMs = forMs === undefined ? null : endOf(createdMs, forMs, "The time of the ban");
  const ban = { address, prefixLength, reason, createdMs, expiresMs };
  await catalog.policy.ban(ban);
  return ban;
}

/** Lifts the ban of a network. @throws {StoreError} `not-found` */
export async function liftBan(catalog: Catalog, network: Network): Promise<void> {
  if (await catalog.policy.unban(network)) return;
  let isLifted = false;
  for await (const ban of currentBans(catalog)) { // one that was noted in another form
    if (networkText(canonicalNetwork(ban)) !== networkText(canonicalNetwork(network))) continue;
    isLifted = await catalog.policy.unban(ban) || isLifted;
  }
  if (isLifted) return;
  throw new StoreError(
    "not-found",
    "This address or network is not banned as such; the list of bans shows which are",
  );
}

/** Bans that hold now, in the order in which they were made. */
export function currentBans(catalog: Catalog): AsyncIterable<Ban> {
  const nowMs = clock.earliest();
  return eachOf<Ban>((page) => catalog.policy.bans(nowMs, page));
}

/** Actions of an administrator on limits and bans; each requires the permission `t`. */
export class Restrictions {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /** The limits of an account. @throws {StoreError} `not-found` */
  limits(name: string): Promise<AccountLimits> {
    return this.#does({ action: "users" }, () => limitsOf(this.core.catalog, name));
  }

  /** The limits of all accounts that have some, by name. */
  allLimits(): Promise<Map<string, AccountLimits>> {
    return this.#does({ action: "users" }, async () => {
      const { policy } = this.core.catalog;
      const limited = eachOf<LimitedAccount>((page) => policy.limits(page));
      return new Map((await Array.fromAsync(limited)).map((one) => [one.account, one.limits]));
    });
  }

  /** Changes limits, as {@linkcode changeLimits}. */
  changeLimits(name: string, changes: LimitChanges): Promise<AccountLimits> {
    const value = Object.keys(changes).join();
    return this.#does(
      { action: "limits", subject: name, value },
      () => changeLimits(this.core.catalog, name, changes),
    );
  }

  /** Networks whose addresses have limits. */
  networks(): Promise<LimitedNetwork[]> {
    return this.#does(
      { action: "users" },
      () => Array.fromAsync(limitedNetworks(this.core.catalog)),
    );
  }

  /**
   * Changes limits of a network's addresses, as {@linkcode changeNetworkLimits}.
   *
   * @param shown for the audit log
   */
  changeNetwork(network: Network, shown: string, changes: NetworkChanges): Promise<CommonLimits> {
    const value = Object.keys(changes).join();
    return this.#does(
      { action: "limits", subject: shown, value },
      () => changeNetworkLimits(this.core.catalog, network, changes),
    );
  }

  /** The limits of a network's addresses. */
  networkLimits(network: Network): Promise<CommonLimits> {
    return this.#does({ action: "users" }, () => networkLimitsOf(this.core.catalog, network));
  }

  /** Bans a network; sessions from there end within half a second. @param shown for the audit log */
  ban(ban: NewBan, shown: string): Promise<Ban> {
    const { reason } = ban;
    return this.#does(
      { action: "ban", subject: shown, ...(reason === undefined ? {} : { value: reason }) },
      () => banNetwork(this.core.catalog, ban),
    );
  }

  /** Lifts a ban. @param shown for the audit log @throws {StoreError} `not-found` */
  unban(network: Network, shown: string): Promise<void> {
    return this.#does(
      { action: "unban", subject: shown },
      () => liftBan(this.core.catalog, network),
    );
  }

  /** Bans that hold now. */
  bans(): Promise<Ban[]> {
    return this.#does(
      { action: "users" },
      () => Array.fromAsync(currentBans(this.core.catalog)),
    );
  }

  #does<T>(action: Action, run: () => Promise<T>): Promise<T> {
    return asAdministrator(this.core, this.access, action, run);
  }
}
