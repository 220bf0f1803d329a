/** Sessions of tokens and links, which end before their account does. */
import type { Account, Catalog } from "../contract/catalog.ts";
import { clock } from "../contract/clock.ts";
import type { TokenPrincipal } from "../contract/principal.ts";
import { voidReason } from "../contract/validity.ts";
import { sessionOver } from "./refusals.ts";
import { isLive } from "./shares.ts";

/** Throws `session-over` once a token has expired or was revoked. */
export async function assertToken(
  catalog: Catalog,
  { id, expiresMs }: TokenPrincipal,
): Promise<void> {
  if (expiresMs !== null && expiresMs <= clock.now()) throw sessionOver("its token has expired");
  if (await catalog.tokens.get(id) === undefined) throw sessionOver("its token was revoked");
}

/**
 * The owner of a link; `session-over` once it has ended. A change of the owner's password ends none.
 */
export async function visitedOwner(
  catalog: Catalog,
  owner: Account | undefined,
  id: string,
): Promise<Account> {
  const link = await catalog.links.get(id);
  const isUsable = owner !== undefined && voidReason(owner) === undefined;
  if (isUsable && link !== undefined && isLive(link)) return owner;
  throw sessionOver("the link is not valid any more");
}
