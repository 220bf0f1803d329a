/** Sharing: with accounts, by public links, and what others share. */
import { StoreError } from "../../../storage/contract/error.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import { parseDecimal } from "../../../common/decimal.ts";
import type { Register } from "../env.ts";
import { firstOf } from "../first_of.ts";
import { signedIn } from "../session_cookie.ts";
import { hrefOf } from "../ui/href.ts";
import { page } from "../ui/layout.tsx";
import { lettersIn, termIn } from "../ui/form.tsx";
import { doneAt, toastOf } from "./done.ts";
import { formOf, textIn } from "./forms.ts";
import { MadeLinkPage, SharesPage } from "./shares_page.tsx";

/** Maximum number of shares of each kind that the page shows; programs list them all. */
const MAX_SHOWN = 500;

export const registerShares: Register = (app, services) => {
  app.get("/shares", async (c) => {
    const session = signedIn(c);
    const { view } = session;
    const withMe = await firstOf(view.sharing.sharedWithMe(), MAX_SHOWN);
    const byMe = await firstOf(view.sharing.sharedByMe(), MAX_SHOWN);
    const links = await view.links.list();
    return page(c, <SharesPage {...{ session, withMe, byMe, links, toast: toastOf(c) }} />);
  });

  app.post("/actions/share", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    const letters = lettersIn(form);
    if (letters === "") throw new StoreError("bad-request", "Choose what the other may do");
    const ttlMs = termIn(form);
    await view.sharing.share({
      path,
      guest: textIn(form, "guest").trim(),
      letters,
      ...(ttlMs !== undefined && { expiresMs: Date.now() + ttlMs }),
    });
    return doneAt(c, hrefOf("details", path), "shared");
  });

  app.post("/actions/unshare", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    await view.sharing.unshare(path, textIn(form, "guest"));
    return doneAt(c, backFrom(form, path), "unshared");
  });

  app.post("/actions/link", async (c) => {
    const session = signedIn(c);
    const { view, origin } = session;
    const form = await formOf(c);
    const [password, most, label] = ["password", "most", "label"].map((at) => textIn(form, at));
    const ttlMs = termIn(form);
    const path = view.resolve("/", textIn(form, "path"));
    // A password is hashed for nothing where it is clear already that there will be no link.
    view.permissions.requirePassword();
    await view.tree.describe(path);
    const { link, secret } = await view.links.make({
      path,
      label: label!,
      pinned: form.get("pinned") === "yes",
      ...(password !== "" && {
        passwordHash: await services.accounts.hashLinkPassword(password!, origin),
      }),
      ...(most !== "" && { mostDownloads: parseDecimal(most!) ?? NaN }),
      ...(ttlMs !== undefined && { expiresMs: Date.now() + ttlMs }),
    });
    const address = new URL(`/s/${secret}`, c.req.url).href;
    return page(c, <MadeLinkPage session={session} link={link} address={address} />, 201);
  });

  app.post("/actions/unlink", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    await view.links.revoke(textIn(form, "id"));
    return doneAt(c, backFrom(form, view.resolve("/", textIn(form, "path"))), "unlinked");
  });
};

/** The page that a form was sent from. */
function backFrom(form: FormData, path: VirtualPath): string {
  return form.get("back") === "shares" ? "/shares" : hrefOf("details", path);
}
