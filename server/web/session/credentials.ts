/** Authenticates a program's request: a token, a name and password, or the session of a script. */
import type { Entrance } from "../../../common/entrances.ts";
import type { Principal } from "../../../storage/contract/principal.ts";
import { anonymousSession } from "./anonymous_session.ts";
import type { Origin } from "../../auth/origin.ts";
import type { WebContext, WebServices } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { entranceOf } from "../request/entrance.ts";
import { countForAccount } from "../request/request_limits.ts";
import type { WebSession } from "../request/web_session.ts";

/**
 * The session of a request to `/api` or `/tus`. Requests of the API, or of tus, with one
 * credential from one address are one session while they follow each other.
 *
 * @throws {WebError} 401; {AuthError}
 */
export async function authenticate(services: WebServices, c: WebContext): Promise<WebSession> {
  const session = await sessionOf(services, c);
  // A cookie's session was counted when it was found, and so was one without an account.
  const isCounted = session === c.var.session || session.view.principal.published !== undefined;
  if (!isCounted) await countForAccount(services, c, session.account);
  c.set("session", session); // for the log
  c.env.setIdentified?.(true);
  return session;
}

async function sessionOf(services: WebServices, c: WebContext): Promise<WebSession> {
  const header = c.req.header("authorization");
  if (header !== undefined) {
    const [, scheme, value] = /^([A-Za-z]+) +([!-~]+)$/.exec(header) ?? [];
    if (scheme?.toLowerCase() === "bearer") return await byToken(services, c, value!);
    if (scheme?.toLowerCase() === "basic") return await byPassword(services, c, value!);
    throw await unreadable(services, c);
  }
  if (c.var.session !== undefined) return c.var.session;
  const anonymous = c.req.path.startsWith("/api/")
    ? await anonymousSession(services, c)
    : undefined;
  if (anonymous !== undefined) return anonymous;
  throw unauthorized(c, "Log in with a token, or with name and password");
}

/** 401, with how to do better (RFC 9110, section 11.6.1). */
function unauthorized(c: WebContext, message: string): WebError {
  // A script of ours is to show its own form: a browser would open a dialogue for "Basic".
  const byScript = c.req.header("sec-fetch-mode") !== undefined &&
    c.req.header("sec-fetch-mode") !== "navigate";
  const bearer = 'Bearer realm="Towpath"';
  const challenge = byScript ? bearer : `${bearer}, Basic realm="Towpath", charset="UTF-8"`;
  return new WebError(401, "signed-out", message, { "www-authenticate": challenge });
}

async function byToken(
  { vault, authenticator, sessions, limits }: WebServices,
  c: WebContext,
  secret: string,
): Promise<WebSession> {
  const found = await vault.openToken(secret);
  const origin = newOrigin(c);
  const { entrance } = origin;
  const key = `${entrance} token ${found?.token.id} ${c.env.address}`;
  const live = found && limits.mayLogIn(found.account.name, c.env.address, entrance) &&
    sessions.find(key, found.account.generation);
  if (live) return live;
  const { account, token } = await authenticator.loginWithToken(secret, origin)
    .catch((error) => Promise.reject(challenged(c, error)));
  // Another request may have been quicker: one credential from one address is one session.
  return sessions.find(key, account.generation) ??
    sessions.enter(key, { ...principalAt(origin, account), token });
}

async function byPassword(
  services: WebServices,
  c: WebContext,
  encoded: string,
): Promise<WebSession> {
  const { authenticator, sessions } = services;
  const decoded = decodeBasic(encoded);
  if (decoded === undefined) throw await unreadable(services, c);
  const [username, password] = decoded;
  const origin = newOrigin(c);
  const key = `${origin.entrance} basic ${username} ${c.env.address}`;
  // Checked for each request, but logged as a login only where a session begins.
  const known = sessions.has(key);
  const account =
    await (known
      ? authenticator.confirm(username, password, origin)
      : authenticator.login(username, password, origin))
      .catch((error) => Promise.reject(challenged(c, error)));
  return sessions.find(key, account.generation) ??
    sessions.enter(key, principalAt(origin, account));
}

function principalAt(
  origin: Origin,
  { name, generation }: { name: string; generation: number },
): Principal {
  return { account: name, generation, ...origin };
}

function newOrigin(c: WebContext): Origin & { readonly entrance: Entrance } {
  return {
    address: c.env.address,
    door: "web",
    entrance: entranceOf(c),
    sessionId: crypto.randomUUID(),
  };
}

/** Logs a login with invalid credentials. @returns the error to throw */
async function unreadable({ authenticator }: WebServices, c: WebContext): Promise<WebError> {
  await authenticator.unreadable(newOrigin(c));
  return unauthorized(c, "The credentials are not understood: use a token, or name and password");
}

/** Name and password (RFC 7617); undefined where the text is none. */
function decodeBasic(encoded: string): [string, string] | undefined {
  try {
    const bytes = Uint8Array.fromBase64(encoded);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const colon = text.indexOf(":");
    return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
  } catch {
    return undefined;
  }
}

/** A refused login says how to log in. */
function challenged(c: WebContext, error: unknown): unknown {
  const failed = error instanceof Error && "kind" in error && error.kind === "failed";
  return failed ? unauthorized(c, error.message) : error;
}
