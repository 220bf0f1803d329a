/** Accounts of others (docs/protocol.md, "Administration"). */
import type { AccountInfo } from "../../../storage/people/administration.ts";
import type { AccountLimits } from "../../../storage/contract/books/policy_book.ts";
import { groupNames, validityInfo } from "../../door/account_info.ts";
import { limitsInfo } from "../../door/restriction_info.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `TRANS`. */
export const permit = command({
  name: "TRANS",
  letters: "t",
  summary: "Replaces an account's permissions, at once for its open sessions.",
  reply: "OK {username, permissions}",
  async run(context, { data }) {
    const permissions = await context.view.administration
      .setLetters(data.username, data.permissions);
    return { data: { username: data.username, permissions } };
  },
});

/** The command `USERS`. */
export const listUsers = command({
  name: "USERS",
  letters: "t",
  summary: "Lists the accounts, in pages.",
  reply: "OK {users: [{username, role, permissions, quota, used, reserved, " +
    "last_login, disabled, expires, groups, limits}], cursor?}",
  async run(context, { data }) {
    const { administration, restrictions } = context.view;
    const accounts = await administration.users(data.cursor);
    const limits = await restrictions.allLimits();
    const { items: users, more } = await fitting(
      accounts,
      (account) => toUser(account, limits.get(account.name)),
    );
    return { data: { users, ...(more ? { cursor: users.at(-1)!.username } : {}) } };
  },
});

function toUser(account: AccountInfo, limits: AccountLimits | undefined) {
  const { name, letters, quotaBytes, usedBytes, reservedBytes, lastLoginMs } = account;
  return {
    username: name,
    role: letters.includes("t") ? "admin" : "user",
    permissions: letters,
    quota: quotaBytes,
    used: usedBytes,
    reserved: reservedBytes,
    last_login: lastLoginMs,
    ...validityInfo(account),
    groups: groupNames(account),
    limits: limitsInfo(limits ?? {}),
  };
}

/** The command `ADDU`. */
export const addUser = command({
  name: "ADDU",
  letters: "t",
  summary: "Makes an account.",
  reply: "OK {username}",
  async run(context, { data }) {
    const { username, password, permissions, quota, expires } = data;
    await context.services.accounts.add(context.view, {
      name: username,
      password,
      ...(permissions === undefined ? {} : { letters: permissions }),
      ...(quota === undefined ? {} : { quotaBytes: quota }),
      ...(expires === undefined ? {} : { expiresMs: expires }),
    }, context.origin);
    return { data: { username } };
  },
});

/** The command `VALID`. */
export const setValidity = command({
  name: "VALID",
  letters: "t",
  summary: "Disables or enables an account, or sets when it expires; its sessions end at once.",
  reply: "OK {username, disabled, expires}",
  async run(context, { data: { username, disabled, expires } }) {
    const now = await context.view.administration.setValidity(username, {
      ...(disabled === undefined ? {} : { disabled }),
      ...(expires === undefined ? {} : { expiresMs: expires === "never" ? null : expires }),
    });
    return { data: { username, ...validityInfo(now) } };
  },
});

/** The command `DELU`. */
export const removeUser = command({
  name: "DELU",
  letters: "t",
  summary: "Removes an account with its sessions, tokens and shares; its files are kept aside.",
  reply: "OK {username}",
  async run(context, { data }) {
    const keepFiles = data.keep_files ?? true;
    await context.view.administration.removeAccount(data.username, { keepFiles });
    return { data: { username: data.username } };
  },
});

/** The command `QUOTA`. */
export const setQuota = command({
  name: "QUOTA",
  letters: "t",
  summary: "Sets the quota of an account in bytes; null: no limit.",
  reply: "OK {username, quota}",
  async run(context, { data }) {
    await context.view.administration.setQuota(data.username, data.bytes);
    return { data: { username: data.username, quota: data.bytes } };
  },
});

/** The command `RESETPW`. */
export const resetPassword = command({
  name: "RESETPW",
  letters: "t",
  summary: "Gives an account another password; its sessions and tokens end.",
  reply: "OK {username}",
  async run(context, { data }) {
    const { username, password } = data;
    await context.services.accounts.resetPassword(context.view, username, password, context.origin);
    return { data: { username } };
  },
});
