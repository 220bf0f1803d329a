/** Groups, for administrators (permission t). */
import * as v from "valibot";
import { groupName } from "../../../storage/people/group_changes.ts";
import { firstOf, MAX_LISTED } from "../request/first_of.ts";
import { route } from "./route.ts";
import { text } from "./schemas.ts";

const GROUP = "{name, letters, createdMs, members: [...], more?}";
const LETTERS = text("Permissions: letters of rwcd");

/** The operation `GET /admin/groups`. */
export const listGroups = route({
  name: "listGroups",
  method: "get",
  at: "/admin/groups",
  letters: "t",
  summary: "Lists the groups by name, with the number of their members.",
  replies: { 200: "{groups: [{name, letters, createdMs, members}], more?}" },
  async run({ c, session: { view } }) {
    const { shown: groups, more } = await firstOf(await view.groups.list(), MAX_LISTED);
    return c.json({ groups, ...(more && { more }) });
  },
});

/** The operation `POST /admin/groups`. */
export const addGroup = route({
  name: "addGroup",
  method: "post",
  at: "/admin/groups",
  letters: "t",
  summary: "Makes a group without members.",
  body: v.strictObject({ name: text("Its name"), letters: v.exactOptional(LETTERS) }),
  replies: { 201: "{name, letters, createdMs}" },
  async run({ c, session: { view }, body: { name, letters = "" } }) {
    return c.json(await view.groups.add(groupName(name), letters), 201);
  },
});

/** The operation `GET /admin/groups/{path}`. */
export const readGroup = route({
  name: "readGroup",
  method: "get",
  at: "/admin/groups/{path}",
  letters: "t",
  summary: "Describes a group and lists its members, by its name.",
  replies: { 200: GROUP },
  async run({ c, session: { view }, path }) {
    const name = groupName(path.slice(1));
    const group = await view.groups.group(name);
    const { shown, more } = await firstOf(await view.groups.members(name), MAX_LISTED);
    const members = shown.map(({ account }) => account);
    return c.json({ ...group, members, ...(more && { more }) });
  },
});

/** The operation `PUT /admin/groups/{path}`. */
export const changeGroup = route({
  name: "changeGroup",
  method: "put",
  at: "/admin/groups/{path}",
  letters: "t",
  summary: "Changes a group's permissions, and who is in it, at once for open sessions.",
  body: v.strictObject({
    letters: v.exactOptional(LETTERS),
    join: v.exactOptional(v.array(text("An account that joins"))),
    leave: v.exactOptional(v.array(text("An account that leaves"))),
  }),
  replies: { 200: "{name, letters, createdMs, members}" },
  async run({ c, session: { view: { groups } }, path, body }) {
    const name = groupName(path.slice(1));
    if (body.letters !== undefined) await groups.permit(name, body.letters);
    for (const account of body.join ?? []) await groups.join(name, account);
    for (const account of body.leave ?? []) await groups.leave(name, account);
    return c.json(await groups.group(name));
  },
});

/** The operation `DELETE /admin/groups/{path}`. */
export const removeGroup = route({
  name: "removeGroup",
  method: "delete",
  at: "/admin/groups/{path}",
  letters: "t",
  summary: "Removes a group; its members lose its permissions, and shares with it end.",
  replies: { 204: "It is removed." },
  async run({ c, session: { view }, path }) {
    await view.groups.remove(groupName(path.slice(1)));
    return c.body(null, 204);
  },
});
