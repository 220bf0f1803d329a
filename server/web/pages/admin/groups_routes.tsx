/** Groups: every page needs the permission `t`, which the vault checks. */
import { groupName } from "../../../../storage/people/group_changes.ts";
import { firstOf } from "../../request/first_of.ts";
import type { Register, WebContext } from "../../request/env.ts";
import { formOf } from "../../request/form_body.ts";
import { signedIn } from "../../session/session_cookie.ts";
import type { Refusal } from "../../ui/entry.ts";
import { lettersIn } from "../../ui/form.tsx";
import { page } from "../../ui/layout.tsx";
import { askFirst } from "../ask_page.tsx";
import { attempt, inField } from "../attempt.ts";
import { doneAt, toastOf } from "../done.ts";
import { textIn } from "../forms.ts";
import { groupHref, GroupPage, GroupsPage } from "./groups_page.tsx";

/** Maximum number of groups and members on a page; programs list them all. */
const MAX_SHOWN = 1000;

/** Registers the routes of the administration of groups. */
export const registerGroups: Register = (app) => {
  app.get("/admin/groups", (c) => groupsPage(c));

  app.post("/admin/groups", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      fields: { exists: "name", "bad-name": "name" },
      async run() {
        const name = groupName(textIn(form, "name").trim());
        await view.groups.add(name, lettersIn(form));
        return doneAt(c, groupHref(name), "group");
      },
      again: (refusal) => groupsPage(c, refusal),
    });
  });

  app.get("/admin/groups/:name", (c) => groupPage(c, c.req.param("name")));

  app.post("/admin/groups/:name/letters", async (c) => {
    const { view } = signedIn(c);
    const [form, name] = [await formOf(c), c.req.param("name")];
    return await attempt(c, {
      form,
      async run() {
        await inField("letter", () => view.groups.permit(name, lettersIn(form)));
        return doneAt(c, groupHref(name), "letters");
      },
      again: (refusal) => groupPage(c, name, refusal),
    });
  });

  app.post("/admin/groups/:name/join", async (c) => {
    const { view } = signedIn(c);
    const [form, name] = [await formOf(c), c.req.param("name")];
    return await attempt(c, {
      form,
      async run() {
        await inField("account", () => view.groups.join(name, textIn(form, "account").trim()));
        return doneAt(c, groupHref(name), "joined");
      },
      again: (refusal) => groupPage(c, name, refusal),
    });
  });

  app.post("/admin/groups/:name/leave", async (c) => {
    const { view } = signedIn(c);
    const [form, name] = [await formOf(c), c.req.param("name")];
    return await attempt(c, {
      form,
      async run() {
        await view.groups.leave(name, textIn(form, "account"));
        return doneAt(c, groupHref(name), "left");
      },
      again: (refusal) => groupPage(c, name, refusal),
    });
  });

  app.post("/admin/groups/:name/remove", async (c) => {
    const { view } = signedIn(c);
    const [form, name] = [await formOf(c), c.req.param("name")];
    await view.groups.group(name);
    const asked = askFirst(c, form, {
      section: "admin",
      heading: `Remove the group ${name}?`,
      text: "Its members lose its permissions, and all that is shared with it ends.",
      yes: "Remove the group",
      back: groupHref(name),
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.groups.remove(name);
        return doneAt(c, "/admin/groups", "ungrouped");
      },
      again: (refusal) => groupPage(c, name, refusal),
    });
  });
};

/** The list of groups, also as the reply to the form for a new one that was refused. */
async function groupsPage(c: WebContext, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const { shown, more } = await firstOf(await session.view.groups.list(), MAX_SHOWN);
  const props = { session, groups: shown, more, toast: toastOf(c), refusal };
  return await page(c, <GroupsPage {...props} />);
}

/** The page of a group, also as the reply to a form of it that was refused. */
async function groupPage(c: WebContext, name: string, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const { groups } = session.view;
  const group = await groups.group(name);
  const { shown: members, more } = await firstOf(await groups.members(name), MAX_SHOWN);
  const props = { session, group, members, more, toast: toastOf(c), refusal };
  return await page(c, <GroupPage {...props} />);
}
