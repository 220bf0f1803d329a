/** Limits of connections and requests, over all doors (protocols) and workers. */
import { counted } from "../../common/counted.ts";
import type { AddressCounts } from "./address_counts.ts";
import { accountName, addressName, budgetsIn, countRequest } from "./counted_requests.ts";
import { type Entrance, ENTRANCES } from "../../common/entrances.ts";
import type { DoorName } from "../../storage/contract/principal.ts";
import type { Admission, AllLimits, DoorLimits, Refusal } from "./door_limits.ts";
import { HeldDescriptors } from "./held_descriptors.ts";
import type { Policy } from "./policy.ts";
import { type DescriptorShares, UNLIMITED } from "./descriptors.ts";
import type { SharedLimits } from "../../storage/contract/shared_limits.ts";
import { type RateGranter, RateLimiter } from "./rate_limit.ts";
import { Places } from "./places.ts";
import { type RequestCounter, RequestTable } from "./request_table.ts";
import { SharedPlaces } from "./shared_places.ts";
import { TokenBuckets } from "./token_buckets.ts";
import { TooManyError } from "./too_many.ts";

/** Starts of one worker that count in cells of their own before a cell is used again. */
const CELLS = 8;

/**
 * Memory in which the workers of a server count its connections. Every start of a worker has a cell
 * of its own: the connections of a failed worker disappear with its cell, and those it still closes
 * while it ends change no other count.
 */
export function connectionCounter(workers = 1): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * workers * CELLS * Int32Array.BYTES_PER_ELEMENT);
}

/** Clears the cell of a worker's start, counted from 0, for its next use. @returns its index */
export function clearCell(
  counter: SharedArrayBuffer,
  { worker, workers, start }: { worker: number; workers: number; start: number },
): number {
  const cell = worker + workers * (start % CELLS);
  for (const kind of [0, 1]) Atomics.store(new Int32Array(counter), 2 * cell + kind, 0);
  return cell;
}

/** Memory in which all workers of a server note what their uploads have still to write. */
export function expectedBytes(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * BigInt64Array.BYTES_PER_ELEMENT);
}

/** The parts of the limits. */
export interface LimitParts {
  readonly idleTimeoutMs: number;
  readonly policy: Policy;
  /** Where all workers count connections. */
  readonly counter: SharedArrayBuffer;
  /** The index of this worker's count in it. @default 0 */
  readonly cell?: number;
  /** Limits by the descriptors of the process. @default none */
  readonly descriptors?: DescriptorShares;
  /** Number of workers. @default 1 */
  readonly workers?: number;
  /**
   * Called where descriptors run out all the time and peers hold more of them than they may: only
   * the end of this worker closes those.
   */
  readonly onStuck?: () => void;
  /** Counts connections of each address and account. @default none is limited by it */
  readonly addresses?: AddressCounts;
  /** Keeps the budgets of rates. @default this worker alone does */
  readonly budgets?: RateGranter;
  /** Counts requests. @default this worker alone does */
  readonly requests?: RequestCounter;
  /** Limits that several nodes keep together. @default this is the only one */
  readonly shared?: SharedLimits | undefined;
}

/** Least connections of one worker that peers may hold. */
const MIN_HELD = 4;
/** How long descriptors may be lacking before the worker counts as stuck … */
const STUCK_MS = 60_000;
/** … and counts as sufficient again after this time without a report. */
const RELIEVED_MS = 5000;

/** Time after which a client with all its connections is to try again. */
const RETRY_MS = 1000;

/** The ways in through each door. */
const ENTRANCES_OF: Readonly<Record<DoorName, readonly Entrance[]>> = {
  native: ["native"],
  ftp: ["ftp"],
  web: ["web", "api", "tus"],
};

/** A connection that was admitted. */
interface Live {
  readonly entrances: readonly Entrance[];
  /** Undefined: a proxy has not named it yet. */
  address: string | undefined;
  readonly end: () => void;
  /** Gives the place of the address back. */
  released: () => void;
}

/** How long a connection waits for other nodes; without the database its requests fail anyway, ms. */
const ELSEWHERE_MS = 1000;

