import {
  type Account,
  type AccountAnswer,
  type AddedAccount,
  NO_PASSWORD,
  type Usage,
  type Validity,
} from "../../contract/catalog.ts";
import type { Failures } from "../../contract/books/failure_book.ts";
import type { LockRecord } from "../../contract/books/lock_book.ts";
import { type GroupRecord, type Membership } from "../../contract/books/group_book.ts";
import type { LinkRecord } from "../../contract/books/link_book.ts";
import type { AccountLimits, Ban, LimitedNetwork } from "../../contract/books/policy_book.ts";
import type { ShareRecord } from "../../contract/books/share_book.ts";
import type { TokenRecord } from "../../contract/books/token_book.ts";
import type { UploadNote } from "../../contract/books/upload_note_book.ts";
import type { WebSessionRecord } from "../../contract/books/web_session_book.ts";
import { isWithin, type VirtualPath } from "../../contract/path.ts";
import { lockKey } from "./lock_key.ts";
import { shareKey } from "./share_key.ts";
import { Table, type UndoLog } from "./table.ts";

/** An account without what other tables hold of it. */
type StoredAccount = Omit<Account, "groups">;

/** Tables of accounts and of their tokens, shares, links, sessions and limits, in memory. */
export abstract class AccountBooks {
  /** Accounts; their groups are in `groups` and `members`. */
  readonly accounts;
  readonly groups;
  readonly members;
  /** Last generation of the accounts that were removed. */
  readonly former;
  readonly tokens;
  readonly failures;
  readonly shares;
  readonly links;
  /** By owner and path. */
  readonly locks;
  readonly webSessions;
  readonly uploadNotes;
  readonly limits;
  readonly networks;
  readonly bans;
  readonly marks;

  constructor(undo: UndoLog) {
    this.accounts = new Table<StoredAccount>(undo);
    this.groups = new Table<GroupRecord>(undo);
    this.members = new Table<{ group: string; account: string }>(undo);
    this.former = new Table<{ generation: number }>(undo);
    this.tokens = new Table<TokenRecord>(undo);
    this.failures = new Table<Failures & { key: string }>(undo);
    this.shares = new Table<ShareRecord>(undo);
    this.links = new Table<LinkRecord>(undo);
    this.locks = new Table<LockRecord>(undo);
    this.webSessions = new Table<WebSessionRecord>(undo);
    this.uploadNotes = new Table<UploadNote>(undo);
    this.limits = new Table<{ account: string; limits: AccountLimits }>(undo);
    this.networks = new Table<LimitedNetwork>(undo);
    this.bans = new Table<Ban>(undo);
    this.marks = new Table<{ ms: number }>(undo);
  }

  /** Bytes that an account holds. */
  abstract usage(owner: string): Usage;
  /** Whether an upload has a record and is not finished. */
  abstract isUnfinished(uploadId: string): boolean;
  /** Removes the rows of an account's files and uploads. */
  protected abstract forgetContent(name: string): void;

  /** An account with its groups. */
  account(name: string): Account | undefined {
    const account = this.accounts.get(name);
    return account && { ...account, groups: this.groupsOf(name) };
  }

