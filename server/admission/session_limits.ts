/** The limits of one connection and its login. */
import { StoreError } from "../../storage/contract/error.ts";
import type { DoorLimits } from "./door_limits.ts";
import type { Direction, Mover } from "./rate_limit.ts";

/** Commands that end something: they are never refused. */
const FREE = new Set<string | undefined>(["ABOR", "QUIT"]);

/** Holds a connection, and the account that is logged in on it, to the limits of the door. */
export class SessionLimits {
  /** The account that is logged in, at the peer's address. */
  #mover: Mover | undefined;
  #release = () => {};
  #isOver = false;

  /** @param address the peer's, without port */
  constructor(private readonly limits: DoorLimits, private readonly address: string) {}

  /** Counts the connection as the account's. @throws {TooManyError} it has all that it may have */
  async enter(account: string): Promise<void> {
    if (account === this.#mover?.account) return;
    const release = await this.limits.enterAccount(account);
    this.leave();
    if (this.#isOver) {
      release();
      throw new StoreError("aborted", "The connection has ended");
    }
    this.#mover = { account, address: this.address };
    this.#release = release;
  }

  /** Gives the account's place back, for good: the connection has ended. */
  end(): void {
    this.#isOver = true;
    this.leave();
  }

  /** Gives the account's place back. */
  leave(): void {
    this.#release();
    this.#release = () => {};
    this.#mover = undefined;
  }

  /** Counts a data connection. @returns gives its place back, once; undefined: there is none */
  admitData(): (() => void) | undefined {
    return this.limits.admitData();
  }

  /** Waits until the account and the address may move `bytes` more, or until `stopped`. */
  throttle(direction: Direction, bytes: number, stopped: () => boolean): Promise<void> | void {
    if (this.#mover === undefined) return;
    return this.limits.rate.take(this.#mover, direction, bytes, stopped);
  }

  /**
   * Received bytes of an upload, in pieces to be taken one after the other; undefined: nothing
   * limits the rate, so they are taken at once.
   */
  piecesOf(bytes: Uint8Array): readonly Uint8Array[] | undefined {
    if (this.#mover === undefined || this.limits.rate.isFree(this.#mover)) return undefined;
    return this.limits.rate.piecesOf(this.#mover, "up", bytes);
  }

  /** Maximum bytes of an upload to read at once: more would only wait in memory. */
  readBytes(least: number, most: number): number {
    if (this.#mover === undefined) return most;
    const piece = this.limits.rate.pieceBytes(this.#mover, "up");
    return Math.max(least, Math.min(most, piece));
  }

  /** Maximum bytes of a download to send at once. */
  get pieceBytes(): number {
    if (this.#mover === undefined) return Infinity;
    return this.limits.rate.pieceBytes(this.#mover, "down");
  }

  /** Counts a request before it is carried out. @throws {TooManyError} too many came lately */
  count(command: string | undefined): Promise<void> | void {
    if (FREE.has(command)) return;
    return this.limits.countRequest({ address: this.address, account: this.#mover?.account });
  }
}
