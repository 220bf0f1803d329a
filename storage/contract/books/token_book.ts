/** Tokens as the catalog keeps them: never the secret, only what it hashes to. */
import type { VirtualPath } from "../path.ts";

/** A token: what stands in for an account's name and password, with narrower rights. */
export interface TokenRecord {
  /** Names the token, and is no secret. */
  id: string;
  account: string;
  /** SHA-256 of the secret in hex. */
  hash: string;
  label: string;
  /** Letters it had when it was made; at each use no more than the account's count. */
  letters: string;
  /** The subtree that it is confined to. */
  path: VirtualPath;
  createdMs: number;
  lastUsedMs: number | null;
  /** From then on it is void; null: never. */
  expiresMs: number | null;
}

/** Contracts are the catalog's (catalog.ts). A token goes with its account, whatever removes it. */
export interface TokenBook {
  /**
   * Durable.
   *
   * @param generation the account's: a session of an earlier one can make no token
   * @returns false where the account is gone or was changed since
   */
  add(token: TokenRecord, generation: number): Promise<boolean>;
  /** What another process changed is seen within `Catalog.lagMs`, what this one changed at once. */
  get(id: string): Promise<TokenRecord | undefined>;
  /** The token whose secret hashes to this. */
  byHash(hash: string): Promise<TokenRecord | undefined>;
  /** Tokens of an account, oldest first. */
  of(account: string): Promise<TokenRecord[]>;
  /** Notes a use; not durable. */
  noteUse(id: string, atMs: number): Promise<void>;
  /** Durable. @returns false where the account has no such token */
  remove(account: string, id: string): Promise<boolean>;
  /** Removes those that are void at a time. */
  removeExpired(nowMs: number): Promise<void>;
}
