/** Questions of doors about each connection and request: the interface of limits.ts. */
import type { DoorName } from "../../storage/contract/principal.ts";
import type { Entrance } from "../../common/entrances.ts";
import type { HeldDescriptors } from "./held_descriptors.ts";
import type { RateLimiter } from "./rate_limit.ts";

/** A place among the connections. */
export interface Place {
  readonly admitted: true;
  /** Gives the place back; once. */
  release(): void;
  /** Notes whether it has a login: without one, a new connection may take its place. */
  setIdentified(identified: boolean): void;
}

/** The place of an admitted connection. */
export interface AdmittedPlace extends Place {
  /**
   * Counts the connection as one of an address that was not known before.
   *
   * @returns why the address has no place; undefined: it has one
   */
  setAddress(address: string): Promise<Refusal | undefined> | Refusal | undefined;
  /** Counts the connection at the other nodes, where there are any, as one of its address. */
  elsewhere?(): Promise<Refusal | undefined>;
}

/** Why a connection has no place: there are as many as there may be, or its address may have none. */
export type Refusal = "full" | "address";

/** A place among the connections, or why there is none. */
export type Admission =
  | AdmittedPlace
  | { readonly admitted: false; readonly reason: Refusal };

/** The limits that a door holds its connections to. */
export interface DoorLimits {
  /** A connection without a request or a transferred byte is closed after this time. */
  readonly idleTimeoutMs: number;
  /** Counts connections that Deno does not close before their peers let it. */
  readonly held: HeldDescriptors;
  /** Holds accounts and addresses to their rates, over all doors. */
  readonly rate: RateLimiter;
  /**
   * Whether an address may connect: for requests that a proxy hands on.
   *
   * @param entrance the way in that a request uses. @default any of the door
   */
  mayConnect(address: string, entrance?: Entrance): boolean;
  /** Whether an account may act from an address, by one of the ways in. */
  mayLogIn(account: string, address: string, entrance: Entrance): boolean;
  /**
   * Counts a request of any kind before it is carried out, for an address, an account, or both.
   *
   * @returns a promise where other nodes are asked
   * @throws {TooManyError} above the maximum of the last minute
   */
  countRequest(
    from: { readonly address?: string; readonly account?: string | undefined },
  ): Promise<void> | void;
  /**
   * Counts a connection as one of an account.
   *
   * @returns gives its place back, once
   * @throws {TooManyError} the account has as many as it may have
   */
  enterAccount(account: string): (() => void) | Promise<() => void>;
  /**
   * Asks for a place for a connection; to be asked before the TLS handshake is paid for.
   *
   * @param address undefined: a proxy has not named it yet
   * @param end closes the connection; called where its address is banned later, and where its place
   * is needed and it has no login
   */
  admit(address: string | undefined, end: () => void): Admission;
  /**
   * Asks for a place for a data connection.
   *
   * @returns gives it back, once; undefined where there is none
   */
  admitData(): (() => void) | undefined;
  /** Makes room where descriptors ran out; call where no connection can be accepted. */
  relieve(): void;
}

/** The limits of all doors. */
export interface AllLimits extends DoorLimits {
  /** The same limits for one door: addresses may be allowed at some doors only. */
  at(door: DoorName): DoorLimits;
}
