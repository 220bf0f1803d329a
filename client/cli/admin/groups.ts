/** Groups: `group add|list|remove|permit|join|leave`. */
import { outputColumns } from "../../../common/output_columns.ts";
import { groupLines } from "../../../common/admin/tables.ts";
import { printable, quoted } from "../../../common/printable.ts";
import type { Client } from "../../lib/connection/client.ts";
import { done } from "./accounts.ts";
import { type AdminAction, lettersOf } from "./action.ts";

/** `group add GROUP` */
export const groupAdd: AdminAction = async (context, client, [text = ""]) => {
  const permissions = context.values.text("permissions");
  const action = `Cannot make the group ${quoted(text)}`;
  const made = await client.request("ADDG", { group: text, permissions }, action);
  const { group, permissions: has } = made;
  const line = `The group "${group}" was made, permissions ${has || "none"}`;
  done(context, { group, permissions: has }, line);
};

/** `group list [GROUP]` */
export const groupList: AdminAction = async ({ output }, client, [group]) => {
  if (group === undefined) {
    const groups = await pages(client, "GROUPS", {}, "groups");
    output.event("done", { groups: groups.items });
    for (const line of groupLines(groups.items as Record<string, unknown>[], outputColumns())) {
      output.result(line);
    }
    return;
  }
  const { items: members, first } = await pages(client, "MEMBERS", { group }, "members");
  output.event("done", { group: first.group, permissions: first.permissions, members });
  for (const member of members) output.result(printable(String(member)));
};

/** All items of a list in pages. */
async function pages(
  client: Client,
  command: string,
  data: Record<string, unknown>,
  member: string,
): Promise<{ items: unknown[]; first: Record<string, unknown> }> {
  const items: unknown[] = [];
  let first: Record<string, unknown> | undefined;
  let cursor: unknown;
  do {
    const page = await client.request(command, { ...data, cursor }, "Cannot list the groups");
    first ??= page;
    const found = page[member];
    if (Array.isArray(found)) items.push(...found);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { items, first };
}

/** `group remove GROUP` */
export const groupRemove: AdminAction = async (context, client, [text = ""]) => {
  const action = `Cannot remove the group ${quoted(text)}`;
  const { group } = await client.request("DELG", { group: text }, action, { slow: true });
  done(context, { group }, `The group "${group}" was removed`);
};

/** `group permit GROUP LETTERS` */
export const groupPermit: AdminAction = async (context, client, [text = "", wanted = ""]) => {
  const letters = lettersOf(wanted, "LETTERS");
  const action = `Cannot change the permissions of the group ${quoted(text)}`;
  const reply = await client.request("PERMG", { group: text, permissions: letters }, action);
  const { group, permissions } = reply;
  const line = `The group "${group}" has the permissions ${permissions || "none"}`;
  done(context, { group, permissions }, line);
};

/** `group join GROUP NAME` */
export const groupJoin: AdminAction = async (context, client, [text = "", username = ""]) => {
  const action = `Cannot add ${quoted(username)} to the group ${quoted(text)}`;
  const { group } = await client.request("JOIN", { group: text, username }, action);
  done(context, { group, username }, `The account "${username}" is in the group "${group}"`);
};

/** `group leave GROUP NAME` */
export const groupLeave: AdminAction = async (context, client, [text = "", username = ""]) => {
  const action = `Cannot take ${quoted(username)} out of the group ${quoted(text)}`;
  const { group } = await client.request("LEAVE", { group: text, username }, action);
  const line = `The account "${username}" is not in the group "${group}" any more`;
  done(context, { group, username }, line);
};
