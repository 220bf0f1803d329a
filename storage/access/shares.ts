/** The tree under `/shared` of one account: shares as paths (docs/protocol.md, "Sharing"). */
import { clock } from "../contract/clock.ts";
import { groupOf } from "../contract/books/group_book.ts";
import { allLetters, type Catalog } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { childOf, isWithin, SHARED, type VirtualPath } from "../contract/path.ts";
import { commonLetters } from "../contract/permission.ts";
import type { MountRecord } from "../contract/mount.ts";
import { EVERYBODY, guestsOf, type ShareRecord } from "../contract/books/share_book.ts";
import { eachOf } from "../common/each_page.ts";
import { Pace } from "../common/slices.ts";

/** The reserved directory at the root. */
export const SHARED_ROOT: VirtualPath = `/${SHARED}`;

/** A share that is not past its time. */
export interface LiveShare extends ShareRecord {
  /** Permissions of the share that its owner still has. */
  allowed: string;
}

/** A path in a mount, or one under `/shared` where something is shared or that leads to such. */
export interface SharedSpot {
  /** The account whose tree it is; undefined for `/shared` itself. */
  owner: string | undefined;
  /** In the owner's tree. */
  path: VirtualPath;
  /** Shares that cover the path; their permissions add up. */
  covering: LiveShare[];
  /** Whether something below it is shared. */
  leads: boolean;
  /** The mount that it is in; absent under `/shared`. */
  mount?: MountRecord;
}

/** The path of a share as its guests write it. */
export function sharedPath(owner: string, path: VirtualPath): VirtualPath {
  const top = childOf(SHARED_ROOT, owner);
  return path === "/" ? top : top + path;
}

/**
 * An error as a guest is to read it: where its sentence names one of these paths as it is in the
 * other tree, as the guest writes it.
 *
 * @param mountOf the name of the mount that a path lies in; undefined: in none
 */
export function asShown(
  error: unknown,
  paths: readonly VirtualPath[],
  mountOf: (shown: VirtualPath) => string | undefined,
): unknown {
  if (!(error instanceof StoreError)) return error;
  let { message } = error;
  for (const shown of paths) {
    const mount = mountOf(shown);
    if (mount !== undefined) {
      message = inMount(message, mount, withoutEndingSlashes(shown));
    } else if (isWithin(shown, SHARED_ROOT) && !isReserved(shown)) {
      message = message.replaceAll(`"/${shown.split("/").slice(3).join("/")}`, `"${shown}`);
    }
  }
  if (message === error.message) return error;
  return new StoreError(error.kind, message, error.details, { cause: error.cause ?? error });
}

/** A path that a client may have written with slashes at its end. */
function withoutEndingSlashes(shown: string): VirtualPath {
  let end = shown.length;
  while (shown[end - 1] === "/") end--;
  return shown.slice(0, end);
}

/** A sentence that names a path in a mount, as those who see the mount write it. */
function inMount(message: string, mount: string, shown: VirtualPath): string {
  if (message.includes(`"${shown}`)) return message;
  const path = shown.slice(mount.length + 1);
  return path === ""
    ? message.replaceAll('"/"', `"${shown}"`)
    : message.replaceAll(`"${path}`, `"${shown}`);
}

/** Checks for `/shared` and `/shared/OWNER`: paths that no account can change. */
export function isReserved(shown: VirtualPath): boolean {
  return isWithin(shown, SHARED_ROOT) && shown.split("/").length <= 3;
}

/** Whether a share covers a path: its own, and those below a directory, but no other name. */
export function covers(share: ShareRecord, path: VirtualPath): boolean {
  return share.directory ? isWithin(path, share.path) : path === share.path;
}

/** Union of the permissions of some shares. */
export function lettersOf(shares: readonly LiveShare[]): string {
  const together = shares.map(({ allowed }) => allowed).join("");
  return commonLetters(together, together);
}

/** Whom a share is with, for sentences. */
export function guestText({ guest }: Pick<ShareRecord, "guest">): string {
  if (guest === EVERYBODY) return "everybody";
  return groupOf(guest) === undefined ? guest : `the group ${guest}`;
}

/** Whether the time of a share or link is not over. */
export function isLive({ expiresMs }: Pick<ShareRecord, "expiresMs">): boolean {
  return expiresMs === null || expiresMs > clock.now();
}

/** Shares read at once. */
const PAGE = 500;

/** Lists the valid shares of others with an account, by owner and path; reads page by page. */
export async function* liveShares(catalog: Catalog, guest: string): AsyncGenerator<LiveShare> {
  for await (const share of eachOf<ShareRecord>((page) => catalog.shares.with(guest, page))) {
    yield* await allowedOf(catalog, [share]);
  }
}

/** Those of shares that are not past their time, with what their owners still allow. */
async function allowedOf(
  catalog: Catalog,
  shares: readonly ShareRecord[],
): Promise<LiveShare[]> {
  const live: LiveShare[] = [];
  for (const share of shares.filter(isLive)) {
    const owner = await catalog.account(share.owner);
    if (owner === undefined) continue;
    live.push({ ...share, allowed: commonLetters(share.letters, allLetters(owner)) });
  }
  return live;
}

/**
 * Reads shares again by their ids and returns those that still exist and are with an account, with
 * their present paths.
 */
export async function stillShared(
  catalog: Catalog,
  guest: string,
  shares: readonly ShareRecord[],
): Promise<LiveShare[]> {
  const whom = guestsOf(await catalog.account(guest) ?? { name: guest, groups: [] });
  const found = await Promise.all(shares.map(({ id }) => catalog.shares.get(id)));
  const still = found.filter((share) => share !== undefined && whom.has(share.guest));
  return await allowedOf(catalog, still as ShareRecord[]);
}

/** Resolves a path under `/shared` for an account; undefined where nothing is shared. */
export async function spotAt(
  catalog: Catalog,
  guest: string,
  shown: VirtualPath,
): Promise<SharedSpot | undefined> {
  const [, , owner, ...segments] = shown.split("/");
  const search = { nowMs: clock.now(), count: 1 };
  if (owner === undefined) {
    const leads = (await catalog.shares.owners(guest, search)).length > 0;
    return leads ? { owner, path: "/", covering: [], leads } : undefined;
  }
  const path = `/${segments.join("/")}`;
  // The owner's own `/shared` is not the owner's to share.
  if (isWithin(path, SHARED_ROOT)) return undefined;
  const above = (await catalog.shares.above(guest, owner, path)).filter((one) => covers(one, path));
  const covering = await allowedOf(catalog, above);
  const below = await catalog.shares.below(guest, { owner, path, ...search });
  const leads = below.length > 0 && await catalog.account(owner) !== undefined;
  return covering.length > 0 || leads ? { owner, path, covering, leads } : undefined;
}

/** Names directly below a spot that are shared or lead to something shared. */
export async function leadsFrom(
  catalog: Catalog,
  guest: string,
  { owner, path }: SharedSpot,
): Promise<string[]> {
  const start = path === "/" ? 1 : path.length + 1;
  const search = { nowMs: clock.now(), count: PAGE };
  const read = (after: string | undefined) =>
    owner === undefined
      ? catalog.shares.owners(guest, { ...search, after })
      : catalog.shares.below(guest, { owner, path, ...search, after });
  const names = new Set<string>();
  const pace = new Pace();
  let after: string | undefined;
  while (true) {
    const found = await read(after);
    for (const one of found) {
      names.add(owner === undefined ? one : one.slice(start).split("/", 1)[0]!);
    }
    if (found.length < PAGE) return [...names];
    after = found.at(-1);
    await pace.turn();
  }
}
