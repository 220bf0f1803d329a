/** Tokens as the catalog keeps them: never the secret, only its hash. */
import type { ByAge, Page } from "../values/page.ts";
import type { VirtualPath } from "../values/virtual_path.ts";

/** A token: a login to an account in place of name and password, with fewer permissions. */
export interface TokenRecord {
  /** Names the token, and is no secret. */
  id: string;
  account: string;
  /** SHA-256 of the secret in hex. */
  hash: string;
  label: string;
  /** Permissions at its creation; at each use the account must still have the permission. */
  letters: string;
  /** The subtree that it is confined to. */
  path: VirtualPath;
  createdMs: number;
  lastUsedMs: number | null;
  /** From then on it is void; null: never. */
  expiresMs: number | null;
}

/**
 * Tokens. The general contracts are in catalog.ts. Every removal of an account removes its tokens.
 */
export interface TokenBook {
  /**
   * Durable.
   *
   * @param generation the account's: a session of an earlier one can make no token
   * @returns false where the account is gone or was changed since
   */
  add(token: TokenRecord, generation: number): Promise<boolean>;
  /** Shows changes by other processes within `Catalog.lagMs`, and changes by this one at once. */
  get(id: string): Promise<TokenRecord | undefined>;
  /** The token whose secret hashes to this. */
  byHash(hash: string): Promise<TokenRecord | undefined>;
  /** Tokens of an account, oldest first. */
  of(account: string, page: Page<ByAge>): Promise<TokenRecord[]>;
  /** Notes a use; not durable. */
  noteUse(id: string, atMs: number): Promise<void>;
  /** Durable. @returns false where the account has no such token */
  remove(account: string, id: string): Promise<boolean>;
  /** Removes those that are void at a time. */
  removeExpired(nowMs: number): Promise<void>;
}
