/** `group add|list|remove|permit|join|leave`. */
import { groupLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";
import { eachOf } from "../../storage/common/each_page.ts";
import type { GroupRecord, Member } from "../../storage/contract/books/group_book.ts";
import type { Catalog } from "../../storage/contract/catalog.ts";
import {
  groupName,
  joinGroup,
  leaveGroup,
  makeGroup,
  noSuchGroup,
  permitGroup,
  removeGroup,
} from "../../storage/people/group_changes.ts";
import * as shared from "./command_data.ts";
import { adminCommand, type Outcome } from "./command.ts";

const add = adminCommand("group add", {
  flags: { "permissions": shared.letters },
  audited: ([text = ""], { permissions = "" }) => ({
    action: "group",
    subject: groupName(text),
    value: permissions,
  }),
  async run(context, [text = ""], { permissions = "" }) {
    const made = await shared.onAccounts(
      context,
      ({ catalog }) => makeGroup(catalog, groupName(text), permissions),
    );
    return {
      text: `The group "${made.name}" was made, permissions ${made.letters || "none"}\n`,
      data: { group: made.name, permissions: made.letters },
    };
  },
});

const list = adminCommand("group list", {
  flags: {},
  async run(context, [text]) {
    return await shared.onAccounts(
      context,
      ({ catalog }) =>
        text === undefined
          ? allGroups(catalog, context.terminal.columns)
          : members(catalog, groupName(text)),
    );
  },
});

async function allGroups(catalog: Catalog, columns?: number): Promise<Outcome> {
  const groups = [];
  for await (const group of eachOf<GroupRecord>((page) => catalog.groups.list(page))) {
    const count = await catalog.groups.count(group.name);
    groups.push({ group: group.name, permissions: group.letters, members: count });
  }
  return { text: linesText(groupLines(groups, columns)), data: { groups } };
}

async function members(catalog: Catalog, name: string): Promise<Outcome> {
  const group = await catalog.groups.get(name);
  if (group === undefined) throw noSuchGroup(name);
  const found = eachOf<Member>((page) => catalog.groups.members(name, page));
  const names = (await Array.fromAsync(found)).map(({ account }) => account);
  return {
    text: linesText(names),
    data: { group: name, permissions: group.letters, members: names },
  };
}

const remove = adminCommand("group remove", {
  flags: {},
  audited: ([text = ""]) => ({ action: "remove-group", subject: groupName(text) }),
  async run(context, [text = ""]) {
    const group = groupName(text);
    await shared.onAccounts(context, ({ catalog }) => removeGroup(catalog, group));
    return { text: `The group "${group}" was removed\n`, data: { group } };
  },
});

const permit = adminCommand("group permit", {
  flags: {},
  audited: ([text = "", value = ""]) => ({
    action: "group-letters",
    subject: groupName(text),
    value,
  }),
  async run(context, [text = "", wanted = ""]) {
    const group = groupName(text);
    const letters = shared.readLetters(wanted);
    const permissions = await shared.onAccounts(
      context,
      ({ catalog }) => permitGroup(catalog, group, letters),
    );
    return {
      text: `The group "${group}" has the permissions ${permissions || "none"}\n`,
      data: { group, permissions },
    };
  },
});

const join = adminCommand("group join", {
  flags: {},
  audited: ([text = "", value = ""]) => ({ action: "join", subject: groupName(text), value }),
  async run(context, [text = "", username = ""]) {
    const group = groupName(text);
    await shared.onAccounts(context, ({ catalog }) => joinGroup(catalog, group, username));
    return {
      text: `The account "${username}" is in the group "${group}"\n`,
      data: { group, username },
    };
  },
});

const leave = adminCommand("group leave", {
  flags: {},
  audited: ([text = "", value = ""]) => ({ action: "leave", subject: groupName(text), value }),
  async run(context, [text = "", username = ""]) {
    const group = groupName(text);
    await shared.onAccounts(context, ({ catalog }) => leaveGroup(catalog, group, username));
    return {
      text: `The account "${username}" is not in the group "${group}" any more\n`,
      data: { group, username },
    };
  },
});

/** The commands on groups. */
export const GROUP_COMMANDS = [add, list, remove, permit, join, leave];
