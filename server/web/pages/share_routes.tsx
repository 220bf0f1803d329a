/** Sharing: with accounts, by public links, and what others share. */
import { checkedLabel } from "../../../storage/common/label.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import { parseDecimal } from "../../../common/decimal.ts";
import { urlOut } from "../request/base_path.ts";
import type { Register, WebContext } from "../request/env.ts";
import { firstOf } from "../request/first_of.ts";
import { signedIn } from "../session/session_cookie.ts";
import { hrefOf } from "../ui/href.ts";
import { type Alert, page } from "../ui/layout.tsx";
import { lettersIn, termIn } from "../ui/form.tsx";
import { doneAt, toastOf } from "./done.ts";
import { askFirst } from "./ask_page.tsx";
import { attempt, inField } from "./attempt.ts";
import { detailsPage } from "./files_routes.tsx";
import { formOf } from "../request/form_body.ts";
import { newPasswordIn, textIn } from "./forms.ts";
import { plainName } from "../ui/text.tsx";
import { MadeLinkPage, SharesPage } from "./shares_page.tsx";

/** Maximum number of shares of each kind that the page shows; programs list them all. */
const MAX_SHOWN = 500;

/** Registers the routes of shares and links. */
export const registerShares: Register = (app, services) => {
  app.get("/shares", (c) => sharesPage(c));

  app.post("/actions/share", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    return await attempt(c, {
      form,
      fields: { "not-found": "guest", "bad-request": "guest", denied: "letter" },
      async run() {
        const letters = lettersIn(form);
        await inField("letter", () => {
          if (letters === "") {
            throw new StoreError("bad-request", "Choose the permissions of the share");
          }
        });
        const ttlMs = await inField("hours", () => termIn(form));
        await view.sharing.share({
          path,
          guest: textIn(form, "guest").trim(),
          letters,
          ...(ttlMs !== undefined && { expiresMs: Date.now() + ttlMs }),
        });
        return doneAt(c, hrefOf("details", path), "shared");
      },
      again: (refusal) => detailsPage(c, path, refusal),
    });
  });

  app.post("/actions/unshare", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    const guest = textIn(form, "guest");
    const back = backFrom(form, path);
    const whom = guest === "*" ? "every account" : guest;
    const shares = await Array.fromAsync(view.sharing.sharedByMe(path));
    const share = shares.find((share) => share.guest === guest);
    const asked = share && askFirst(c, form, {
      section: "shares",
      heading: `End the share of ${plainName(path)} with ${whom}?`,
      text: `${guest === "*" ? "Other accounts" : guest} can no longer see it.`,
      yes: "End the share",
      back,
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.sharing.unshare(path, guest);
        return doneAt(c, back, "unshared");
      },
      again: (refusal) => sharesPage(c, refusal),
    });
  });

  app.post("/actions/link", async (c) => {
    const session = signedIn(c);
    const { view, origin } = session;
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    return await attempt(c, {
      form,
      async run() {
        const [password, most] = ["password", "most"].map((at) => textIn(form, at));
        const label = await inField("label", () => checkedLabel(textIn(form, "label")));
        const ttlMs = await inField("hours", () => termIn(form));
        const maxDownloads = await inField("most", () => downloadsIn(most!));
        // A password is hashed for nothing where it is clear already that there will be no link.
        view.permissions.requirePassword();
        await view.tree.describe(path);
        if (password !== "") await newPasswordIn(form, "password");
        const { link, secret } = await view.links.make({
          path,
          label,
          pinned: form.get("pinned") === "yes",
          ...(password !== "" && {
            passwordHash: await services.accounts.hashLinkPassword(password!, origin),
          }),
          ...(maxDownloads !== undefined && { maxDownloads }),
          ...(ttlMs !== undefined && { expiresMs: Date.now() + ttlMs }),
        });
        const address = urlOut(c, `/s/${secret}`);
        return page(c, <MadeLinkPage session={session} link={link} address={address} />, 201);
      },
      again: (refusal) => detailsPage(c, path, refusal),
    });
  });

  app.post("/actions/unlink", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const path = view.resolve("/", textIn(form, "path"));
    const back = backFrom(form, path);
    const id = textIn(form, "id");
    const link = (await view.links.list()).find((link) => link.id === id);
    const asked = link && askFirst(c, form, {
      section: "shares",
      heading: `End the link to ${plainName(path)}?`,
      text: "Its address stops working, also for downloads that run.",
      yes: "End the link",
      back,
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.links.revoke(id);
        return doneAt(c, back, "unlinked");
      },
      again: (refusal) => sharesPage(c, refusal),
    });
  });
};

/** The page of shares, also as the reply to a form of it that was refused. */
async function sharesPage(c: WebContext, alert?: Alert): Promise<Response> {
  const session = signedIn(c);
  const { view } = session;
  const withMe = await firstOf(view.sharing.sharedWithMe(), MAX_SHOWN);
  const byMe = await firstOf(view.sharing.sharedByMe(), MAX_SHOWN);
  const links = await view.links.list();
  const toast = toastOf(c);
  return await page(c, <SharesPage {...{ session, withMe, byMe, links, toast, alert }} />);
}

/** Parses the maximum of downloads; undefined for an empty field. */
function downloadsIn(text: string): number | undefined {
  if (text === "") return undefined;
  const count = parseDecimal(text);
  if (count !== undefined && count >= 1) return count;
  throw new StoreError("bad-request", "The number of downloads is to be 1 or more");
}

/** The page that a form was sent from. */
function backFrom(form: FormData, path: VirtualPath): string {
  return form.get("back") === "shares" ? "/shares" : hrefOf("details", path);
}
