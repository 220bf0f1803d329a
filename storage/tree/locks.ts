/** Locks that accounts take on paths (docs/protocol.md, "Locks"). */
import { formatDuration } from "../../common/duration.ts";
import { CONTROL } from "../../common/printable.ts";
import type { Access, Place } from "../access/access.ts";
import { foreignPath } from "../access/mounts.ts";
import { SHARED_ROOT } from "../access/shares.ts";
import { eachOf } from "../common/each_page.ts";
import { lockedError } from "../common/locked.ts";
import { retryUntil } from "../common/retry.ts";
import type { LockRecord } from "../contract/books/lock_book.ts";
import type { Catalog } from "../contract/catalog.ts";
import { clock } from "../contract/clock.ts";
import { StoreError } from "../contract/error.ts";
import { isWithin, type VirtualPath } from "../contract/path.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** How long a lock lasts where its account names no time, ms. */
const DEFAULT_LOCK_MS = 15 * 60_000;
/** Longest time of a lock, ms. */
const MAX_LOCK_MS = 24 * 3600_000;
/** Most locks of an account. */
const MAX_LOCKS = 1000;
/** Most characters of a note. */
const MAX_NOTE = 200;

/** A lock that is wanted. */
export interface LockRequest {
  readonly path: string;
  /** How long, ms, from now on. @default 15 minutes */
  readonly lastsMs?: number | undefined;
  /** A sentence for others. @default "" */
  readonly note?: string | undefined;
}

/** A lock as a session sees it. */
export interface LockInfo {
  /** As the session writes it. */
  readonly path: VirtualPath;
  readonly owner: string;
  /** The account that holds it. */
  readonly by: string;
  readonly note: string;
  readonly createdMs: number;
  readonly untilMs: number;
  /** Whether the session's account holds it. */
  readonly mine: boolean;
}

/** Takes a lock, or renews the account's own. @throws {StoreError} `locked`, `denied`, `quota` */
export async function lock(
  core: VaultCore,
  access: Access,
  { path: text, lastsMs = DEFAULT_LOCK_MS, note = "" }: LockRequest,
): Promise<LockInfo> {
  const place = await access.target(text, "w");
  const createdMs = clock.now();
  const record: LockRecord = {
    owner: place.owner,
    path: place.path,
    account: access.principal.account,
    note: checkedNote(note),
    createdMs,
    expiresMs: createdMs + checkedTime(lastsMs),
  };
  const answer = await retryUntil(async () => {
    const answer = await core.catalog.locks.take(record, MAX_LOCKS);
    return answer.state === "busy" ? undefined : answer;
  });
  switch (answer?.state) {
    case "taken":
      await assertStillShared(core, access, place);
      return toInfo(record, place.shown, record.account);
    case "locked":
      throw lockedError(place.shown, place.path, answer.lock);
    case "too-many":
      throw new StoreError("quota", `An account holds at most ${MAX_LOCKS} locks: end some`);
    case "unknown":
      throw new StoreError("session-over", "The session has ended: its account was removed");
    default:
      throw new StoreError("io", `"${place.shown}" is being changed by others; try again`);
  }
}

/** Ends a lock that was just taken where the share has ended meanwhile. @throws {StoreError} `denied` */
async function assertStillShared(core: VaultCore, access: Access, place: Place): Promise<void> {
  try {
    await access.stillAllowed(place, "w");
  } catch (error) {
    await core.catalog.locks.remove(place.owner, place.path, place.account);
    throw error;
  }
}

/**
 * Ends a lock: the account's own, or with `force` another one's in the account's own tree, and
 * everywhere for an administrator.
 *
 * @returns the lock that has ended
 * @throws {StoreError} `not-found`, `denied`
 */
export async function unlock(
  core: VaultCore,
  access: Access,
  text: string,
  force = false,
): Promise<LockInfo> {
  const place = await access.target(text, "");
  const { account } = access.principal;
  const { locks } = core.catalog;
  const nowMs = clock.now();
  const found = (await locks.above(place.owner, place.path, nowMs)).at(-1);
  if (found === undefined) throw noLock(place.shown);
  if (found.path !== place.path) {
    const at = shownAbove(place, found.path);
    const whose = at === undefined ? "a directory above it" : `"${at}": end that`;
    throw new StoreError("not-found", `"${place.shown}" is locked by the lock of ${whose}`);
  }
  if (found.account !== account) await requireBreaking(access, place, found, force);
  const ended = await locks.remove(place.owner, place.path, found.account);
  if (ended === undefined) throw noLock(place.shown);
  return toInfo(ended, place.shown, account);
}

