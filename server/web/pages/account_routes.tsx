/** The own account. */
import { checkedLabel } from "../../../storage/common/label.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import type { Register, WebContext } from "../request/env.ts";
import type { Refusal } from "../ui/entry.ts";
import { renewSession, signedIn } from "../session/session_cookie.ts";
import { lettersIn, termIn } from "../ui/form.tsx";
import { page } from "../ui/layout.tsx";
import { plainName } from "../ui/text.tsx";
import type { WebSession } from "../request/web_session.ts";
import { AccountPage, MadeTokenPage } from "./account_page.tsx";
import { askFirst } from "./ask_page.tsx";
import { attempt, inField } from "./attempt.ts";
import { doneAt, toastOf } from "./done.ts";
import { formOf } from "../request/form_body.ts";
import { newPasswordIn, textIn } from "./forms.ts";

/** Registers the routes of the account page. */
export const registerAccount: Register = (app, services) => {
  app.get("/account", (c) => accountPage(c));

  app.post("/account/password", async (c) => {
    const session = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      fields: { "signed-out": "old" },
      async run() {
        const passwords = { old: textIn(form, "old"), new: await newPasswordIn(form, "new") };
        await inField("again", () => {
          if (passwords.new === textIn(form, "again")) return;
          throw new StoreError("bad-request", "The new password was not typed the same twice");
        });
        await services.accounts.changePassword(session.view, passwords, session.origin);
        await renewSession(services, c);
        return doneAt(c, "/account", "password");
      },
      again: (refusal) => accountPage(c, refusal),
    });
  });

  app.post("/account/tokens", async (c) => {
    const session = signedIn(c);
    const { view } = session;
    const form = await formOf(c);
    return await attempt(c, {
      form,
      fields: { denied: "letter" },
      async run() {
        const ttlMs = await inField("hours", () => termIn(form));
        const letters = lettersIn(form);
        await inField("letter", () => {
          if (letters === "") throw new StoreError("bad-request", "Choose the token's permissions");
        });
        const path = await inField("path", () => view.resolve("/", textIn(form, "path") || "/"));
        const label = await inField("label", () => checkedLabel(textIn(form, "label")));
        const { record, secret } = await view.tokens.make({
          label,
          letters,
          path,
          ...(ttlMs !== undefined && { ttlMs }),
        });
        return page(c, <MadeTokenPage session={session} token={record} secret={secret} />, 201);
      },
      again: (refusal) => accountPage(c, refusal),
    });
  });

  app.post("/account/tokens/revoke", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const id = textIn(form, "id");
    const token = (await view.tokens.list()).find((token) => token.id === id);
    const asked = token && askFirst(c, form, {
      section: "account",
      heading: `Revoke the token ${plainName(token.label || id.slice(0, 8))}?`,
      text: "Programs that log in with it stop working, and its sessions end.",
      yes: "Revoke the token",
      back: "/account",
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.tokens.revoke(id);
        return doneAt(c, "/account", "revoked");
      },
      again: (refusal) => accountPage(c, refusal),
    });
  });

  app.post("/account/browsers/end", async (c) => {
    const { view } = signedIn(c);
    const form = await formOf(c);
    const id = textIn(form, "id");
    const browser = (await view.browsers.list()).find((browser) => browser.id === id);
    const asked = browser && askFirst(c, form, {
      section: "account",
      heading: `Sign out ${browser.agent || "the browser"} at ${browser.address}?`,
      text: "Its transfers stop. It can sign in again with the password.",
      yes: "Sign it out",
      back: "/account",
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await view.browsers.end(id);
        return doneAt(c, "/account", "signedout");
      },
      again: (refusal) => accountPage(c, refusal),
    });
  });
};

/** The page of the account, also as the reply to a form of it that was refused. */
async function accountPage(c: WebContext, refusal?: Refusal): Promise<Response> {
  const props = { ...await factsOf(signedIn(c)), toast: toastOf(c), refusal };
  return await page(c, <AccountPage {...props} />);
}

async function factsOf(session: WebSession) {
  const { view } = session;
  return {
    session,
    letters: await view.permissions.letters(),
    usage: await view.account.usage(),
    tokens: await view.tokens.list(),
    browsers: await view.browsers.list(),
  };
}
