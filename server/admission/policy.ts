/** Access rules and limits of options, limits file and catalog; read again while the server runs. */
import { BoundedMap } from "../../common/bounded_map.ts";
import { clock } from "../../storage/contract/clock.ts";
import { getLogger } from "@logtape/logtape";
import { eachOf } from "../../storage/common/each_page.ts";
import { type Entrance, ENTRANCES } from "../../common/entrances.ts";
import type {
  AccountLimits,
  Ban,
  LimitedAccount,
  LimitedNetwork,
  PolicyBook,
} from "../../storage/contract/books/policy_book.ts";
import { LimitSets, type LimitSource, NO_LIMITS } from "./limit_sets.ts";
import { type Includes, networkSet } from "./networks.ts";
import type { PolicyOptions } from "./policy_options.ts";
import type { Rates } from "./rate_limit.ts";

/** Interval at which a worker checks whether another process changed the catalog's part. */
const POLL_MS = 500;

/** Most accounts whose limits are prepared. */
const MAX_PREPARED = 10_000;

const log = getLogger(["towpath", "policy"]);

/** Limits of an account, prepared for their use. */
interface Prepared {
  /** Undefined: it has none. */
  readonly rates: Rates | undefined;
  readonly allowed: Includes | undefined;
  readonly denied: Includes;
  readonly doors: readonly Entrance[];
}

/** The rules that hold now for addresses and accounts; each worker has one. */
export class Policy {
  #options: PolicyOptions;
  #serverRates: Rates;
  #allowed: Includes | undefined;
  #denied: Includes = () => false;
  #banned: Includes = () => false;
  #bans: readonly Ban[] = [];
  #catalog: LimitSource = NO_LIMITS;
  #limits = new LimitSets([]);
  readonly #prepared = new BoundedMap<string, Prepared>({ max: MAX_PREPARED });
  #version = -1;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #isClosed = false;
  readonly #listeners: (() => void)[] = [];

  constructor(options: PolicyOptions, private readonly book?: PolicyBook) {
    this.#options = options;
    this.#serverRates = ratesIn(options);
    this.#readOptions();
    this.#changed();
  }

  /** Reads the catalog, and follows it until `close`. */
  async follow(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => this.#look(), POLL_MS);
    this.book?.watch?.(() => this.#look());
  }

  /** Reads changes, one look after the other; none is missed that comes while it reads. */
  #look(): void {
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    this.#lookAgain = false;
    this.#looking = this.refresh()
      .catch((error) => {
        if (this.#isClosed) return; // so is what it reads
        log.error("Limits and bans could not be read: {error}", { error: String(error) });
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#lookAgain) this.#look();
      });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  get options(): PolicyOptions {
    return this.#options;
  }

  /** Takes other options from now on. */
  apply(options: PolicyOptions): void {
    this.#options = options;
    this.#serverRates = ratesIn(options);
    this.#readOptions();
    this.#changed();
  }

  /** Calls back whenever something has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Whether connections from an address are accepted.
   *
   * @param entrances ways in, of which one is enough. @default any
   */
  mayConnect(address: string, entrances: readonly Entrance[] = ENTRANCES): boolean {
    if (this.#banned(address) || this.#denied(address)) return false;
    if (this.#allowed !== undefined && !this.#allowed(address)) return false;
    const { doors } = this.#limits.address(address);
    return doors === undefined || entrances.some((entrance) => doors.includes(entrance));
  }

  /** Whether an account may act from an address, by one of the ways in. */
  mayLogIn(account: string, address: string, entrance: Entrance): boolean {
    const { allowed, denied, doors } = this.#preparedOf(account);
    if (denied(address) || !doors.includes(entrance)) return false;
    return allowed === undefined || allowed(address);
  }

  /** The rates of an account; undefined where it has none. */
  ratesOf(account: string): Rates | undefined {
    return this.#preparedOf(account).rates;
  }

  /** The rates of an address; undefined where it has none. */
  ratesOfAddress(address: string): Rates | undefined {
    const { rate = null, rateUp = null, rateDown = null } = this.#limits.address(address);
    return someRates({ total: rate, up: rateUp, down: rateDown });
  }

  /** Connections that an account may have at once; null: no limit. */
  maxConnectionsOf(account: string): number | null {
    return this.#limits.account(account).connections ?? null;
  }

  /** Connections that an address may have at once; null: no limit. */
  maxConnectionsOfAddress(address: string): number | null {
    const { connections } = this.#limits.address(address);
    return connections === undefined ? this.#options["max-connections-per-address"] : connections;
  }

  /** Requests per minute of an address; null: no limit. */
  maxRequestsOfAddress(address: string): number | null {
    const { requests } = this.#limits.address(address);
    return requests === undefined ? this.#options["max-requests-per-address"] : requests;
  }

  /** Requests per minute of an account; null: no limit. */
  maxRequestsOf(account: string): number | null {
    return this.#limits.account(account).requests ?? null;
  }

  /** Reads changes in the catalog, and ends expired bans. */
  async refresh(): Promise<void> {
    const { book } = this;
    if (book === undefined) return;
    const now = clock.earliest();
    const version = await book.version();
    const expired = this.#bans.some(({ expiresMs }) => expiresMs !== null && expiresMs <= now);
    if (version === this.#version && !expired) return;
    const accounts = new Map<string, AccountLimits>();
    for await (const one of eachOf<LimitedAccount>((page) => book.limits(page))) {
      accounts.set(one.account, one.limits);
    }
    const networks = await Array.fromAsync(
      eachOf<LimitedNetwork>((page) => book.networks(page)),
    );
    this.#bans = await Array.fromAsync(eachOf<Ban>((page) => book.bans(now, page)));
    this.#catalog = { accounts, networks };
    this.#banned = networkSet(this.#bans);
    this.#version = version;
    this.#changed();
  }

  #readOptions(): void {
    const allowed = this.#options["allow-ip"];
    this.#allowed = allowed.length === 0 ? undefined : networkSet(allowed);
    this.#denied = networkSet(this.#options["deny-ip"]);
  }

  #changed(): void {
    this.#limits = new LimitSets([this.#options.file ?? NO_LIMITS, this.#catalog]);
    this.#prepared.clear();
    for (const listener of this.#listeners) listener();
  }

  #preparedOf(account: string): Prepared {
    let prepared = this.#prepared.get(account);
    if (prepared === undefined) {
      const { rate, rateUp, rateDown, allowed = [], denied = [], doors = ENTRANCES } = this.#limits
        .account(account);
      const { total, up, down } = this.#serverRates;
      prepared = {
        rates: someRates({
          total: rate === undefined ? total : rate,
          up: rateUp === undefined ? up : rateUp,
          down: rateDown === undefined ? down : rateDown,
        }),
        allowed: allowed.length === 0 ? undefined : networkSet(allowed),
        denied: networkSet(denied),
        doors,
      };
      this.#prepared.set(account, prepared);
    }
    return prepared;
  }
}

/** The rates, if there is any. */
function someRates(rates: Rates): Rates | undefined {
  const { total, up, down } = rates;
  return total === null && up === null && down === null ? undefined : rates;
}

function ratesIn(options: PolicyOptions): Rates {
  return {
    total: options["limit-rate"],
    up: options["limit-rate-up"],
    down: options["limit-rate-down"],
  };
}
