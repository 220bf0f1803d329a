/** What stands under `/shared` for one account: shares as paths (docs/protocol.md, "Sharing"). */
import { clock } from "./clock.ts";
import type { Catalog } from "./catalog.ts";
import { StoreError } from "./error.ts";
import { childOf, isWithin, SHARED, type VirtualPath } from "./path.ts";
import { commonLetters } from "./permission.ts";
import { EVERYBODY, type ShareRecord } from "./share_book.ts";

/** The reserved directory at the root. */
export const SHARED_ROOT: VirtualPath = `/${SHARED}`;

/** A share that is not past its time. */
export interface LiveShare extends ShareRecord {
  /** Its letters less those that its owner has lost. */
  allowed: string;
}

/** A path under `/shared` at which something is shared, or that leads to something shared. */
export interface SharedSpot {
  /** The account whose tree it is; undefined for `/shared` itself. */
  owner: string | undefined;
  /** In the owner's tree. */
  path: VirtualPath;
  /** Shares that cover the path: together they tell what is allowed there. */
  covering: LiveShare[];
  /** Names directly below it that are shared or lead to something shared. */
  leads: string[];
  /** When the latest of the shares it leads to was made, ms. */
  sinceMs: number;
}

/** The path of a share as its guests write it. */
export function sharedPath(owner: string, path: VirtualPath): VirtualPath {
  const top = childOf(SHARED_ROOT, owner);
  return path === "/" ? top : top + path;
}

/**
 * An error as a guest is to read it: where its sentence names one of these paths as the owner
 * writes it, as the guest does.
 */
export function asShown(error: unknown, paths: readonly VirtualPath[]): unknown {
  if (!(error instanceof StoreError)) return error;
  let { message } = error;
  for (const shown of paths) {
    if (!isWithin(shown, SHARED_ROOT) || isReserved(shown)) continue;
    message = message.replaceAll(`"/${shown.split("/").slice(3).join("/")}`, `"${shown}`);
  }
  if (message === error.message) return error;
  return new StoreError(error.kind, message, error.details, { cause: error.cause ?? error });
}

/** Whether a path is `/shared` or `/shared/OWNER`: places that nobody can change. */
export function isReserved(shown: VirtualPath): boolean {
  return isWithin(shown, SHARED_ROOT) && shown.split("/").length <= 3;
}

/** Whether a share is about a path: its own, and what is below a directory, but no other name. */
export function covers(share: ShareRecord, path: VirtualPath): boolean {
  return share.directory ? isWithin(path, share.path) : path === share.path;
}

/** Letters that shares allow together. */
export function lettersOf(shares: readonly LiveShare[]): string {
  const together = shares.map(({ allowed }) => allowed).join("");
  return commonLetters(together, together);
}

/** Whom a share is with, for sentences. */
export function guestText({ guest }: ShareRecord): string {
  return guest === EVERYBODY ? "everybody" : guest;
}

/** Whether the time of a share or link is not over. */
export function isLive({ expiresMs }: Pick<ShareRecord, "expiresMs">): boolean {
  return expiresMs === null || expiresMs > clock.now();
}

/** What others share with an account now, or one of them. */
export async function liveShares(
  catalog: Catalog,
  guest: string,
  owner?: string,
): Promise<LiveShare[]> {
  const letters = new Map<string, string | undefined>();
  const live: LiveShare[] = [];
  for (const share of await catalog.shares.with(guest)) {
    if ((owner !== undefined && share.owner !== owner) || !isLive(share)) continue;
    if (!letters.has(share.owner)) {
      letters.set(share.owner, (await catalog.account(share.owner))?.letters);
    }
    const owners = letters.get(share.owner);
    if (owners !== undefined) {
      live.push({ ...share, allowed: commonLetters(share.letters, owners) });
    }
  }
  return live;
}

/** What an account sees at a path under `/shared`; undefined where nothing is shared. */
export async function spotAt(
  catalog: Catalog,
  guest: string,
  shown: VirtualPath,
): Promise<SharedSpot | undefined> {
  const [, , owner, ...segments] = shown.split("/");
  const shares = await liveShares(catalog, guest, owner);
  const sinceMs = Math.max(...shares.map(({ createdMs }) => createdMs));
  if (owner === undefined) {
    const leads = [...new Set(shares.map((share) => share.owner))];
    return leads.length === 0 ? undefined : { owner, path: "/", covering: [], leads, sinceMs };
  }
  const path = `/${segments.join("/")}`;
  // The owner's own `/shared` is not the owner's to share.
  if (isWithin(path, SHARED_ROOT)) return undefined;
  const covering = shares.filter((share) => covers(share, path));
  const deeper = shares.filter((share) => share.path !== path && isWithin(share.path, path));
  if (covering.length === 0 && deeper.length === 0) return undefined;
  const start = path === "/" ? 1 : path.length + 1;
  return {
    owner,
    path,
    covering,
    leads: [...new Set(deeper.map((share) => share.path.slice(start).split("/", 1)[0]!))],
    sinceMs: Math.max(...[...covering, ...deeper].map(({ createdMs }) => createdMs)),
  };
}
