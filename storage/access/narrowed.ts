/** Sessions of tokens and links, which end before their account does. */
import type { Account, Catalog } from "../contract/catalog.ts";
import { clock } from "../contract/clock.ts";
import { StoreError } from "../contract/error.ts";
import { commonLetters } from "../contract/permission.ts";
import type { Principal, TokenPrincipal } from "../contract/principal.ts";
import { voidReason } from "../contract/validity.ts";
import { requireAccount } from "./published.ts";
import { sessionOver } from "./refusals.ts";
import { isLive } from "./shares.ts";

/** Throws `denied` unless the principal is an account that logged in with its password. */
export function requirePassword(principal: Principal): void {
  requireAccount(principal);
  const { token, link } = principal;
  if (token === undefined && link === undefined) return;
  throw new StoreError("denied", "A token is not enough for this: log in with the password");
}

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

/** Letters of an account as a token, or the visit of a link, leaves them. */
export function narrowedLetters(letters: string, { token, link }: Principal): string {
  if (link !== undefined) return commonLetters(letters, "r");
  if (token === undefined) return letters;
  const common = commonLetters(letters, token.letters);
  // The whole account is not administered from within one of its directories.
  return token.path === "/" ? common : common.replace("t", "");
}