/** The limits of all doors of a worker, counted in memory that all workers share. */
export function doorLimits(parts: LimitParts): AllLimits {
  const { policy, addresses, cell = 0, descriptors = UNLIMITED, workers = 1, onStuck } = parts;
  const { requests = new RequestTable(), budgets = new TokenBuckets() } = parts;
  const connections = () => policy.options["max-connections"];
  const places = new Places(parts.counter, cell, { connections, descriptors: descriptors.places });
  const held = new HeldDescriptors(Math.max(MIN_HELD, Math.floor(descriptors.held / workers)));
  const lacking = { sinceMs: 0, lastMs: -Infinity };
  const live = new Set<Live>();
  policy.onChange(() => {
    for (const { address, entrances, end } of [...live]) {
      if (address !== undefined && !policy.mayConnect(address, entrances)) end();
    }
  });
  const elsewhere = parts.shared && sharedPlaces(parts.shared, policy);
  /** Counts a connection at the other nodes, which takes a while. */
  const settle = async (connection: Live): Promise<Refusal | undefined> => {
    const taking = Promise.resolve(elsewhere!.take(addressName(connection.address!)));
    const release = await withinMs(taking, ELSEWHERE_MS);
    if (release === undefined) return "full";
    const { released } = connection;
    connection.released = () => [released, release].forEach((it) => it());
    if (live.has(connection)) return undefined;
    release(); // it lost its place meanwhile
    return "full";
  };
  const enterAddress = (
    address: string,
    entrances: readonly Entrance[],
  ): (() => void) | Refusal => {
    if (!policy.mayConnect(address, entrances)) return "address";
    if (addresses === undefined) return () => {};
    const max = policy.maxConnectionsOfAddress(address) ?? Infinity;
    return addresses.take(addressName(address), max) ?? "full";
  };
  const admit = (
    address: string | undefined,
    end: () => void,
    entrances: readonly Entrance[],
  ): Admission => {
    const released = address === undefined ? () => {} : enterAddress(address, entrances);
    if (typeof released === "string") return { admitted: false, reason: released };
    const place = places.take(end);
    if (!place.admitted) {
      released();
      return place;
    }
    const connection: Live = { address, entrances, end, released };
    live.add(connection);
    return {
      ...place,
      release() {
        if (live.delete(connection)) connection.released();
        place.release();
      },
      ...(elsewhere !== undefined && address !== undefined && {
        elsewhere: () => settle(connection),
      }),
      setAddress(of) {
        const entered = enterAddress(of, entrances);
        if (typeof entered === "string") return entered;
        if (!live.has(connection)) {
          entered(); // it lost its place meanwhile
          return "full";
        }
        connection.released();
        connection.address = of;
        connection.released = entered;
        return elsewhere === undefined ? undefined : settle(connection);
      },
    };
  };
  /** The members that differ between the doors. */
  const through = (entrances: readonly Entrance[]) => ({
    mayConnect: (address: string, entrance?: Entrance) =>
      policy.mayConnect(address, entrance === undefined ? entrances : [entrance]),
    admit: (address: string | undefined, end: () => void) => admit(address, end, entrances),
  });
  const limits: DoorLimits = {
    ...through(ENTRANCES),
    held,
    idleTimeoutMs: parts.idleTimeoutMs,
    rate: new RateLimiter(budgets, (mover) => budgetsIn(policy, mover)),
    mayLogIn: (account, address, entrance) => policy.mayLogIn(account, address, entrance),
    countRequest: (from) => countRequest(requests, policy, from),
    enterAccount(account) {
      const max = policy.maxConnectionsOf(account) ?? Infinity;
      const name = accountName(account);
      const release = addresses === undefined ? () => {} : addresses.take(name, max);
      if (release === undefined) throw tooManyConnections(account, max);
      if (elsewhere === undefined) return release;
      const taken = elsewhere.take(name);
      const both = (there: (() => void) | undefined) => {
        if (there !== undefined) return () => [there, release].forEach((it) => it());
        release();
        throw tooManyConnections(account, max);
      };
      if (!(taken instanceof Promise)) return both(taken);
      return taken.then(both, (error) => {
        release();
        throw error;
      });
    },
    admitData: () => places.takeForData(),
    relieve() {
      places.relieve();
      const nowMs = performance.now();
      if (!held.tooMany || nowMs - lacking.lastMs > RELIEVED_MS) lacking.sinceMs = nowMs;
      lacking.lastMs = nowMs;
      if (nowMs - lacking.sinceMs > STUCK_MS) onStuck?.();
    },
  };
  return { ...limits, at: (door) => ({ ...limits, ...through(ENTRANCES_OF[door]) }) };
}

/** An address of the network that a count's name is of. */
function addressIn(name: string): string {
  return name.slice("address ".length).split("/", 1)[0]!;
}

/** Counts of all nodes together, whose maxima follow the policy. */
function sharedPlaces(shared: SharedLimits, policy: Policy): SharedPlaces {
  const places = new SharedPlaces(shared, (name) => {
    if (name.startsWith("address ")) {
      return policy.maxConnectionsOfAddress(addressIn(name)) ?? Infinity;
    }
    return policy.maxConnectionsOf(name.slice("account ".length)) ?? Infinity;
  });
  policy.onChange(() => places.changed());
  return places;
}

/** A place, or one that is as good where the other nodes do not answer in time. */
async function withinMs(
  taking: Promise<(() => void) | undefined>,
  ms: number,
): Promise<(() => void) | undefined> {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  const later = () => void taking.then((release) => release?.(), () => {});
  const timer = setTimeout(() => resolve(later), ms);
  try {
    return await Promise.race([taking.catch(() => later), promise]);
  } finally {
    clearTimeout(timer);
  }
}

function tooManyConnections(account: string, max: number): TooManyError {
  return new TooManyError(
    `"${account}" may have ${counted(max, "connection")} at once; close one, or try again later`,
    RETRY_MS,
  );
}
