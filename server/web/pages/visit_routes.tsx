/** Public links: no session is needed, the address has the secret. */
import { getCookie, setCookie } from "hono/cookie";
import type { LinkVisit } from "../../../storage/people/link_visit.ts";
import { nameOf, resolvePath } from "../../../storage/contract/path.ts";
import { contentResponse } from "../request/content.ts";
import { hrefOut } from "../request/base_path.ts";
import type { Register, WebContext, WebServices } from "../request/env.ts";
import { decodedPath } from "../ui/href.ts";
import { page } from "../ui/layout.tsx";
import { zipStream } from "../zip/archive.ts";
import { archiveName } from "../zip/names.ts";
import { contentHeaders, zipResponse } from "./content_routes.ts";
import { attempt, inField } from "./attempt.ts";
import { formOf } from "../request/form_body.ts";
import { textIn } from "./forms.ts";
import { LockedPage, VisitedDirectoryPage, VisitedFilePage } from "./visit_page.tsx";

/** Says that the link's password was right. */
const PASS = "towpath-pass";
/** Says that a download was counted. */
const TICKET = "towpath-ticket";
/** Sent along also where a link on another site leads here: it opens nothing but what the link does. */
const COOKIE = { prefix: "secure", secure: true, httpOnly: true, sameSite: "Lax" } as const;
/** Entries of a page. */
const PAGE_ENTRIES = 500;

/** Registers the routes of public links. */
export const registerVisits: Register = (app, services) => {
  app.get("/s/:secret", (c) => show(services, c));
  app.get("/s/:secret/in/*", (c) => show(services, c));

  app.post("/s/:secret/unlock", async (c) => {
    const { visit, base, origin } = await visitOf(services, c);
    const form = await formOf(c);
    return await attempt(c, {
      form,
      name: `${base}/unlock`,
      run: () =>
        inField("password", async () => {
          if (visit.locked !== undefined) {
            const link = { id: visit.id, passwordHash: visit.locked };
            await services.authenticator.confirmLink(link, textIn(form, "password"), origin);
            setCookie(c, PASS, visit.unlock(), { ...COOKIE, path: hrefOut(c, base) });
          }
          return c.redirect(base, 303);
        }),
      again: (refusal) => page(c, <LockedPage {...{ session: c.var.session, base, refusal }} />),
    });
  });

  app.get("/s/:secret/raw", (c) => send(services, c));
  app.get("/s/:secret/raw/*", (c) => send(services, c));

  app.get("/s/:secret/zip/*", async (c) => {
    const { visit, base, path } = await visitOf(services, c);
    if (visit.locked !== undefined) return c.redirect(base, 303);
    const { mtimeMs } = await visit.describe(path);
    await visit.list(path, { limit: 1 }); // refuses a file
    const name = path === "/" ? `${visit.facts.name}.zip` : archiveName(path);
    if (c.req.raw.method === "HEAD") return zipResponse(name, new ReadableStream());
    const root = { path, name: "", directory: true, mtimeMs };
    const tree = await visit.wholeTree();
    return zipResponse(name, zipStream(tree, [root], flowOf(services, visit, c.env.address)));
  });
};

async function show(services: WebServices, c: WebContext): Promise<Response> {
  const { visit, base, path } = await visitOf(services, c);
  const { session } = c.var;
  if (visit.locked !== undefined) {
    return await page(c, <LockedPage session={session} base={base} />);
  }
  const { facts } = visit;
  const info = await visit.describe(path);
  if (info.type === "file") {
    return await page(c, <VisitedFilePage {...{ session, base, facts, info }} />);
  }
  const cursor = c.req.query("cursor");
  const listing = await visit.list(path, { limit: PAGE_ENTRIES, ...(cursor && { cursor }) });
  return await page(c, <VisitedDirectoryPage {...{ session, base, facts, path, listing }} />);
}

async function send(services: WebServices, c: WebContext): Promise<Response> {
  const { visit, base, path } = await visitOf(services, c);
  if (visit.locked !== undefined) return c.redirect(base, 303);
  const shown = getCookie(c, TICKET, "secure");
  let given: string | undefined;
  const flow = flowOf(services, visit, c.env.address);
  try {
    const response = await contentResponse(c.req.raw, {
      facts: async () => {
        const { size, mtimeMs, hash } = await visit.describe(path);
        return { size, mtimeMs, hash: hash ?? "" };
      },
      open: async (hash, offset) => {
        const { download, ticket } = await visit.download(path, { hash, offset, ticket: shown });
        given = ticket;
        return download;
      },
    }, { headers: contentHeaders(nameOf(path) || visit.facts.name, false), ...flow });
    if (given === undefined) flow.ended(); // nothing but headers is sent
    else setCookie(c, TICKET, given, { ...COOKIE, path: hrefOut(c, ticketPath(c, base)) });
    for (const cookie of c.res.headers.getSetCookie()) {
      response.headers.append("set-cookie", cookie);
    }
    return response;
  } catch (error) {
    flow.ended();
    throw error;
  }
}

/** Each file has a ticket of its own; but no cookie's path can have a semicolon. */
function ticketPath(c: WebContext, base: string): string {
  const { pathname } = new URL(c.req.url);
  return pathname.includes(";") ? `${base}/raw` : pathname;
}

/** The visit that a request is part of. */
async function visitOf(services: WebServices, c: WebContext) {
  const secret = c.req.param("secret") ?? "";
  const base = `/s/${encodeURIComponent(secret)}`;
  const { address } = c.env;
  const sessionId = crypto.randomUUID();
  const pass = getCookie(c, PASS, "secure");
  const visit = await services.vault.visit(secret, { address, sessionId }, pass);
  c.env.setIdentified?.(true);
  // The part after the link and the action's name.
  const rest = /^\/s\/[^/]+\/(?:in|raw|zip)(\/.*)$/.exec(new URL(c.req.url).pathname)?.[1];
  const path = resolvePath("/", rest === undefined ? "/" : decodedPath(rest));
  const origin = { address, sessionId, door: "web" } as const;
  return { visit, base, path, origin };
}

/** How fast, and until when, bytes are sent to a visitor: the owner's account pays for them. */
function flowOf({ rate }: WebServices, visit: LinkVisit, address: string) {
  const controller = new AbortController();
  const ended = visit.attend((why) => controller.abort(why));
  const mover = { account: visit.facts.owner, address };
  const { signal } = controller;
  const pace = (bytes: number) => rate.take(mover, "down", bytes, () => signal.aborted);
  return { signal, pace, pieceBytes: () => rate.pieceBytes(mover, "down"), ended };
}
