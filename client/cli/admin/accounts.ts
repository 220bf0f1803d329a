/** Accounts: `user list|add|remove|passwd|permit|quota`. */
import { outputColumns } from "../../../common/output_columns.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { accountPassword, printPassword, shownPassword } from "./account_password.ts";
import { type AdminAction, lettersOf } from "./action.ts";
import { quota } from "./options.ts";
import { userLines } from "../../../common/admin/tables.ts";

/** An account as the server lists it. */
export type ListedUser = Record<string, unknown> & { username: string };

/** All accounts, by name. */
export async function listUsers(client: Client): Promise<ListedUser[]> {
  const found: ListedUser[] = [];
  let cursor: unknown;
  do {
    const data = await client.request("USERS", { cursor }, "Cannot list the accounts");
    const page = (Array.isArray(data.users) ? data.users : []) as ListedUser[];
    found.push(...page);
    cursor = page.length > 0 ? data.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}

/** `user list` */
export const userList: AdminAction = async ({ output }, client) => {
  const users = await listUsers(client);
  output.event("done", { users });
  for (const line of userLines(users, outputColumns())) output.result(line);
};

/**
 * Makes an account.
 *
 * @param limit quota in bytes; null: none; undefined: the server's default
 */
export async function addUser(
  client: Client,
  account: {
    username: string;
    password: string;
    permissions?: string | undefined;
    expires?: number | undefined;
  },
  limit: number | null | undefined,
): Promise<void> {
  const { username } = account;
  const action = `Cannot make the account ${quoted(username)}`;
  const given = typeof limit === "number" ? { quota: limit } : {};
  await client.request("ADDU", { ...account, ...given }, action);
  if (limit === null) await client.request("QUOTA", { username, bytes: null }, action);
}

/** `user add NAME` */
export const userAdd: AdminAction = async (context, client, [username = ""]) => {
  const { values, output } = context;
  const secret = await accountPassword(context, username);
  const permissions = values.text("permissions");
  const limit = values.get("quota") as number | null | undefined;
  const expires = expiresIn(context);
  await addUser(client, { username, password: secret.password, permissions, expires }, limit);
  const { data } = shownPassword(secret);
  output.event("done", { username, ...(permissions !== undefined && { permissions }), ...data });
  output.result(`The account ${quoted(username)} was made`);
  printPassword(context, secret, username);
};

/** When new accounts expire; undefined: never. */
export function expiresIn({ values }: Context): number | undefined {
  const expires = values.get("expires");
  return typeof expires === "number" ? expires : undefined;
}

/** `user passwd NAME` */
export const userPasswd: AdminAction = async (context, client, [username = ""]) => {
  const secret = await accountPassword(context, username);
  const action = `Cannot change the password of ${quoted(username)}`;
  await client.request("RESETPW", { username, password: secret.password }, action);
  const { data } = shownPassword(secret);
  context.output.event("done", { username, ...data });
  context.output.result(`The password of ${quoted(username)} was changed`);
  printPassword(context, secret, username);
};

/** `user remove NAME` */
export const userRemove: AdminAction = async (context, client, [username = ""]) => {
  const deletes = context.values.flag("delete-files");
  const action = `Cannot remove the account ${quoted(username)}`;
  await client.request("DELU", { username, keep_files: !deletes }, action, { slow: true });
  const files = deletes ? "its files are deleted" : "its files are kept aside at the server";
  done(context, { username }, `The account ${quoted(username)} was removed; ${files}`);
};

/** `user permit NAME LETTERS` */
export const userPermit: AdminAction = async (context, client, [username = "", text = ""]) => {
  const permissions = lettersOf(text, "LETTERS");
  const action = `Cannot change the permissions of ${quoted(username)}`;
  const reply = await client.request("TRANS", { username, permissions }, action);
  const shown = String(reply.permissions || "none");
  done(
    context,
    { username, permissions: reply.permissions },
    `The account ${quoted(username)} has the permissions ${shown}`,
  );
};

/** `user quota NAME SIZE` */
export const userQuota: AdminAction = async (context, client, [username = "", text = ""]) => {
  const bytes = quota(text, "SIZE") as number | null;
  await client.request(
    "QUOTA",
    { username, bytes },
    `Cannot change the quota of ${quoted(username)}`,
  );
  const shown = bytes === null ? "no quota" : `the quota ${formatSize(bytes)}`;
  done(context, { username, quota: bytes }, `The account ${quoted(username)} has ${shown}`);
};

/** Reports what a request changed. */
export function done({ output }: Context, data: Record<string, unknown>, line: string): void {
  output.event("done", data);
  output.result(printable(line));
}
