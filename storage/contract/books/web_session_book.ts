/** Sessions of browsers as the catalog keeps them: never the secret, only its hash. */

import type { ByAge, Page } from "../values/page.ts";

/** A browser session; the browser's cookie holds its secret. */
export interface WebSessionRecord {
  /** Names the session to its account and to administrators, and is no secret. */
  id: string;
  account: string;
  /** The account's generation: the session is void once that has grown. */
  generation: number;
  /** SHA-256 of the secret in hex. */
  hash: string;
  /** Where the login came from. */
  address: string;
  /** Browser and system, as in `Firefox 130 on Linux`; empty if the login did not name them. */
  agent: string;
  createdMs: number;
  lastUsedMs: number;
  /** From then on it is void, however much it is used. */
  expiresMs: number;
}

/** Contracts are the catalog's (catalog.ts). A session goes with its account. */
export interface WebSessionBook {
  /** @returns false where the account was removed or changed since the login */
  add(session: WebSessionRecord): Promise<boolean>;
  /** The session whose secret hashes to this, where its account is still of its generation. */
  byHash(hash: string): Promise<WebSessionRecord | undefined>;
  /** Sessions of an account as it is now, oldest first. */
  of(account: string, page: Page<ByAge>): Promise<WebSessionRecord[]>;
  /** Notes a use; not durable. */
  noteUse(id: string, atMs: number): Promise<void>;
  /**
   * Durable: gives a session another secret and generation.
   *
   * @returns false where there is no such session, or its account is of another generation
   */
  renew(id: string, hash: string, generation: number): Promise<boolean>;
  /** Durable: what ended stays ended. @returns false where there is no such session */
  remove(id: string): Promise<boolean>;
  /** Removes those that are void at a time, or unused since another. */
  removeExpired(nowMs: number, unusedSinceMs: number): Promise<void>;
}