  /** The groups of an account, by name. */
  groupsOf(name: string): Membership[] {
    return this.members.values()
      .filter(({ account }) => account === name)
      .map(({ group }) => ({ name: group, letters: this.groups.get(group)!.letters }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  setLetters(name: string, letters: string): AccountAnswer {
    const account = this.accounts.get(name);
    if (!account) return "unknown";
    if (!letters.includes("t") && this.#isLastAdministrator(account)) return "last-administrator";
    this.accounts.set(name, { ...account, letters });
    return "done";
  }

  setValidity(name: string, change: Partial<Validity>): AccountAnswer {
    const account = this.accounts.get(name);
    if (!account) return "unknown";
    const changed = { ...account, ...change };
    if (!isLasting(changed) && this.#isLastAdministrator(account)) return "last-administrator";
    const grown = changed.disabled && !account.disabled ? 1 : 0;
    this.accounts.set(name, { ...changed, generation: account.generation + grown });
    return "done";
  }

  setPassword(name: string, passwordHash: string, ofGeneration?: number): number | undefined {
    const account = this.accounts.get(name);
    if (!account || (ofGeneration ?? account.generation) !== account.generation) return undefined;
    const generation = account.generation + 1;
    this.accounts.set(name, { ...account, passwordHash, generation });
    this.tokens.deleteWhere((token) => token.account === name);
    return generation;
  }

  retire(name: string, evenLast = false): AccountAnswer {
    const account = this.accounts.get(name);
    if (!account) return "unknown";
    if (!evenLast && this.#isLastAdministrator(account)) return "last-administrator";
    this.setPassword(name, NO_PASSWORD);
    this.accounts.set(name, { ...this.accounts.get(name)!, letters: "" });
    this.forgetGrants(name);
    return "done";
  }

  /** Shares, links and browsers' sessions of an account, and shares with it, end. */
  forgetGrants(name: string): void {
    this.shares.deleteWhere(({ owner, guest }) => owner === name || guest === name);
    this.links.deleteWhere(({ owner }) => owner === name);
    this.locks.deleteWhere(({ owner, account }) => owner === name || account === name);
    this.webSessions.deleteWhere(({ account }) => account === name);
    this.uploadNotes.deleteWhere(({ account }) => account === name);
    this.limits.delete(name);
    this.members.deleteWhere(({ account }) => account === name);
  }

  #isLastAdministrator(account: StoredAccount): boolean {
    const administers = (one: StoredAccount) => one.letters.includes("t") && isLasting(one);
    const others = this.accounts.values().filter((other) => other.name !== account.name);
    return administers(account) && !others.some(administers);
  }

  addAccount(account: AddedAccount): boolean {
    if (this.accounts.get(account.name)) return false;
    const former = this.former.get(account.name)?.generation ?? -1;
    const generation = Math.max(account.generation, former + 1);
    const lasting = { disabled: false, expiresMs: null };
    this.accounts.set(account.name, { ...lasting, ...account, generation });
    return true;
  }

  removeAccount(name: string): boolean {
    const account = this.accounts.get(name);
    if (!account) return false;
    this.former.set(name, { generation: account.generation });
    this.forgetContent(name);
    this.tokens.deleteWhere((token) => token.account === name);
    this.forgetGrants(name);
    this.accounts.delete(name);
    return true;
  }

  /** Whether an account is within its quota, not counting `except` bytes. */
  isWithin(owner: string, except: number): boolean {
    const { usedBytes, reservedBytes } = this.usage(owner);
    const limit = this.accounts.get(owner)?.quotaBytes ?? Number.MAX_SAFE_INTEGER;
    return usedBytes + reservedBytes - except <= limit;
  }

  /**
   * Whether files that grow by so many bytes would exceed the quota of an account that is already
   * above it. Then what an upload reserved was not within the quota either.
   */
  overfills(owner: string, growth: number): boolean {
    if (growth <= 0 || this.isWithin(owner, 0)) return false;
    const limit = this.accounts.get(owner)?.quotaBytes ?? Number.MAX_SAFE_INTEGER;
    return this.usage(owner).usedBytes + growth > limit;
  }

  /** Checks that the quota of an account allows `bytes` more. */
  fits(owner: string, bytes: number): boolean {
    const account = this.accounts.get(owner);
    if (!account) return false;
    const { usedBytes, reservedBytes } = this.usage(owner);
    const limit = account.quotaBytes ?? Number.MAX_SAFE_INTEGER;
    return bytes <= 0 || bytes <= limit - usedBytes - reservedBytes;
  }

  /**
   * Ends shares, links and locks of a path and below it.
   *
   * @param replaced another file takes the name, whose locks stay
   */
  endGrants(owner: string, path: VirtualPath, replaced = false): void {
    const isAt = (at: { owner: string; path: VirtualPath }) =>
      at.owner === owner && isWithin(at.path, path);
    if (!replaced) this.locks.deleteWhere(isAt);
    for (const share of this.sharesIn(owner, path)) this.shares.delete(shareKey(share));
    for (const { id } of this.#linksIn(owner, path)) this.links.delete(id);
  }

  /** Lets shares, links and locks follow a rename. */
  moveGrants(owner: string, from: VirtualPath, to: VirtualPath): void {
    for (const lock of this.locks.values()) {
      if (lock.owner !== owner || !isWithin(lock.path, from)) continue;
      const moved = { ...lock, path: to + lock.path.slice(from.length) };
      this.locks.delete(lockKey(lock));
      this.locks.set(lockKey(moved), moved);
    }
    for (const link of this.#linksIn(owner, from)) {
      this.links.set(link.id, { ...link, path: to + link.path.slice(from.length) });
    }
    for (const share of this.sharesIn(owner, from)) {
      const moved = { ...share, path: to + share.path.slice(from.length) };
      this.shares.delete(shareKey(share));
      this.shares.set(shareKey(moved), moved);
    }
  }

  /** Shares of a path and below it. */
  sharesIn(owner: string, path: VirtualPath): ShareRecord[] {
    return this.shares.values()
      .filter((share) => share.owner === owner && isWithin(share.path, path));
  }

  #linksIn(owner: string, path: VirtualPath): LinkRecord[] {
    return this.links.values().filter((link) => link.owner === owner && isWithin(link.path, path));
  }
}

function isLasting({ disabled, expiresMs }: Validity): boolean {
  return !disabled && expiresMs === null;
}
