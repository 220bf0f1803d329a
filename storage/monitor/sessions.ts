/** The sessions of one process or worker. `presence.ts` covers all workers. */
import type { Entrance } from "../../common/entrances.ts";
import { clock } from "../contract/clock.ts";
import type { StoreError } from "../contract/error.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { DoorName, Principal } from "../contract/principal.ts";

/** A transfer that runs. */
export interface TransferInfo {
  /** Path as the session sees it. */
  filename: VirtualPath;
  direction: "upload" | "download";
  /** Bytes moved, and bytes in all where that is known. */
  offset: number;
  size: number | null;
  /** Bytes per second since it began. */
  rate: number;
}

/** A session as an administrator sees it. */
export interface SessionInfo {
  sessionId: string;
  account: string;
  door: DoorName;
  /** The part of the web door that it uses, where programs have one. */
  entrance?: Entrance;
  address: string;
  /** Browser and system of a web session, as in `Firefox 130 on Linux`. */
  agent?: string;
  sinceMs: number;
  /** The node that serves it, where several do. */
  node?: string;
  /** A visitor of a public link of the account's. */
  visitor?: true;
  transfer?: TransferInfo;
}

/** Which sessions are meant: one, or those of an account or of a token but for one. */
export type SessionSelector =
  | { sessionId: string }
  | { account: string; except?: string }
  | { tokenId: string; except?: string };

/** Called once, when a session is to end; the door closes its connection, in its own way. */
export type OnEnd = (why: StoreError) => void;

/** Something that runs for a session. */
export interface RunningTransfer {
  readonly principal: Principal;
  readonly transfer: TransferInfo;
}

interface Entry {
  principal: Principal;
  sinceMs: number;
  onEnd: OnEnd;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** Longest time that a timer can take, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Sessions of one worker, by their id. */
export class Sessions {
  readonly #entries = new Map<string, Entry>();

  /** Number of sessions. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Adds a session; one with the same id is replaced without a call of its `onEnd`.
   *
   * @param onExpiry called when the principal's token expires
   */
  open(principal: Principal, onEnd: OnEnd, onExpiry: () => void): void {
    this.close(principal.sessionId);
    const expiresMs = principal.token?.expiresMs ?? null;
    const leftMs = expiresMs === null ? Infinity : Math.max(0, expiresMs - clock.now());
    // One that lies further ahead is noticed at the session's next step.
    const expiry = leftMs > MAX_TIMER_MS ? undefined : setTimeout(onExpiry, leftMs);
    this.#entries.set(principal.sessionId, { principal, sinceMs: clock.now(), onEnd, expiry });
  }

  /** Removes a session whose connection has closed. */
  close(sessionId: string): void {
    clearTimeout(this.#entries.get(sessionId)?.expiry);
    this.#entries.delete(sessionId);
  }

  /**
   * Removes the selected sessions and passes the reason to each. @returns the number of sessions
   */
  end(which: SessionSelector, why: StoreError): number {
    const meant = [...this.#entries.values()].filter(({ principal }) => matches(principal, which));
    for (const { principal } of meant) this.close(principal.sessionId);
    for (const { onEnd } of meant) onEnd(why);
    return meant.length;
  }

  /** Lists all sessions, each with its latest running transfer. */
  list(transfers: Iterable<RunningTransfer>): SessionInfo[] {
    const latest = new Map<string, RunningTransfer>();
    for (const running of transfers) latest.set(running.principal.sessionId, running);
    return [...this.#entries.values()].map(({ principal, sinceMs }) => {
      const { sessionId, account, door, entrance, address, agent, link } = principal;
      const transfer = latest.get(sessionId)?.transfer;
      return {
        sessionId,
        account,
        door,
        ...(entrance && { entrance }),
        address,
        ...(agent && { agent }),
        sinceMs,
        ...(link && { visitor: true }),
        ...(transfer && { transfer }),
      };
    });
  }

  /** Removes all sessions without a call of their `onEnd`. */
  clear(): void {
    for (const sessionId of [...this.#entries.keys()]) this.close(sessionId);
  }
}

/** Whether a principal's session is meant. */
export function matches(principal: Principal, which: SessionSelector): boolean {
  if ("sessionId" in which) return principal.sessionId === which.sessionId;
  if (principal.sessionId === which.except) return false;
  if ("tokenId" in which) return principal.token?.id === which.tokenId;
  if (principal.link !== undefined) return false; // not the account itself: the link says when
  return principal.account === which.account;
}
