/** Mounts: every page needs the permission `t`, which the vault checks. */
import type { Register, WebContext } from "../../request/env.ts";
import { formOf } from "../../request/form_body.ts";
import { signedIn } from "../../session/session_cookie.ts";
import type { Refusal } from "../../ui/entry.ts";
import { lettersIn } from "../../ui/form.tsx";
import { page } from "../../ui/layout.tsx";
import { plainName } from "../../ui/text.tsx";
import { askFirst } from "../ask_page.tsx";
import { attempt, inField } from "../attempt.ts";
import { doneAt, toastOf } from "../done.ts";
import { bytesIn, textIn } from "../forms.ts";
import { END_MOUNT, MOUNTS, MountsPage } from "./mounts_page.tsx";

/** Registers the routes of the administration of mounts. */
export const registerMounts: Register = (app) => {
  app.get(MOUNTS, (c) => mountsPage(c));

  app.post(MOUNTS, async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      fields: {
        exists: "name",
        "bad-name": "name",
        denied: "directory",
        "not-directory": "directory",
      },
      async run() {
        const quotaBytes = await inField("quota", () => bytesIn(form, "quota"));
        await view.mounts.add({
          name: textIn(form, "name").trim(),
          directory: textIn(form, "directory").trim(),
          guests: textIn(form, "accounts").split(",").map((guest) => guest.trim()),
          letters: lettersIn(form),
          quotaBytes,
        });
        return doneAt(c, MOUNTS, "mounted");
      },
      again: (refusal) => mountsPage(c, refusal),
    });
  });

  app.post(END_MOUNT, async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const name = textIn(form, "name");
    const mount = (await view.mounts.list()).find((mount) => mount.name === name);
    const asked = mount && askFirst(c, form, {
      section: "admin",
      heading: `End the mount ${plainName(name)}?`,
      text:
        "No account sees its files any more; they stay in their directory. Unfinished uploads " +
        "into it are lost.",
      yes: "End the mount",
      back: MOUNTS,
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.mounts.remove(name);
        return doneAt(c, MOUNTS, "unmounted");
      },
      again: (refusal) => mountsPage(c, refusal),
    });
  });
};

/** The list of mounts, also as the reply to a form of it that was refused. */
async function mountsPage(c: WebContext, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const mounts = await session.view.mounts.list();
  return await page(c, <MountsPage {...{ session, mounts, toast: toastOf(c), refusal }} />);
}
