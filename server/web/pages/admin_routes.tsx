/** Administration: every page needs the letter t, which the vault asks for. */
import type { AccountInfo } from "../../../storage/people/administration.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { parseDecimal } from "../../../common/decimal.ts";
import { LOG_LEVELS, type LogLevel, type LogQuery } from "../../door/door.ts";
import type { Register, WebContext } from "../env.ts";
import { signedIn } from "../session_cookie.ts";
import { lettersIn } from "../ui/form.tsx";
import { page } from "../ui/layout.tsx";
import { AccountAdminPage, accountHref, AccountsPage } from "./admin_accounts_page.tsx";
import { HealthPage, LogsPage, SessionsPage, UploadsPage } from "./admin_pages.tsx";
import { doneAt, toastOf } from "./done.ts";
import { bytesIn, formOf, textIn } from "./forms.ts";

/** Accounts of a page. */
const PAGE_ACCOUNTS = 200;
const MAX_LINES = 5000;
/** Maximum number of unfinished uploads on a page: those touched latest. */
const MAX_UPLOADS = 500;

export const registerAdmin: Register = (app, services) => {
  app.get("/admin", (c) => c.redirect("/admin/sessions", 303));

  app.get("/admin/sessions", async (c) => {
    const session = signedIn(c);
    const sessions = await session.view.administration.who();
    return page(c, <SessionsPage {...{ session, sessions, toast: toastOf(c) }} />);
  });
  app.post("/admin/sessions/kick", async (c) => {
    const { view } = signedIn(c);
    await view.administration.kick(textIn(await formOf(c), "id"));
    return doneAt(c, "/admin/sessions", "kicked");
  });

  app.get("/admin/uploads", async (c) => {
    const session = signedIn(c);
    const uploads = await session.view.administration.uploads(MAX_UPLOADS);
    return page(c, <UploadsPage {...{ session, uploads, toast: toastOf(c) }} />);
  });
  app.post("/admin/uploads/drop", async (c) => {
    const { view } = signedIn(c);
    await view.administration.dropUpload(textIn(await formOf(c), "id"));
    return doneAt(c, "/admin/uploads", "dropped");
  });

  app.get("/admin/logs", async (c) => {
    const session = signedIn(c);
    await session.view.administration.require("logs");
    const query = queryOf(c);
    const lines = await services.logs.tail(query);
    const { name, level, contains } = query;
    const parameters = { name, level, contains, lines: String(query.lines) };
    return page(c, <LogsPage {...{ session, query, lines, parameters }} />);
  });

  app.get("/admin/health", async (c) => {
    const session = signedIn(c);
    const { administration } = session.view;
    const totals = await administration.totals();
    const { serverInfo: server, vault: { recovery } } = services;
    return page(c, <HealthPage {...{ session, server, totals, recovery }} />);
  });

  app.get("/admin/accounts", async (c) => {
    const session = signedIn(c);
    const accounts: AccountInfo[] = [];
    for await (const account of await session.view.administration.users(c.req.query("after"))) {
      accounts.push(account);
      if (accounts.length > PAGE_ACCOUNTS) break;
    }
    const more = accounts.length > PAGE_ACCOUNTS;
    if (more) accounts.pop();
    const next = more ? accounts.at(-1)!.name : undefined;
    return page(c, <AccountsPage {...{ session, accounts, next, toast: toastOf(c) }} />);
  });

  app.post("/admin/accounts", async (c) => {
    const { view, origin } = signedIn(c);
    const form = await formOf(c);
    const name = textIn(form, "name").trim();
    const quotaBytes = bytesIn(form, "quota");
    await services.accounts.add(view, {
      name,
      password: textIn(form, "password"),
      letters: lettersIn(form),
      ...(quotaBytes !== null && { quotaBytes }),
    }, origin);
    return doneAt(c, accountHref(name), "account");
  });

  app.get("/admin/accounts/:name", async (c) => {
    const session = signedIn(c);
    const account = await session.view.administration.user(c.req.param("name"));
    return page(c, <AccountAdminPage {...{ session, account, toast: toastOf(c) }} />);
  });

  app.post("/admin/accounts/:name/letters", async (c) => {
    const { view } = signedIn(c);
    const name = c.req.param("name");
    await view.administration.setLetters(name, lettersIn(await formOf(c)));
    return doneAt(c, accountHref(name), "letters");
  });

  app.post("/admin/accounts/:name/quota", async (c) => {
    const { view } = signedIn(c);
    const name = c.req.param("name");
    await view.administration.setQuota(name, bytesIn(await formOf(c), "quota"));
    return doneAt(c, accountHref(name), "quota");
  });

  app.post("/admin/accounts/:name/password", async (c) => {
    const { view, origin } = signedIn(c);
    const name = c.req.param("name");
    const password = textIn(await formOf(c), "password");
    await services.accounts.resetPassword(view, name, password, origin);
    return doneAt(c, accountHref(name), "reset");
  });

  app.post("/admin/accounts/:name/remove", async (c) => {
    const { view } = signedIn(c);
    const name = c.req.param("name");
    const form = await formOf(c);
    if (textIn(form, "confirm").trim() !== name) {
      throw new StoreError("bad-request", `To remove the account, type its name, "${name}"`);
    }
    const keepFiles = form.get("keep") === "yes";
    await view.administration.removeAccount(name, { keepFiles });
    return doneAt(c, "/admin/accounts", "removed");
  });
};

function queryOf(c: WebContext): LogQuery {
  const [name, level] = [c.req.query("name"), c.req.query("level") as LogLevel];
  const lines = parseDecimal(c.req.query("lines") ?? "") ?? 200;
  const contains = c.req.query("contains") ?? "";
  return {
    name: name === "server" || name === "web" ? name : "audit",
    lines: Math.min(Math.max(lines, 1), MAX_LINES),
    ...(LOG_LEVELS.includes(level) && { level }),
    ...(contains !== "" && { contains }),
  };
}