async function requireBreaking(access: Access, place: Place, lock: LockRecord, force: boolean) {
  if (!force) {
    throw new StoreError(
      "locked",
      `${lockedError(place.shown, place.path, lock).message}: only the owner of the files and ` +
        "administrators can break the lock, with force",
      { lock: { by: lock.account, untilMs: lock.expiresMs } },
    );
  }
  if (place.owner === access.principal.account) return await access.require("w");
  if ((await access.letters()).includes("t")) return;
  throw new StoreError(
    "denied",
    `Only ${lock.account}, ${place.owner} and administrators can end the lock of "${place.shown}"`,
  );
}

/** Lists locks that a session can see: in its own tree, and its own in the trees of others. */
export async function* locksSeen(
  core: VaultCore,
  access: Access,
  text = "/",
): AsyncGenerator<LockInfo> {
  const within = access.confined(text);
  const { name } = await access.account();
  const { locks } = core.catalog;
  const nowMs = clock.now();
  const isWanted = (path: VirtualPath) => access.reaches(path) && isWithin(path, within);
  const inOwn = eachOf<LockRecord>((page) => locks.list({ owner: name, nowMs }, page));
  for await (const one of inOwn) {
    if (isWanted(one.path)) yield toInfo(one, one.path, name);
  }
  const mount = await access.mountAt(within);
  const shared = mount?.owner ?? (isWithin(within, SHARED_ROOT) && within.split("/")[2]);
  const ofOthers = eachOf<LockRecord>((page) =>
    // Below one share, those of all accounts.
    locks.list(shared ? { owner: shared, nowMs } : { account: name, nowMs }, page)
  );
  for await (const one of ofOthers) {
    const path = foreignPath(one.owner, one.path);
    if (one.owner === name || !isWanted(path)) continue;
    if (one.account !== name && !await access.sharesAllow(path, "r")) continue;
    yield toInfo(one, path, name);
  }
}

/** Lists all locks, for an administrator. */
export async function* allLocks(catalog: Catalog): AsyncGenerator<LockRecord> {
  const nowMs = clock.now();
  yield* eachOf<LockRecord>((page) => catalog.locks.list({ nowMs }, page));
}

/** Breaks a lock, for an administrator. @throws {StoreError} `not-found` */
export async function breakLock(
  catalog: Catalog,
  owner: string,
  path: VirtualPath,
): Promise<void> {
  const ended = await catalog.locks.remove(owner, path);
  if (ended === undefined || ended.expiresMs <= clock.now()) throw noLock(path);
}

/** A directory above a place as the account writes it; undefined: it sees no names up there. */
function shownAbove({ shown, path }: Place, above: VirtualPath): VirtualPath | undefined {
  const below = path.slice(above.length);
  return shown.length > below.length ? shown.slice(0, -below.length) as VirtualPath : undefined;
}

function toInfo(record: LockRecord, shown: VirtualPath, account: string): LockInfo {
  const { owner, account: by, note, createdMs, expiresMs: untilMs } = record;
  return { path: shown, owner, by, note, createdMs, untilMs, mine: by === account };
}

function noLock(shown: VirtualPath): StoreError {
  return new StoreError("not-found", `"${shown}" is not locked`);
}

function checkedTime(lastsMs: number): number {
  if (Number.isSafeInteger(lastsMs) && lastsMs >= 1000 && lastsMs <= MAX_LOCK_MS) return lastsMs;
  const max = formatDuration(MAX_LOCK_MS);
  throw new StoreError("bad-request", `A lock lasts from 1 second to ${max}`);
}

function checkedNote(note: string): string {
  if (!note.isWellFormed() || CONTROL.test(note)) {
    throw new StoreError("bad-request", "The note contains a control character");
  }
  if (note.length <= MAX_NOTE) return note;
  throw new StoreError("bad-request", `The note is longer than ${MAX_NOTE} characters`);
}
