/** Accounts: every page needs the permission `t`, which the vault checks. */
import { StoreError } from "../../../../storage/contract/error.ts";
import type { AccountInfo } from "../../../../storage/people/administration.ts";
import type { Register, WebContext } from "../../request/env.ts";
import { signedIn } from "../../session/session_cookie.ts";
import type { Refusal } from "../../ui/entry.ts";
import { lettersIn } from "../../ui/form.tsx";
import { page } from "../../ui/layout.tsx";
import type { WebSession } from "../../request/web_session.ts";
import { attempt, inField } from "../attempt.ts";
import { type Done, doneAt, toastOf } from "../done.ts";
import { formOf } from "../../request/form_body.ts";
import { bytesIn, endIn, newPasswordIn, textIn } from "../forms.ts";
import { AccountAdminPage, accountHref, AccountsPage } from "./accounts_page.tsx";

/** Accounts of a page. */
const PAGE_ACCOUNTS = 200;

/** Registers the routes of the administration of accounts. */
export const registerAccounts: Register = (app, services) => {
  app.get("/admin/accounts", (c) => accountsPage(c));

  app.post("/admin/accounts", async (c) => {
    const { view, origin } = signedIn(c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      fields: { exists: "name", "bad-name": "name" },
      async run() {
        const name = textIn(form, "name").trim();
        const quotaBytes = await inField("quota", () => bytesIn(form, "quota"));
        const password = await newPasswordIn(form, "password");
        await services.accounts.add(view, {
          name,
          password,
          letters: lettersIn(form),
          ...(quotaBytes !== null && { quotaBytes }),
        }, origin);
        return doneAt(c, accountHref(name), "account");
      },
      again: (refusal) => accountsPage(c, refusal),
    });
  });

  app.get("/admin/accounts/:name", (c) => accountPage(c, c.req.param("name")));

  /** A form on the page of an account, which leads back to the page. */
  const change = (
    what: string,
    done: Done,
    run: (session: WebSession, name: string, form: FormData) => Promise<unknown>,
  ) =>
    app.post(`/admin/accounts/:name/${what}`, async (c) => {
      const session = signedIn(c);
      const form = await formOf(c);
      const name = c.req.param("name");
      return await attempt(c, {
        form,
        async run() {
          await run(session, name, form);
          return doneAt(c, done === "removed" ? "/admin/accounts" : accountHref(name), done);
        },
        again: (refusal) => accountPage(c, name, refusal),
      });
    });

  change("letters", "letters", ({ view }, name, form) => {
    return inField("letter", () => view.administration.setLetters(name, lettersIn(form)));
  });
  change("quota", "quota", ({ view }, name, form) => {
    return inField("quota", () => view.administration.setQuota(name, bytesIn(form, "quota")));
  });
  change("validity", "validity", ({ view }, name, form) => {
    return inField("expires", () =>
      view.administration.setValidity(name, {
        disabled: form.get("disabled") === "yes",
        expiresMs: endIn(form, "expires"),
      }));
  });
  change("password", "reset", async ({ view, origin }, name, form) => {
    const password = await newPasswordIn(form, "password");
    await services.accounts.resetPassword(view, name, password, origin);
  });
  change("remove", "removed", async ({ view }, name, form) => {
    await inField("confirm", () => {
      if (textIn(form, "confirm").trim() === name) return;
      throw new StoreError("bad-request", `To remove the account, type its name, "${name}"`);
    });
    await view.administration.removeAccount(name, { keepFiles: form.get("keep") === "yes" });
  });
};

/** The list of accounts, also as the reply to the form for a new one that was refused. */
async function accountsPage(c: WebContext, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const accounts: AccountInfo[] = [];
  for await (const account of await session.view.administration.users(c.req.query("after"))) {
    accounts.push(account);
    if (accounts.length > PAGE_ACCOUNTS) break;
  }
  const more = accounts.length > PAGE_ACCOUNTS;
  if (more) accounts.pop();
  const next = more ? accounts.at(-1)!.name : undefined;
  const props = { session, accounts, next, toast: toastOf(c), refusal };
  return await page(c, <AccountsPage {...props} />);
}

/** The page of an account, also as the reply to a form of it that was refused. */
async function accountPage(c: WebContext, name: string, refusal?: Refusal): Promise<Response> {
  const session = signedIn(c);
  const account = await session.view.administration.user(name);
  const props = { session, account, toast: toastOf(c), refusal };
  return await page(c, <AccountAdminPage {...props} />);
}
