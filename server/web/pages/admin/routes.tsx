/** Administration: every page needs the permission t, which the vault checks. */
import { parseDecimal } from "../../../../common/decimal.ts";
import { LOG_LEVELS, LOG_NAMES, type LogLevel } from "../../../../common/log_names.ts";
import type { LogQuery } from "../../../door/door.ts";
import { sharedStateInfo } from "../../../door/shared_state_info.ts";
import { allTroubles } from "../../../door/troubles.ts";
import type { Register, WebContext } from "../../request/env.ts";
import { signedIn } from "../../session/session_cookie.ts";
import { type Alert, page } from "../../ui/layout.tsx";
import { HealthPage } from "./health_page.tsx";
import { LogsPage, SessionsPage, UploadsPage } from "./pages.tsx";
import { doneAt, toastOf } from "../done.ts";
import { askFirst } from "../ask_page.tsx";
import { attempt } from "../attempt.ts";
import { formOf } from "../../request/form_body.ts";
import { textIn } from "../forms.ts";
import { formatSize } from "../../../../common/size.ts";
import { plainName } from "../../ui/text.tsx";
import { registerAccounts } from "./accounts_routes.tsx";
import { registerGroups } from "./groups_routes.tsx";
import { registerLimits } from "./limits_routes.tsx";
import { registerMounts } from "./mounts_routes.tsx";

const MAX_LINES = 5000;
/** Maximum number of unfinished uploads on a page: those touched latest. */
const MAX_UPLOADS = 500;

/** Registers the routes of administration. */
export const registerAdmin: Register = (app, services) => {
  registerAccounts(app, services);
  registerGroups(app, services);
  registerLimits(app, services);
  registerMounts(app, services);
  app.get("/admin", (c) => c.redirect("/admin/sessions", 303));

  app.get("/admin/sessions", (c) => sessionsPage(c));
  app.post("/admin/sessions/kick", async (c) => {
    const { view: { administration } } = signedIn(c);
    const form = await formOf(c);
    const id = textIn(form, "id");
    const session = (await administration.who()).find(({ sessionId }) => sessionId === id);
    const asked = session && askFirst(c, form, {
      section: "admin",
      heading: `End the session of ${session.account}?`,
      text: "Its transfers stop; unfinished uploads can be resumed. It can log in again.",
      yes: "End the session",
      back: "/admin/sessions",
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await administration.kick(id);
        return doneAt(c, "/admin/sessions", "kicked");
      },
      again: (refusal) => sessionsPage(c, refusal),
    });
  });

  app.get("/admin/uploads", (c) => uploadsPage(c));
  app.post("/admin/uploads/drop", async (c) => {
    const { view: { administration } } = signedIn(c);
    const form = await formOf(c);
    const id = textIn(form, "id");
    const uploads = await administration.uploads(MAX_UPLOADS);
    const upload = uploads.find(({ record }) => record.id === id);
    const asked = upload && askFirst(c, form, {
      section: "admin",
      heading: `Drop the upload of ${plainName(upload.record.shownPath)}?`,
      text: `${
        formatSize(upload.offset)
      } that were received from ${upload.record.account} are lost.`,
      yes: "Drop the upload",
      back: "/admin/uploads",
    });
    return asked ?? await attempt(c, {
      form,
      async run() {
        await administration.dropUpload(id);
        return doneAt(c, "/admin/uploads", "dropped");
      },
      again: (refusal) => uploadsPage(c, refusal),
    });
  });

  app.get("/admin/logs", async (c) => {
    const session = signedIn(c);
    await session.view.administration.require("logs");
    const query = queryOf(c);
    const lines = await services.logs.tail(query);
    const { name, level, contains, account } = query;
    const parameters = { name, level, account, contains, lines: String(query.lines) };
    return page(c, <LogsPage {...{ session, query, lines, parameters }} />);
  });

  app.get("/admin/logs/download", async (c) => {
    const session = signedIn(c);
    const query = queryOf(c);
    await session.view.administration.require("logs", query.name);
    const lines = await services.logs.tail({ ...query, lines: MAX_LINES });
    return c.text(lines.map((line) => `${line}\n`).join(""), 200, {
      "content-disposition": `attachment; filename="${query.name}.log"`,
    });
  });

  app.get("/admin/health", async (c) => {
    const session = signedIn(c);
    const { administration } = session.view;
    const totals = await administration.totals();
    const sessions = (await administration.who()).length;
    const { serverInfo: server, vault } = services;
    const { recovery } = vault;
    const disk = await vault.space();
    const troubles = await allTroubles(services);
    const uptimeMs = services.uptimeMs?.();
    const certificateEndMs = services.certificateEndMs?.();
    const shared = sharedStateInfo(await vault.shared());
    const now = { totals, sessions, troubles, disk, shared, uptimeMs, certificateEndMs };
    return page(c, <HealthPage {...{ session, server, recovery, ...now }} />);
  });
};

/** The page of sessions, also as the reply to a form of it that was refused. */
async function sessionsPage(c: WebContext, alert?: Alert): Promise<Response> {
  const session = signedIn(c);
  const sessions = await session.view.administration.who();
  return await page(c, <SessionsPage {...{ session, sessions, toast: toastOf(c), alert }} />);
}

async function uploadsPage(c: WebContext, alert?: Alert): Promise<Response> {
  const session = signedIn(c);
  const uploads = await session.view.administration.uploads(MAX_UPLOADS);
  return await page(c, <UploadsPage {...{ session, uploads, toast: toastOf(c), alert }} />);
}

function queryOf(c: WebContext): LogQuery {
  const [name, level] = [c.req.query("name"), c.req.query("level") as LogLevel];
  const lines = parseDecimal(c.req.query("lines") ?? "") ?? 200;
  const contains = c.req.query("contains") ?? "";
  const account = c.req.query("account")?.trim() ?? "";
  return {
    name: LOG_NAMES.find((one) => one === name) ?? "audit",
    lines: Math.min(Math.max(lines, 1), MAX_LINES),
    ...(LOG_LEVELS.includes(level) && { level }),
    ...(contains !== "" && { contains }),
    ...(account !== "" && { account }),
  };
}
