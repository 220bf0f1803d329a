/** Public links as the catalog keeps them: never the secret, only its hash. */
import type { ByAge, Page } from "../values/page.ts";
import type { VirtualPath } from "../values/virtual_path.ts";

/** A link: its secret lets a visitor read one file or directory of the owner. */
export interface LinkRecord {
  /** Names the link to its owner, and is no secret from him. */
  id: string;
  owner: string;
  /** In the owner's tree. */
  path: VirtualPath;
  /** Whether a directory was shared: what is below it is shared too. */
  directory: boolean;
  /** SHA-256 of the secret in hex. */
  hash: string;
  /** Signs what a visitor is given to come back with; known to the server alone. */
  key: string;
  label: string;
  /** Hash of the password that visitors must give; null: none. */
  passwordHash: string | null;
  /** SHA-256 of the only content that the link gives out; null: any content. */
  pinnedHash: string | null;
  /** Maximum of downloads; null: no limit. */
  maxDownloads: number | null;
  /** Downloads that were begun. */
  downloads: number;
  createdMs: number;
  lastUsedMs: number | null;
  /** From then on it is void; null: never. */
  expiresMs: number | null;
}

/**
 * Public links. The general contracts are in catalog.ts. A link follows its file or directory, as a
 * share does: `endMove` moves it, and `forget` removes it with all links below, as does a rename
 * that replaces its file. Every removal or retirement of its owner removes it.
 */
export interface LinkBook {
  /**
   * Durable.
   *
   * @param generation the owner's: a session of an earlier one makes no link
   * @returns false where the owner is gone or was changed since
   */
  add(link: LinkRecord, generation: number): Promise<boolean>;
  get(id: string): Promise<LinkRecord | undefined>;
  /** The link whose secret hashes to this. */
  byHash(hash: string): Promise<LinkRecord | undefined>;
  /** Links of an owner, oldest first. */
  of(owner: string, page: Page<ByAge>): Promise<LinkRecord[]>;
  /**
   * Durable: counts one more download, unless the maximum is reached or the link has expired.
   * Concurrent calls never count beyond the maximum.
   *
   * @returns whether it was counted
   */
  countDownload(id: string, atMs: number): Promise<boolean>;
  /** Durable. @returns false where the owner has no such link */
  remove(owner: string, id: string): Promise<boolean>;
  /** Removes those that are void at a time. */
  removeExpired(nowMs: number): Promise<void>;
}
