/** The session's cookie (OWASP, "Session Management"), and its session. */
import { derivedSecret } from "../../../common/secrets.ts";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { MiddlewareHandler } from "hono";
import type { Account } from "../../../storage/contract/catalog.ts";
import type { WebContext, WebEnv, WebServices } from "../request/env.ts";
import { anonymousSession, isPublishedPage } from "./anonymous_session.ts";
import { agentOf } from "./agent.ts";
import { WebError } from "../request/failure.ts";
import { countForAccount } from "../request/request_limits.ts";
import type { WebSession } from "../request/web_session.ts";

const NAME = "towpath";
/** Header of requests that a page makes by itself, to follow what happens. */
const FOLLOWING_HEADER = "x-following";

/**
 * `__Host-`: of this host alone, by HTTPS alone, for all paths. Below a base path other programs
 * share the host: the cookie is not sent to them, which `__Host-` does not permit.
 */
function optionsOf(c: WebContext) {
  const { basePath } = c.var;
  const place = basePath === ""
    ? { prefix: "host", path: "/" } as const
    : { prefix: "secure", path: basePath } as const;
  return { ...place, secure: true, httpOnly: true, sameSite: "Strict" } as const;
}

/** The secret of the session that a request shows. */
function shownSecret(c: WebContext): string | undefined {
  return getCookie(c, NAME, optionsOf(c).prefix);
}

/** Finds the session of each request that shows a cookie. */
export function cookieSession(services: WebServices): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const secret = shownSecret(c);
    const session = secret === undefined ? undefined : await findSession(services, c, secret);
    if (session === undefined && isPublishedPage(c)) {
      c.set("session", await anonymousSession(services, c));
      return await next();
    }
    if (session !== undefined) await countForAccount(services, c, session.account);
    c.set("session", session);
    await next();
  };
}

async function findSession(
  { vault, sessions, limits }: WebServices,
  c: WebContext,
  secret: string,
): Promise<WebSession | undefined> {
  const record = await vault.webSessions.find(
    secret,
    c.req.header(FOLLOWING_HEADER) === undefined,
  );
  if (record === undefined) return undefined;
  const { id, account, generation, agent } = record;
  if (!limits.mayLogIn(account, c.env.address, "web")) return undefined;
  c.env.setIdentified?.(true);
  const live = sessions.find(id, generation) ?? sessions.enter(id, {
    account,
    generation,
    door: "web",
    sessionId: id,
    address: c.env.address,
    agent,
  }, {
    ended: () => void vault.webSessions.end(id).catch(() => {}),
    // A long transfer is one request: its session is in use all the while.
    used: () => void vault.webSessions.keep(id).catch(() => {}),
  });
  return { ...live, csrfToken: csrfTokenOf(secret) };
}

/** Derives the token of a session's forms; it discloses nothing about the secret. */
function csrfTokenOf(secret: string): string {
  return derivedSecret(secret, "csrf");
}

/** Begins a session for an account that has just logged in; one that was shown before ends. */
export async function beginSession(
  services: WebServices,
  c: WebContext,
  account: Account,
  sessionId: string,
): Promise<void> {
  await endSession(services, c);
  const { vault } = services;
  const { secret } = await vault.webSessions.begin(
    account,
    sessionId,
    c.env.address,
    agentOf((name) => c.req.header(name)),
  );
  setCookie(c, NAME, secret, optionsOf(c));
}

/** Ends the session that the request shows, where it does. */
export async function endSession({ vault, sessions }: WebServices, c: WebContext): Promise<void> {
  const secret = shownSecret(c);
  if (secret === undefined) return;
  const record = await vault.webSessions.find(secret);
  if (record !== undefined) {
    await vault.webSessions.end(record.id);
    sessions.forget(record.id);
  }
  deleteCookie(c, NAME, optionsOf(c));
  c.set("session", undefined);
}

/** Gives the session another secret, after its account's password was changed in it. */
export async function renewSession({ vault }: WebServices, c: WebContext): Promise<void> {
  const { id, view } = signedIn(c);
  const secret = await vault.webSessions.renew(id, view.principal.generation);
  setCookie(c, NAME, secret, optionsOf(c));
}

/** The session of a request that needs one: who is signed out is sent to sign in. */
export function signedIn(c: WebContext): WebSession {
  if (c.var.session !== undefined) return c.var.session;
  throw new WebError(401, "signed-out", "Sign in first");
}
