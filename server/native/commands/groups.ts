/** Groups (docs/protocol.md, "Administration"). */
import { groupName } from "../../../storage/people/group_changes.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `GROUPS`. */
export const listGroups = command({
  name: "GROUPS",
  letters: "t",
  summary: "Lists the groups, in pages.",
  reply: "OK {groups: [{group, permissions, members}], cursor?}",
  async run(context, { data }) {
    const found = await context.view.groups.list(data.cursor);
    const { items: groups, more } = await fitting(found, ({ name, letters, members }) => ({
      group: name,
      permissions: letters,
      members,
    }));
    return { data: { groups, ...(more ? { cursor: groups.at(-1)!.group } : {}) } };
  },
});

/** The command `MEMBERS`. */
export const listMembers = command({
  name: "MEMBERS",
  letters: "t",
  summary: "Lists the accounts of a group, in pages.",
  reply: "OK {group, permissions, members: [...], cursor?}",
  async run(context, { data }) {
    const group = groupName(data.group);
    const { letters: permissions } = await context.view.groups.group(group);
    const found = await context.view.groups.members(group, data.cursor);
    const { items: members, more } = await fitting(found, ({ account }) => account);
    return {
      data: { group, permissions, members, ...(more ? { cursor: members.at(-1)! } : {}) },
    };
  },
});

/** The command `ADDG`. */
export const addGroup = command({
  name: "ADDG",
  letters: "t",
  summary: "Makes a group without members; its permissions add to those of its members.",
  reply: "OK {group, permissions}",
  async run(context, { data }) {
    const { name: group, letters: permissions } = await context.view.groups
      .add(groupName(data.group), data.permissions ?? "");
    return { data: { group, permissions } };
  },
});

/** The command `DELG`. */
export const removeGroup = command({
  name: "DELG",
  letters: "t",
  summary: "Removes a group; its members lose its permissions, and the shares with it end.",
  reply: "OK {group}",
  async run(context, { data }) {
    const group = groupName(data.group);
    await context.view.groups.remove(group);
    return { data: { group } };
  },
});

/** The command `PERMG`. */
export const permitGroup = command({
  name: "PERMG",
  letters: "t",
  summary: "Replaces a group's permissions, at once for the open sessions of its members.",
  reply: "OK {group, permissions}",
  async run(context, { data }) {
    const group = groupName(data.group);
    const permissions = await context.view.groups.permit(group, data.permissions);
    return { data: { group, permissions } };
  },
});

/** The command `JOIN`. */
export const join = command({
  name: "JOIN",
  letters: "t",
  summary: "Adds an account to a group.",
  reply: "OK {group, username}",
  async run(context, { data: { group: text, username } }) {
    const group = groupName(text);
    await context.view.groups.join(group, username);
    return { data: { group, username } };
  },
});

/** The command `LEAVE`. */
export const leave = command({
  name: "LEAVE",
  letters: "t",
  summary: "Takes an account out of a group, at once for its open sessions.",
  reply: "OK {group, username}",
  async run(context, { data: { group: text, username } }) {
    const group = groupName(text);
    await context.view.groups.leave(group, username);
    return { data: { group, username } };
  },
});
