import type { Epoch } from "../common/epoch.ts";
import { clock } from "../contract/clock.ts";
import { type Account, allLetters, type Catalog } from "../contract/catalog.ts";
import { notFound, StoreError } from "../contract/error.ts";
import { isWithin, resolvePath, type VirtualPath } from "../contract/path.ts";
import type { Letter } from "../contract/permission.ts";
import type { Principal } from "../contract/principal.ts";
import { VOID, voidReason } from "../contract/validity.ts";
import { mountAt, type MountRecord } from "../contract/mount.ts";
import { mountSpot } from "./mounts.ts";
import { asPublished, ownPlace, publishedAccount, publishedRoot } from "./published.ts";
import { assertToken, narrowedLetters, requirePassword, visitedOwner } from "./narrowed.ts";
import { OwnChanges } from "./own_changes.ts";
import type { FoundAccess, Place } from "./place.ts";
import {
  lacks,
  notGranted,
  refusedInMount,
  reserved,
  sessionOver,
  shareEnded,
} from "./refusals.ts";
import {
  asShown,
  isReserved,
  lettersOf,
  SHARED_ROOT,
  type SharedSpot,
  spotAt,
  stillShared,
} from "./shares.ts";

export type { Place };

/**
 * The paths that a principal may use: permissions, reserved names, the subtree of a token, shares
 * of others. Every operation of the vault begins here. Accounts and shares are read again each
 * time, so a change takes effect at once in every session of every door (protocol).
 *
 * In another account's tree a principal needs the permission itself and from a share, and the owner
 * must still have it (docs/protocol.md, "Sharing").
 */
export class Access {
  /** Changes that this session made. */
  readonly changes = new OwnChanges();
  #principal: Principal;
  #abandoned = false;
  /** Permissions read last; valid while the epoch is the same. */
  #found: FoundAccess | undefined;

