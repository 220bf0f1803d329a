/** Locking files and directories by forms. */
import { StoreError } from "../../../storage/contract/error.ts";
import type { Register } from "../request/env.ts";
import { formOf } from "../request/form_body.ts";
import { signedIn } from "../session/session_cookie.ts";
import { hrefOf } from "../ui/href.ts";
import { attempt } from "./attempt.ts";
import { doneAt } from "./done.ts";
import { detailsPage } from "./files_routes.tsx";
import { textIn } from "./forms.ts";
import { LOCK_MINUTES } from "./lock_panel.tsx";

/** Registers the routes of locks. */
export const registerLocks: Register = (app) => {
  app.post("/actions/lock", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    return await attempt(c, {
      form,
      async run() {
        const minutes = LOCK_MINUTES.find(([one]) => String(one) === textIn(form, "minutes"))?.[0];
        if (minutes === undefined) throw new StoreError("bad-request", "Choose how long it holds");
        const note = textIn(form, "note").trim();
        await view.locks.take({ path, lastsMs: minutes * 60_000, note });
        return doneAt(c, hrefOf("details", path), "locked");
      },
      again: (refusal) => detailsPage(c, path, refusal),
    });
  });

  app.post("/actions/unlock", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    return await attempt(c, {
      form,
      async run() {
        await view.locks.end(path, { force: form.get("force") === "yes" });
        return doneAt(c, hrefOf("details", path), "unlocked");
      },
      again: (refusal) => detailsPage(c, path, refusal),
    });
  });
};
