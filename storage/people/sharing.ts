/** Sharing with others, and what is shared (docs/protocol.md, "Sharing"). */
import { clock } from "../contract/clock.ts";
import type { Access, Place } from "../access/access.ts";
import { allLetters, NO_PASSWORD } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { recheckGuests } from "../transfer/guest_uploads.ts";
import { byteLength, isWithin, MAX_PATH_BYTES, type VirtualPath } from "../contract/path.ts";
import { canonicalLetters, commonLetters } from "../contract/permission.ts";
import { groupOf } from "../contract/books/group_book.ts";
import { EVERYBODY, type ShareRecord } from "../contract/books/share_book.ts";
import { requireAccount } from "../access/published.ts";
import { isLive, liveShares, SHARED_ROOT, sharedPath } from "../access/shares.ts";
import { eachOf } from "../common/each_page.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Properties of a new share. */
export interface ShareRequest {
  path: string;
  /** An account, a group such as `@staff`, or `*` for every account. */
  guest: string;
  /** Permissions: letters of `rwcd`, at least one. */
  letters: string;
  expiresMs?: number;
}

/** A share as its owner or a guest sees it. */
export interface ShareInfo {
  owner: string;
  guest: string;
  /** In the owner's tree. */
  path: VirtualPath;
  /** As guests write it. */
  shown: VirtualPath;
  /** Less those that the owner has lost. */
  letters: string;
  expiresMs: number | null;
}

/** Shares a file or directory of the principal; sharing again replaces permissions and expiry. */
export async function share(
  core: VaultCore,
  access: Access,
  request: ShareRequest,
): Promise<ShareInfo> {
  const { guest, expiresMs = null } = request;
  const account = await access.account();
  const place = await ownPlace(access, request.path);
  if (guest === account.name) {
    throw new StoreError("bad-request", "Choose another account: you cannot share with yourself");
  }
  if (expiresMs !== null && expiresMs <= clock.now()) {
    throw new StoreError("bad-request", "The share would have expired already");
  }
  const letters = canonicalLetters(request.letters);
  const mine = await access.letters();
  const beyond = [...letters].find((letter) => !mine.includes(letter));
  if (beyond !== undefined) {
    throw new StoreError(
      "denied",
      `You cannot share the permission "${beyond}", which you do not have`,
    );
  }
  const shown = sharedPath(account.name, place.path);
  if (byteLength(shown) > MAX_PATH_BYTES) {
    throw new StoreError("bad-name", "The path would be too long for those it is shared with");
  }
  await assertGuest(core, guest);
  // Nothing is removed or renamed between the look and the note: what later gets the name is not to
  // be shared.
  const record = await core.tree.hold(place, async (found) => {
    const record: ShareRecord = {
      id: crypto.randomUUID(),
      owner: account.name,
      path: place.path,
      guest,
      letters,
      directory: found.entry.type === "directory",
      createdMs: clock.now(),
      expiresMs,
    };
    if (!await core.catalog.shares.put(record, account.generation)) throw noGuest(guest);
    return record;
  });
  await recheckGuests(core, account.name); // it may have fewer permissions than before
  return toInfo(record, allLetters(account));
}

/** Ends what is shared of one path, with one guest or with all; it need not be there any more. */
export async function unshare(
  core: VaultCore,
  access: Access,
  text: string,
  guest?: string,
): Promise<void> {
  await access.account();
  const { owner, path, shown } = await ownPlace(access, text);
  if (await core.catalog.shares.remove(owner, path, guest) > 0) {
    return await recheckGuests(core, owner); // uploads that wait for their sender end too
  }
  const whom = guest === undefined ? "any account or group" : `"${guest}"`;
  throw new StoreError("not-found", `"${shown}" is not shared with ${whom}`);
}

/** Lists the shares of others with the principal, within the subtree of its token. */
export async function* sharedWithMe(core: VaultCore, access: Access): AsyncGenerator<ShareInfo> {
  const { name } = await access.account();
  if (access.principal.published !== undefined) return; // what is shared with all is with accounts
  for await (const share of liveShares(core.catalog, name)) {
    const info = toInfo(share, share.allowed);
    if (access.reaches(info.shown)) yield info;
  }
}

/**
 * Lists the shares of the principal within the subtree of its token; with `path` those of exactly
 * that path.
 */
export async function* sharedByMe(
  core: VaultCore,
  access: Access,
  path?: VirtualPath,
): AsyncGenerator<ShareInfo> {
  const account = await access.account();
  const { name } = account;
  const letters = allLetters(account);
  const { shares } = core.catalog;
  const found = eachOf<ShareRecord>((page) =>
    path === undefined ? shares.by(name, page) : shares.at(name, path, page)
  );
  for await (const share of found) {
    if (isLive(share) && access.reaches(share.path)) yield toInfo(share, letters);
  }
}

/** A place of the principal's own: only the owner shares, and mounts have none. */
export async function ownPlace(access: Access, text: string): Promise<Place> {
  requireAccount(access.principal);
  const mount = await access.mountAt(access.confined(text));
  if (mount !== undefined) {
    throw new StoreError(
      "denied",
      `Nothing in the mount "${mount.name}" can be shared or linked: who sees it is decided by the ` +
        "administrator who mounts it",
    );
  }
  if (isWithin(access.confined(text), SHARED_ROOT)) {
    throw new StoreError("denied", "Only its owner can share a file or directory, or end that");
  }
  return await access.place(text, "");
}

function toInfo({ owner, guest, path, letters, expiresMs }: ShareRecord, still: string): ShareInfo {
  const shown = sharedPath(owner, path);
  return { owner, guest, path, shown, letters: commonLetters(letters, still), expiresMs };
}

async function assertGuest({ catalog }: VaultCore, guest: string): Promise<void> {
  if (guest === EVERYBODY) return;
  const group = groupOf(guest);
  if (group !== undefined) {
    if (await catalog.groups.get(group) === undefined) throw noGuest(guest);
    return;
  }
  const account = await catalog.account(guest);
  if (account === undefined || account.passwordHash === NO_PASSWORD) throw noGuest(guest);
}

function noGuest(guest: string): StoreError {
  const kind = groupOf(guest) === undefined ? "account" : "group";
  return new StoreError("not-found", `There is no ${kind} "${guest}"`);
}
