/** Accounts and books: all that is kept beside the trees. */
import { eachAccount } from "../common/each_account.ts";
import { eachOf } from "../common/each_page.ts";
import type { LimitedAccount, LimitedNetwork } from "../contract/books/policy_book.ts";
import type { GroupRecord, Member } from "../contract/books/group_book.ts";
import type { Ban } from "../contract/books/policy_book.ts";
import type { Account, Catalog } from "../contract/catalog.ts";
import type { Engine } from "../contract/engine.ts";
import type { Page } from "../contract/values/page.ts";

/** Both engines of a move. */
export interface Both {
  readonly from: Engine;
  readonly to: Engine;
}

/**
 * Makes the accounts of the target the same as those of the source, without quotas: they hold once
 * all files are there.
 *
 * @returns the accounts of the source
 */
export async function copyAccounts({ from, to }: Both): Promise<Account[]> {
  const accounts = await Array.fromAsync(eachAccount(from.catalog));
  const names = new Set(accounts.map(({ name }) => name));
  const present = new Map<string, Account>();
  for await (const account of eachAccount(to.catalog)) present.set(account.name, account);
  for (const account of accounts) {
    const before = present.get(account.name);
    if (before !== undefined && before.createdMs !== account.createdMs) {
      await to.removeAccount(account.name, { keepFiles: false, evenLast: true });
    }
    // Where a start was interrupted, the account may be there already.
    await to.addAccount({ ...account, quotaBytes: null });
    const { passwordHash, letters, generation, disabled, expiresMs } = account;
    const change = { passwordHash, letters, generation, disabled, expiresMs, quotaBytes: null };
    const now = await to.catalog.account(account.name);
    if (now === undefined || !isLike(now, change)) {
      await to.catalog.updateAccount(account.name, change);
    }
    if (account.lastLoginMs !== null && now?.lastLoginMs !== account.lastLoginMs) {
      await to.catalog.noteLogin(account.name, account.lastLoginMs);
    }
  }
  for (const name of present.keys()) {
    if (!names.has(name)) await to.removeAccount(name, { keepFiles: false, evenLast: true });
  }
  return accounts;
}

/** Gives the accounts their quotas. */
export async function copyQuotas({ to }: Both, accounts: readonly Account[]): Promise<void> {
  for (const { name, quotaBytes } of accounts) {
    if (quotaBytes !== null) await to.catalog.updateAccount(name, { quotaBytes });
  }
}

/** An account in a group. */
interface GroupMember extends Member {
  readonly group: string;
}

/** Lists of one kind of record, of both sides. */
interface Records<T> {
  list(catalog: Catalog): AsyncIterable<T>;
  remove(record: T): Promise<unknown>;
  /** @returns false where the record was not taken */
  add(record: T): Promise<unknown>;
}

/** Makes the groups of the target and their members those of the source. */
export async function copyGroups(both: Both): Promise<void> {
  const { groups } = both.to.catalog;
  await copyRecords<GroupRecord>(both, {
    list: groupsIn,
    remove: ({ name }) => groups.remove(name),
    add: (group) => groups.add(group),
  });
  await copyRecords<GroupMember>(both, {
    list: membersIn,
    remove: ({ group, account }) => groups.leave(group, account),
    add: ({ group, account }) => groups.join(group, account),
  });
}

