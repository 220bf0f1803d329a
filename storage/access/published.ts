/** Sessions without an account, which read what the operator publishes. */
import { type Account, allLetters, type Catalog, NO_PASSWORD } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { mountAt, pathInMount } from "../contract/mount.ts";
import type { VirtualPath } from "../contract/path.ts";
import { commonLetters } from "../contract/permission.ts";
import { ANONYMOUS, type Principal, type Published } from "../contract/principal.ts";
import { voidReason } from "../contract/validity.ts";

/**
 * The account that such a session has: it is kept nowhere, and may read while the owner may.
 *
 * @throws {StoreError} `session-over` where the owner is not there, or may not be used
 */
export async function publishedAccount(
  catalog: Catalog,
  { owner: name }: Published,
): Promise<Account> {
  const owner = await catalog.account(name);
  if (owner === undefined || voidReason(owner) !== undefined) {
    throw new StoreError("session-over", "The session has ended: nothing is published any more");
  }
  return {
    name: ANONYMOUS,
    passwordHash: NO_PASSWORD,
    letters: commonLetters(allLetters(owner), "r"),
    quotaBytes: null,
    createdMs: 0,
    lastLoginMs: null,
    generation: 0,
    disabled: false,
    expiresMs: null,
    groups: [],
  };
}

/** Throws `denied` to a session without an account. */
export function requireAccount({ published }: Principal): void {
  if (published === undefined) return;
  throw new StoreError("denied", "This needs an account: log in");
}

/** What is published to a principal, in the tree that has it: the owner's own, or a mount's. */
export async function publishedRoot(
  catalog: Catalog,
  { published }: Principal,
): Promise<Published | undefined> {
  if (published === undefined) return undefined;
  const owner = catalog.mounts && await catalog.account(published.owner);
  const mount = owner && mountAt(await catalog.mounts!.of(owner), published.path);
  if (mount === undefined) return published;
  return { owner: mount.owner, path: pathInMount(mount, published.path) };
}

/**
 * The place of a path in a principal's own tree, or in what is published to it.
 *
 * @param published what {@linkcode publishedRoot} found
 */
export function ownPlace(account: string, shown: VirtualPath, published?: Published) {
  if (published === undefined) return { owner: account, path: shown, shown, account };
  const { owner, path: root } = published;
  const path = root === "/" ? shown : shown === "/" ? root : root + shown;
  return { owner, path, shown, account };
}

/** An error as such a session is to read it, with paths as it writes them. */
export function asPublished({ path: root }: Published, error: unknown): unknown {
  if (root === "/" || !(error instanceof StoreError)) return error;
  const message = error.message.replaceAll(`"${root}/`, '"/').replaceAll(`"${root}"`, '"/"');
  return new StoreError(error.kind, message, error.details, { cause: error.cause ?? error });
}
