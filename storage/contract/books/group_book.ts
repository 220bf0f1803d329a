/** Groups of accounts as the catalog keeps them. */
import type { Page } from "../values/page.ts";

/** Precedes the name of a group where an account's name may be too, as in a share's guest. */
export const GROUP_SIGN = "@";

/** A group: its members have its permissions beside their own. */
export interface GroupRecord {
  /** As an account's name, without {@linkcode GROUP_SIGN}; a name space of its own. */
  name: string;
  /** Letters of `rwcd` in canonical order. */
  letters: string;
  createdMs: number;
}

/** A group as its members have it. */
export type Membership = Pick<GroupRecord, "name" | "letters">;

/** An account in a group. */
export interface Member {
  readonly account: string;
}

/**
 * Groups. The general contracts are in catalog.ts. A change shows in {@linkcode Account.groups} as
 * other changes of accounts do. Every removal or retirement of an account removes it from its groups.
 */
export interface GroupBook {
  /** Durable. @returns false where the name is taken */
  add(group: GroupRecord): Promise<boolean>;
  get(name: string): Promise<GroupRecord | undefined>;
  /** All groups, by name. */
  list(page: Page<Pick<GroupRecord, "name">>): Promise<GroupRecord[]>;
  /** Durable: replaces the permissions. @returns false where there is no such group */
  setLetters(name: string, letters: string): Promise<boolean>;
  /** Durable: removes a group with its memberships and the shares with it. @returns as above */
  remove(name: string): Promise<boolean>;
  /** Durable: adds an account, which may be a member already. @returns what is not there */
  join(name: string, account: string): Promise<"done" | "no-group" | "no-account">;
  /** Durable. @returns false where the account is no member */
  leave(name: string, account: string): Promise<boolean>;
  /** Members of a group, by name. */
  members(name: string, page: Page<Member>): Promise<Member[]>;
  /** Number of members of a group. */
  count(name: string): Promise<number>;
}

/** A group as the guest of a share: `@staff`. */
export function groupGuest(name: string): string {
  return GROUP_SIGN + name;
}

/** The name of the group that a share's guest is; undefined where it is none. */
export function groupOf(guest: string): string | undefined {
  return guest.startsWith(GROUP_SIGN) ? guest.slice(GROUP_SIGN.length) : undefined;
}