/** Makes the tokens, shares, links, sessions, limits and bans of the target those of the source. */
export async function copyBooks(both: Both, accounts: readonly Account[]): Promise<void> {
  const { tokens, shares, links, webSessions, policy } = both.to.catalog;
  for (const { name, generation } of accounts) {
    await copyRecords(both, {
      list: (catalog) => tokensOf(catalog, name),
      remove: ({ id }) => tokens.remove(name, id),
      add: (token) => tokens.add(token, generation),
    });
    await copyRecords(both, {
      list: (catalog) => sharesBy(catalog, name),
      remove: ({ path, guest }) => shares.remove(name, path, guest),
      add: (share) => shares.put(share, generation),
    });
    await copyRecords(both, {
      list: (catalog) => linksOf(catalog, name),
      remove: ({ id }) => links.remove(name, id),
      add: (link) => links.add(link, generation),
    });
    await copyRecords(both, {
      list: (catalog) => sessionsOf(catalog, name),
      remove: ({ id }) => webSessions.remove(id),
      add: (session) => webSessions.add(session),
    });
  }
  await copyRecords<LimitedAccount>(both, {
    list: limited,
    remove: ({ account }) => policy.setLimits(account, {}),
    add: ({ account, limits }) => policy.setLimits(account, limits),
  });
  await copyRecords<LimitedNetwork>(both, {
    list: limitedNetworks,
    remove: (network) => policy.setNetwork(network, {}),
    add: ({ limits, ...network }) => policy.setNetwork(network, limits),
  });
  await copyRecords<Ban>(both, {
    list: bans,
    remove: (ban) => policy.unban(ban),
    add: (ban) => policy.ban(ban),
  });
  const compared = await both.from.catalog.marks.get("compared");
  if (compared !== undefined) await both.to.catalog.marks.set("compared", compared);
}

async function copyRecords<T>({ from, to }: Both, { list, remove, add }: Records<T>) {
  const wanted = new Map<string, T>();
  for await (const record of list(from.catalog)) wanted.set(textOf(record), record);
  for (const record of await Array.fromAsync(list(to.catalog))) {
    if (!wanted.delete(textOf(record))) await remove(record);
  }
  for (const record of wanted.values()) await add(record);
}

/** Tokens of an account. */
export const tokensOf = (catalog: Catalog, account: string) =>
  eachOf((page: Page<Parameters<typeof catalog.tokens.add>[0]>) =>
    catalog.tokens.of(account, page)
  );
/** Shares of an account with others. */
export const sharesBy = (catalog: Catalog, owner: string) =>
  eachOf((page: Page<Parameters<typeof catalog.shares.put>[0]>) => catalog.shares.by(owner, page));
/** Links of an account. */
export const linksOf = (catalog: Catalog, owner: string) =>
  eachOf((page: Page<Parameters<typeof catalog.links.add>[0]>) => catalog.links.of(owner, page));
/** Browser sessions of an account. */
export const sessionsOf = (catalog: Catalog, account: string) =>
  eachOf((page: Page<Parameters<typeof catalog.webSessions.add>[0]>) =>
    catalog.webSessions.of(account, page)
  );
/** Groups. */
export const groupsIn = (catalog: Catalog) =>
  eachOf((page: Page<GroupRecord>) => catalog.groups.list(page));
/** Members of all groups. */
export async function* membersIn(catalog: Catalog): AsyncGenerator<GroupMember> {
  for await (const { name: group } of groupsIn(catalog)) {
    const members = eachOf((page: Page<Member>) => catalog.groups.members(group, page));
    for await (const { account } of members) yield { group, account };
  }
}
/** Accounts with limits. */
export const limited = (catalog: Catalog) =>
  eachOf((page: Page<LimitedAccount>) => catalog.policy.limits(page));
/** Networks with limits. */
export const limitedNetworks = (catalog: Catalog) =>
  eachOf((page: Page<LimitedNetwork>) => catalog.policy.networks(page));
/** Bans that hold. */
export const bans = (catalog: Catalog) =>
  eachOf((page: Page<Ban>) => catalog.policy.bans(Date.now(), page));

function isLike(account: Account, change: Partial<Account>): boolean {
  return Object.entries(change).every(([name, value]) => account[name as keyof Account] === value);
}

/** A record as text that is the same for the same members, in any order in which an engine has them. */
function textOf(value: unknown): string {
  return JSON.stringify(
    value,
    (_, member) =>
      member !== null && typeof member === "object" && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort())
        : member,
  );
}
