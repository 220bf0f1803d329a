/** Sessions without an account, which read what the operator publishes, and need no cookie. */
import type { Origin } from "../../auth/origin.ts";
import { AuthError } from "../../auth/authenticator.ts";
import { ANONYMOUS } from "../../../storage/contract/principal.ts";
import type { WebContext, WebServices } from "../request/env.ts";
import { entranceOf } from "../request/entrance.ts";
import { countForAccount } from "../request/request_limits.ts";
import type { WebSession } from "../request/web_session.ts";

/** Whether a request is one that reads. */
function isReading(c: WebContext): boolean {
  return c.req.method === "GET" || c.req.method === "HEAD";
}

/** Whether a request is for a page that shows what is published; all others are of accounts. */
export function isPublishedPage(c: WebContext): boolean {
  return isReading(c) && /^\/($|(files|details|raw|zip|why)(\/|$))/.test(c.req.path);
}

/**
 * The session of a request without credentials that reads; those from one address are one session
 * while they follow each other. Undefined where nothing is published to it.
 */
export async function anonymousSession(
  services: WebServices,
  c: WebContext,
): Promise<WebSession | undefined> {
  const { authenticator: { anonymous }, sessions, limits } = services;
  if (!anonymous.isOn || !isReading(c)) return undefined;
  const { address } = c.env;
  const entrance = entranceOf(c);
  if (!limits.mayLogIn(ANONYMOUS, address, entrance)) return undefined;
  const key = `${entrance} anonymous ${address}`;
  const session = sessions.find(key, 0) ?? await begin(services, key, { address, entrance });
  if (session === undefined) return undefined;
  await countForAccount(services, c, session.account);
  c.env.setIdentified?.(true);
  return session;
}

async function begin(
  { authenticator: { anonymous }, sessions }: WebServices,
  key: string,
  from: Pick<Origin, "address" | "entrance">,
): Promise<WebSession | undefined> {
  const origin: Origin = { ...from, door: "web", sessionId: crypto.randomUUID() };
  try {
    const { account: { name, generation }, published } = await anonymous.enter(origin);
    // Another request may have been quicker.
    return sessions.find(key, generation) ??
      sessions.enter(key, { account: name, generation, ...origin, published });
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}
