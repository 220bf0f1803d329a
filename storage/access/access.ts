import type { Epoch } from "../common/epoch.ts";
import { clock } from "../contract/clock.ts";
import { type Account, allLetters, type Catalog } from "../contract/catalog.ts";
import { notFound, StoreError } from "../contract/error.ts";
import { isWithin, resolvePath, type VirtualPath } from "../contract/path.ts";
import { commonLetters, type Letter, LETTERS } from "../contract/permission.ts";
import type { Principal, TokenPrincipal } from "../contract/principal.ts";
import { VOID, voidReason } from "../contract/validity.ts";
import { OwnChanges } from "./own_changes.ts";
import {
  isLive,
  isReserved,
  lettersOf,
  type LiveShare,
  SHARED_ROOT,
  type SharedSpot,
  spotAt,
  stillShared,
} from "./shares.ts";

/** A place in some account's tree, as one principal sees it. */
export interface Place {
  /** The account whose tree it is. */
  owner: string;
  /** Path in the owner's tree. */
  path: VirtualPath;
  /** Path as the principal writes it. */
  shown: VirtualPath;
  /** The account that asks: locks of others forbid it changes. */
  account: string;
  /** In another's tree: the shares that it was reached by. */
  shares?: readonly LiveShare[];
}

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
  #found: { letters: string; epoch: number; untilMs: number } | undefined;

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
    const { account: name, generation, token, link } = this.#principal;
    const account = await this.catalog.account(name);
    if (link !== undefined) return await this.#visited(account, link.id);
    const reason = account && voidReason(account);
    if (reason !== undefined) throw sessionOver(`its account ${VOID[reason]}`);
    if (account === undefined || account.generation !== generation) {
      throw sessionOver("its account was changed or removed");
    }
    if (token !== undefined) await this.#assertValid(token);
    return account;
  }

  async #assertValid({ id, expiresMs }: TokenPrincipal): Promise<void> {
    if (expiresMs !== null && expiresMs <= clock.now()) throw sessionOver("its token has expired");
    if (await this.catalog.tokens.get(id) === undefined) throw sessionOver("its token was revoked");
  }

  /** Reads the owner of a link. A change of the owner's password does not end the link. */
  async #visited(owner: Account | undefined, id: string): Promise<Account> {
    const link = await this.catalog.links.get(id);
    const isUsable = owner !== undefined && voidReason(owner) === undefined;
    if (isUsable && link !== undefined && isLive(link)) return owner;
    throw sessionOver("the link is not valid any more");
  }

  /** Throws `denied` to a session that showed a token: it cannot make itself another. */
  requirePassword(): void {
    const { token, link } = this.#principal;
    if (token === undefined && link === undefined) return;
    throw new StoreError("denied", "A token is not enough for this: log in with the password");
  }

  /** Returns the principal's permissions for its own tree, as letters in canonical order. */
  async letters(): Promise<string> {
    const epoch = this.epoch.now;
    const account = await this.account();
    const { expiresMs } = account;
    const letters = allLetters(account);
    const { token, link } = this.principal;
    if (link !== undefined) return commonLetters(letters, "r");
    const common = token === undefined ? letters : commonLetters(letters, token.letters);
    // The whole account is not administered from within one of its directories.
    const all = token === undefined || token.path === "/" ? common : common.replace("t", "");
    const untilMs = Math.min(expiresMs ?? Infinity, token?.expiresMs ?? Infinity);
    this.#found = { letters: all, epoch, untilMs };
    return all;
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
   * @throws {StoreError} `denied`; `not-found` where nothing is shared; `is-directory` for a
   * directory that only leads to a shared entry
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

  /** As {@linkcode target}, in the principal's own tree; undefined: that has to be found out first. */
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

  /** Finds what others share with the principal at a path under `/shared`. */
  spot(shown: VirtualPath): Promise<SharedSpot | undefined> {
    return spotAt(this.catalog, this.principal.account, shown);
  }

  /** Checks that shares allow a permission at a path; always true in the principal's own tree. */
  async sharesAllow(shown: VirtualPath, letter: Letter): Promise<boolean> {
    if (!isWithin(shown, SHARED_ROOT)) return true;
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
    const shares = (await this.spot(place.shown))?.covering ?? [];
    if (following) {
      shares.push(...await stillShared(this.catalog, this.#principal.account, place.shares));
    }
    const allowed = lettersOf(shares);
    for (const letter of needed) {
      if (allowed.includes(letter)) continue;
      throw new StoreError("denied", `"${place.shown}" is no longer shared with this account`);
    }
  }

  /** Resolves a place in the principal's own tree, if its permissions are in the cache. */
  #surelyOwn(text: string, needed: string): Place | undefined {
    if (!this.#surelyHas(needed)) return undefined;
    const path = this.confined(text);
    if (isWithin(path, SHARED_ROOT)) return undefined;
    const { account } = this.principal;
    return { owner: account, path, shown: path, account };
  }

  async #reach(
    text: string,
    needed: string,
  ): Promise<Place | (SharedSpot & { shown: VirtualPath })> {
    if (!this.#surelyHas(needed)) await this.require(needed);
    const shown = this.confined(text);
    const { account } = this.principal;
    if (!isWithin(shown, SHARED_ROOT)) {
      return { owner: account, path: shown, shown, account };
    }
    const changing = needed !== "" && needed !== "r";
    if (changing && isReserved(shown)) throw reserved(shown);
    const spot = await this.spot(shown);
    if (spot === undefined) throw notFound(shown);
    const { owner, path, covering: shares } = spot;
    const missing = [...needed].find((letter) => !lettersOf(shares).includes(letter));
    if (missing === undefined && shares.length > 0) {
      return { owner: owner!, path, shown, account, shares };
    }
    if (!changing && spot.leads) return { ...spot, shown };
    throw new StoreError(
      "denied",
      `The share at "${shown}" does not grant the permission "${missing ?? "r"}"`,
    );
  }
}

function sessionOver(why: string): StoreError {
  return new StoreError("session-over", `The session has ended: ${why}`);
}

function lacks(letter: Letter): StoreError {
  const [use] = LETTERS[letter].split(":");
  return new StoreError(
    "denied",
    `The account lacks the permission "${letter}" (${use})`,
  );
}

function reserved(path: VirtualPath): StoreError {
  return new StoreError("denied", `"${path}" itself cannot be written, made, renamed or removed`);
}
