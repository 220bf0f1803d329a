/** Shares as the catalog keeps them: who lets whom do what with which file or directory. */
import { groupGuest } from "./group_book.ts";
import type { Page } from "../values/page.ts";
import type { VirtualPath } from "../values/virtual_path.ts";

/** In place of an account's name: every account but the owner. */
export const EVERYBODY = "*";

/** The guests as which an account has shares and mounts: itself, everybody, and its groups. */
export function guestsOf(
  { name, groups }: {
    readonly name: string;
    readonly groups: readonly { readonly name: string }[];
  },
): Set<string> {
  return new Set([name, EVERYBODY, ...groups.map((group) => groupGuest(group.name))]);
}

/**
 * The permissions of a guest at a path of an owner. There is one share for each owner, path and
 * guest.
 */
export interface ShareRecord {
  /** Stays the same when the permissions are replaced or the file is renamed. */
  id: string;
  owner: string;
  /** In the owner's tree. */
  path: VirtualPath;
  /** An account's name, a group's behind `@`, or {@linkcode EVERYBODY}. */
  guest: string;
  /** Letters of `rwcd` in canonical order; at each use the owner must still have the permission. */
  letters: string;
  /** Whether a directory was shared, with all that is below it. */
  directory: boolean;
  createdMs: number;
  /** From then on it is void; null: never. */
  expiresMs: number | null;
}

/**
 * Shares. The general contracts are in catalog.ts. A share follows its file or directory: `endMove`
 * moves it, and `forget` removes it with all shares below, as does a rename that replaces its file.
 * Every removal or retirement of its owner or its guest removes it. Expired shares are listed like
 * others until they are removed.
 */
export interface ShareBook {
  /**
   * Durable. Takes the place of the share of the same owner, path and guest, but for its id.
   *
   * @param generation the owner's: a session of an earlier one shares nothing
   * @returns false where the owner was changed since, or the guest is not there or the owner
   */
  put(share: ShareRecord, generation: number): Promise<boolean>;
  /** Lists the shares of an owner, by path and guest in the order of their code points. */
  by(owner: string, page: Page<ShareRecord>): Promise<ShareRecord[]>;
  /** Lists the shares of others with an account, its groups or all, by owner, path and guest. */
  with(guest: string, page: Page<ShareRecord>): Promise<ShareRecord[]>;
  /** Finds a share by its id, under its present path. */
  get(id: string): Promise<ShareRecord | undefined>;
  /** Lists the shares of exactly this path of an owner, by guest. */
  at(owner: string, path: VirtualPath, page: Page<ShareRecord>): Promise<ShareRecord[]>;
  /** Those of some paths that an owner shares with anyone, not void at a time; in any order. */
  among(owner: string, paths: readonly VirtualPath[], nowMs: number): Promise<VirtualPath[]>;
  /** Whether an owner shares something at or below a path. */
  within(owner: string, path: VirtualPath): Promise<boolean>;
  /**
   * Lists an owner's shares with an account, its groups or with all, at a path and above it; the
   * root first: at most one for the account, for all and for each group at each directory on the way.
   */
  above(guest: string, owner: string, path: VirtualPath): Promise<ShareRecord[]>;
  /**
   * Paths below one that an owner shares with an account, its groups or everybody, and that are not
   * void at a time; in order.
   *
   * @param after only those behind this path
   */
  below(guest: string, place: ShareSearch): Promise<VirtualPath[]>;
  /** Accounts, in order, that share something with an account which is not void at a time. */
  owners(guest: string, search: Omit<ShareSearch, "owner" | "path">): Promise<string[]>;
  /** When the latest share with an account was made, of all owners or one at and below a path, ms. */
  latestMs(guest: string, owner?: string, path?: VirtualPath): Promise<number>;
  /**
   * Durable: ends the shares of exactly this path, with one guest or with all.
   *
   * @returns the number of shares that ended
   */
  remove(owner: string, path: VirtualPath, guest?: string): Promise<number>;
  /** Removes those that are void at a time. */
  removeExpired(nowMs: number): Promise<void>;
}

/** Scope of a search for shares. */
export interface ShareSearch {
  owner: string;
  path: VirtualPath;
  nowMs: number;
  /** Only what comes behind this path, or account. */
  after?: string | undefined;
  count: number;
}
