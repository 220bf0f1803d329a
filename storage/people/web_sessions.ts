/** Sessions of browsers: begun by a login, and ended by a logout, by time, or with the password. */
import { hashSecret, newSecret } from "../../common/secrets.ts";
import { clock } from "../contract/clock.ts";
import type { Account, Catalog } from "../contract/catalog.ts";
import { voidReason } from "../contract/validity.ts";
import { StoreError } from "../contract/error.ts";
import type { WebSessionRecord } from "../contract/books/web_session_book.ts";

/** A session that is not used for so long is over. */
export const IDLE_MS = 30 * 60_000;
/** A session is over after so long, however much it is used. */
export const ABSOLUTE_MS = 12 * 3600_000;
/** A use is noted at most so often: a page is many requests. */
const NOTE_MS = 30_000;

/** Browser sessions of all accounts. */
export class WebSessions {
  /** @param now the clock, ms since the epoch */
  constructor(
    private readonly catalog: Catalog,
    private readonly now: () => number = () => clock.now(),
  ) {}

  /**
   * Begins a session of an account that has just logged in.
   *
   * @param agent see {@linkcode WebSessionRecord}
   * @returns its record, and its secret, which is stored nowhere
   * @throws {StoreError} `session-over` where the account was changed meanwhile
   */
  async begin(
    account: Account,
    id: string,
    address: string,
    agent = "",
  ): Promise<{ record: WebSessionRecord; secret: string }> {
    const secret = newSecret("session");
    const createdMs = this.now();
    const record: WebSessionRecord = {
      id,
      account: account.name,
      generation: account.generation,
      hash: hashSecret(secret),
      address,
      agent,
      createdMs,
      lastUsedMs: createdMs,
      expiresMs: createdMs + ABSOLUTE_MS,
    };
    if (await this.catalog.webSessions.add(record)) return { record, secret };
    throw new StoreError("session-over", "The account was changed meanwhile: sign in again");
  }

  /**
   * Finds the session of a secret; undefined where it has ended. This counts as use of the session,
   * unless `use` is false: pages that refresh themselves must not keep a session alive.
   */
  async find(secret: string, use = true): Promise<WebSessionRecord | undefined> {
    const record = await this.catalog.webSessions.byHash(hashSecret(secret));
    const now = this.now();
    if (record === undefined || !isOn(record, now)) return undefined;
    const account = await this.catalog.account(record.account);
    if (account === undefined || voidReason(account) !== undefined) return undefined;
    if (use && record.lastUsedMs + NOTE_MS <= now) {
      await this.catalog.webSessions.noteUse(record.id, now);
    }
    return record;
  }

  /** Notes that a session is used: a transfer of its own is under way. */
  async keep(id: string): Promise<void> {
    await this.catalog.webSessions.noteUse(id, this.now());
  }

  /**
   * A session goes on after a change that ends all others of its account, with another secret.
   *
   * @param generation the account's after that change
   * @throws {StoreError} `session-over`
   */
  async renew(id: string, generation: number): Promise<string> {
    const secret = newSecret("session");
    if (await this.catalog.webSessions.renew(id, hashSecret(secret), generation)) return secret;
    throw new StoreError("session-over", "The session has ended: sign in again");
  }

  /** Ends a session for good. */
  async end(id: string): Promise<void> {
    await this.catalog.webSessions.remove(id);
  }

  /** Removes the sessions that have expired at a time. */
  async removeExpired(nowMs: number): Promise<void> {
    await this.catalog.webSessions.removeExpired(nowMs, nowMs - IDLE_MS);
  }
}

/** Whether a session's time is not over, nor was it unused for too long. */
export function isOn({ expiresMs, lastUsedMs }: WebSessionRecord, nowMs: number): boolean {
  return expiresMs > nowMs && lastUsedMs + IDLE_MS > nowMs;
}