  /** @param epoch ends with each change of an account or token */
  constructor(principal: Principal, readonly catalog: Catalog, readonly epoch: Epoch) {
    this.#principal = principal;
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** Keeps the session valid after a change that ends all others of its account. */
  renew(generation: number): void {
    this.#principal = { ...this.#principal, generation };
    this.#found = undefined;
  }

  /** The client has left: it waits for no listing any more. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Throws `aborted` once the client has left. For work that only the client has a use for. */
  assertPresent(): void {
    if (this.#abandoned) throw new StoreError("aborted", "The client has left");
  }

  /** The account that acts; `session-over` once it, or the token that was shown, is void. */
  async account(): Promise<Account> {
    const { account: name, generation, token, link, published } = this.#principal;
    if (published !== undefined) return await publishedAccount(this.catalog, published);
    const account = await this.catalog.account(name);
    if (link !== undefined) return await visitedOwner(this.catalog, account, link.id);
    const reason = account && voidReason(account);
    if (reason !== undefined) throw sessionOver(`its account ${VOID[reason]}`);
    if (account === undefined || account.generation !== generation) {
      throw sessionOver("its account was changed or removed");
    }
    if (token !== undefined) await assertToken(this.catalog, token);
    return account;
  }

  /** Throws `denied` to a session that showed a token: it cannot make itself another. */
  requirePassword(): void {
    requirePassword(this.#principal);
  }

  /** Returns the principal's permissions for its own tree, as letters in canonical order. */
  async letters(): Promise<string> {
    const epoch = this.epoch.now;
    const account = await this.account();
    const { token, link } = this.principal;
    const letters = narrowedLetters(allLetters(account), this.principal);
    if (link !== undefined) return letters;
    const untilMs = Math.min(account.expiresMs ?? Infinity, token?.expiresMs ?? Infinity);
    const published = await publishedRoot(this.catalog, this.principal);
    const mounts = published ? [] : await this.catalog.mounts?.of(account) ?? [];
    this.#found = { letters, mounts, published, epoch, untilMs };
    return letters;
  }

  /** The mounts that the principal sees. Links lead to no mount. */
  async mounts(): Promise<readonly MountRecord[]> {
    if (!this.catalog.mounts || this.principal.link) return [];
    if (this.#found?.epoch !== this.epoch.now) await this.letters();
    return this.#found?.mounts ?? [];
  }

  /** The mount that a path lies in; undefined: in none. */
  async mountAt(shown: VirtualPath): Promise<MountRecord | undefined> {
    return mountAt(await this.mounts(), shown);
  }

  /** Whether a path lies where a principal with an account finds what others share. */
  isShared(shown: VirtualPath): boolean {
    return this.#principal.published === undefined && isWithin(shown, SHARED_ROOT);
  }

  /** Whether a path lies in another tree than the principal's: a mount, or what others share. */
  async isForeign(shown: VirtualPath): Promise<boolean> {
    return this.isShared(shown) || await this.mountAt(shown) !== undefined;
  }

  /** The place of a path that is not foreign, once permissions were asked for. */
  own(shown: VirtualPath): Place {
    const { account, published } = this.#principal;
    return ownPlace(account, shown, this.#found?.published ?? published);
  }

  /** An error of the storage, with paths as the principal writes them. */
  asShown(error: unknown, paths: readonly VirtualPath[]): unknown {
    const published = this.#found?.published;
    if (published !== undefined) return asPublished(published, error);
    return asShown(error, paths, (shown) => mountAt(this.#found?.mounts ?? [], shown)?.name);
  }

  /** Whether it is known without asking that the principal has all of `needed`. */
  #surelyHas(needed: string): boolean {
    if (this.#found === undefined || this.#found.epoch !== this.epoch.now) return false;
    const { untilMs } = this.#found;
    if (untilMs !== Infinity && untilMs <= clock.now()) return false;
    for (const letter of needed) {
      if (!this.#found.letters.includes(letter)) return false;
    }
    return true;
  }

  /** Throws `denied` unless the principal has all of `needed`. */
  async require(needed: string): Promise<void> {
    if (needed === "" || this.#surelyHas(needed)) return;
    const letters = await this.letters();
    for (const letter of needed) {
      if (!letters.includes(letter)) throw lacks(letter as Letter);
    }
  }

  /** The path that `text` names, where a token does not forbid it. */
  confined(text: string): VirtualPath {
    const shown = resolvePath("/", text);
    if (this.reaches(shown)) return shown;
    const { token } = this.principal;
    if (token === undefined) throw notFound(shown); // a visitor learns of nothing else
    throw new StoreError("denied", `The token is confined to "${token.path}"`);
  }

  /**
   * Resolves `text` to a place for a use that needs these permissions. Permissions are checked
   * before the engine is read.
   *
   * @throws {StoreError} `denied`; `not-found`; `is-directory` for what leads to a shared entry
   */
  async place(text: string, needed: string): Promise<Place> {
    const place = this.#surelyOwn(text, needed) ?? await this.#reach(text, needed);
    if (!("leads" in place)) return place;
    throw new StoreError("is-directory", `"${place.shown}" is a directory`);
  }

  /** As {@linkcode place} for reading, but also directories that merely lead to something shared. */
  async sight(text: string): Promise<Place | (SharedSpot & { shown: VirtualPath })> {
    return await this.#reach(text, "r");
  }

  /** Whether a path, as the principal writes it, lies where its token or link may go. */
  reaches(shown: VirtualPath): boolean {
    const { token, link } = this.principal;
    if (link !== undefined) return isWithin(shown, link.path);
    return token === undefined || isWithin(shown, token.path);
  }

  /**
   * As {@linkcode place}, for a name that is to be written, made or removed: never the root, nor
   * the place that a token is confined to, whose name is its parent's business.
   */
  async target(text: string, needed: string): Promise<Place> {
    return this.surelyTarget(text, needed) ?? this.#asTarget(await this.place(text, needed));
  }

  /** As {@linkcode target}, in the principal's own tree; undefined: that is not known yet. */
  surelyTarget(text: string, needed: string): Place | undefined {
    const place = this.#surelyOwn(text, needed);
    return place && this.#asTarget(place);
  }

  #asTarget(place: Place): Place {
    if (place.path === "/" || place.shown === this.principal.token?.path) {
      throw reserved(place.shown);
    }
    return place;
  }

  /** Finds a path in a mount, or what others share with the principal at a path under `/shared`. */
  async spot(shown: VirtualPath): Promise<SharedSpot | undefined> {
    const mount = await this.mountAt(shown);
    if (mount !== undefined) return mountSpot(mount, shown);
    if (!this.isShared(shown)) return undefined;
    return await spotAt(this.catalog, this.principal.account, shown);
  }

  /** Checks that shares or the mount allow a permission at a path; its own tree allows all. */
  async sharesAllow(shown: VirtualPath, letter: Letter): Promise<boolean> {
    if (!await this.isForeign(shown)) return true;
    return lettersOf((await this.spot(shown))?.covering ?? []).includes(letter);
  }

  /** Whether versions of a place may be written too: they are no part of one file's share. */
  async versionsAllowed({ shares, shown, path }: Place): Promise<boolean> {
    if (shares === undefined) return true;
    const covering = (await this.spot(shown))?.covering ?? [];
    return covering.some((share) => share.path !== path && share.allowed.includes("w"));
  }

  /**
   * Throws once a permission that a running transfer needs is revoked.
   *
   * @param following whether the transfer may continue under another path of the same share: a file
   * that is read stays the same file when it is renamed, a file that is written has a fixed target
   * path
   */
  stillAllowed(place: Place, needed: string, following = false): Promise<void> | void {
    // Runs for each piece of every transfer, so the common case makes no promise.
    if (place.shares === undefined && this.#surelyHas(needed)) return;
    return this.#stillAllowed(place, needed, following);
  }

  async #stillAllowed(place: Place, needed: string, following: boolean): Promise<void> {
    await this.require(needed);
    if (place.shares === undefined) return;
    const spot = await this.spot(place.shown);
    const shares = spot?.covering ?? [];
    if (following && spot?.mount === undefined) {
      shares.push(...await stillShared(this.catalog, this.#principal.account, place.shares));
    }
    const allowed = lettersOf(shares);
    for (const letter of needed) {
      if (allowed.includes(letter)) continue;
      throw shareEnded(place);
    }
  }

  /** Resolves a place in the principal's own tree, if its permissions are in the cache. */
  #surelyOwn(text: string, needed: string): Place | undefined {
    if (!this.#surelyHas(needed)) return undefined;
    const path = this.confined(text);
    if (this.isShared(path) || mountAt(this.#found!.mounts, path)) return undefined;
    return this.own(path);
  }

  async #reach(
    text: string,
    needed: string,
  ): Promise<Place | (SharedSpot & { shown: VirtualPath })> {
    if (!this.#surelyHas(needed)) await this.require(needed);
    const shown = this.confined(text);
    if (!await this.isForeign(shown)) return this.own(shown);
    const { account } = this.principal;
    const changing = needed !== "" && needed !== "r";
    if (changing && isReserved(shown)) throw reserved(shown);
    const spot = await this.spot(shown);
    if (spot === undefined) throw notFound(shown);
    const { owner, path, covering: shares, mount } = spot;
    const missing = [...needed].find((letter) => !lettersOf(shares).includes(letter));
    if (missing === undefined && shares.length > 0) {
      return { owner: owner!, path, shown, account, shares };
    }
    if (mount !== undefined) throw refusedInMount(mount, shown);
    if (!changing && spot.leads) return { ...spot, shown };
    throw notGranted(shown, missing ?? "r");
  }
}
