/** Locking files and directories by forms. */
import { StoreError } from "../../../storage/contract/error.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { View } from "../../../storage/vault.ts";
import type { Register, WebContext } from "../request/env.ts";
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
  app.post("/actions/lock", (c) =>
    change(c, "locked", async (form, path, { locks }) => {
      const minutes = LOCK_MINUTES.find(([one]) => String(one) === textIn(form, "minutes"))?.[0];
      if (minutes === undefined) throw new StoreError("bad-request", "Choose how long it holds");
      const note = textIn(form, "note").trim();
      await locks.take({ path, lastsMs: minutes * 60_000, note });
    }));

  app.post("/actions/unlock", (c) =>
    change(c, "unlocked", async (form, path, { locks }) => {
      await locks.end(path, { force: form.get("force") === "yes" });
    }));
};

/** Carries out a form about the lock of a path, which leads back to the details of that path. */
async function change(
  c: WebContext,
  did: "locked" | "unlocked",
  work: (form: FormData, path: VirtualPath, view: View) => Promise<void>,
): Promise<Response> {
  const { view } = signedIn(c);
  const form = await formOf(c);
  const path = view.resolve("/", textIn(form, "path"));
  return await attempt(c, {
    form,
    async run() {
      await work(form, path, view);
      return doneAt(c, hrefOf("details", path), did);
    },
    again: (refusal) => detailsPage(c, path, refusal),
  });
}
