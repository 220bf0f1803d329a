import type { Account, Catalog } from "./catalog.ts";
import { StoreError } from "./error.ts";
import { isWithin, resolvePath, SHARED, type VirtualPath } from "./path.ts";
import { commonLetters, type Letter, LETTERS } from "./permission.ts";
import type { Principal, TokenPrincipal } from "./principal.ts";

/** A place in some account's tree, as one principal sees it. */
export interface Place {
  /** The account whose tree it is. */
  owner: string;
  /** Path in the owner's tree. */
  path: VirtualPath;
  /** Path as the principal writes it. */
  shown: VirtualPath;
}

/** Whether one letter is allowed at a path, and the rule that says so. */
export interface LetterRule {
  letter: Letter;
  allowed: boolean;
  rule: string;
}

/**
 * What a principal may reach: letters, reserved names, the subtree of a token. Every operation of
 * the vault begins here. The account is read anew each time, so a change of its letters counts at
 * once, in every session of every door.
 */
export class Access {
  #principal: Principal;

  constructor(principal: Principal, readonly catalog: Catalog) {
    this.#principal = principal;
  }

  get principal(): Principal {
    return this.#principal;
  }

  /** The session goes on after a change that ends all others of its account. */
  renew(generation: number): void {
    this.#principal = { ...this.#principal, generation };
  }

  /** The account that acts; `session-over` once it, or the token that was shown, is void. */
  async account(): Promise<Account> {
    const { account: name, generation, token } = this.#principal;
    const account = await this.catalog.account(name);
    if (account === undefined || account.generation !== generation) {
      throw sessionOver("its account was changed or removed");
    }
    if (token !== undefined) await this.#assertValid(token);
    return account;
  }

  async #assertValid({ id, expiresMs }: TokenPrincipal): Promise<void> {
    if (expiresMs !== null && expiresMs <= Date.now()) throw sessionOver("its token has expired");
    if (await this.catalog.tokens.get(id) === undefined) throw sessionOver("its token was revoked");
  }

  /** Throws `denied` to a session that showed a token: it cannot make itself another. */
  requirePassword(): void {
    if (this.#principal.token === undefined) return;
    throw new StoreError("denied", "A token is not enough for this: log in with the password");
  }

  /** Letters the principal has in its own tree, in canonical order. */
  async letters(): Promise<string> {
    const { letters } = await this.account();
    const { token } = this.principal;
    if (token === undefined) return letters;
    const common = commonLetters(letters, token.letters);
    // The whole account is not administered from within one of its directories.
    return token.path === "/" ? common : common.replace("t", "");
  }

  /** Throws `denied` unless the principal has all of `needed` in its own tree. */
  async require(needed: string): Promise<void> {
    if (needed === "") return;
    const letters = await this.letters();
    for (const letter of needed) {
      if (!letters.includes(letter)) throw lacks(letter as Letter);
    }
  }

  /**
   * The place that `text` names, for a use that needs these letters. Letters are checked before
   * anything is looked at.
   */
  async place(text: string, needed: string): Promise<Place> {
    await this.require(needed);
    const shown = resolvePath("/", text);
    const { token } = this.principal;
    if (token !== undefined && !this.reaches(shown)) {
      throw new StoreError("denied", `The token is confined to "${token.path}"`);
    }
    if (isWithin(shown, `/${SHARED}`)) {
      if (needed !== "" && needed !== "r") throw reserved(shown);
      throw new StoreError("not-found", `"${shown}" does not exist`);
    }
    return { owner: this.principal.account, path: shown, shown };
  }

  /** Whether a path, as the principal writes it, lies where its token may go. */
  reaches(shown: VirtualPath): boolean {
    const { token } = this.principal;
    return token === undefined || isWithin(shown, token.path);
  }

  /**
   * As {@linkcode place}, for a name that is to be written, made or removed: never the root, nor
   * the place that a token is confined to, whose name is its parent's business.
   */
  async target(text: string, needed: string): Promise<Place> {
    const place = await this.place(text, needed);
    if (place.path === "/" || place.shown === this.principal.token?.path) {
      throw reserved(place.shown);
    }
    return place;
  }

  /** Throws once the letters that a running transfer needs are gone. */
  async stillAllowed(_place: Place, needed: string): Promise<void> {
    await this.require(needed);
  }

  /** Which rule allows or denies each letter at a path. */
  async explain(text: string): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
    const account = await this.account();
    const { token } = this.principal;
    const confined = token !== undefined && token.path !== "/";
    const path = resolvePath("/", text);
    const rules = (Object.keys(LETTERS) as Letter[]).map((letter): LetterRule => {
      const deny = (rule: string) => ({ letter, allowed: false, rule });
      if (!account.letters.includes(letter)) {
        return deny(`the account ${account.name} lacks the letter ${letter}`);
      }
      if (token && !token.letters.includes(letter)) return deny(`the token lacks ${letter}`);
      if (confined && (letter === "t" || !this.reaches(path))) {
        return deny(`the token is confined to "${token.path}"`);
      }
      if (confined && path === token.path && (letter === "w" || letter === "d")) {
        return deny("the place a token is confined to can be neither written nor removed");
      }
      if (isWithin(path, `/${SHARED}`)) {
        return deny(`"/${SHARED}" is reserved for what others share`);
      }
      if (path === "/" && (letter === "w" || letter === "d")) {
        return deny("the root itself can be neither written nor removed");
      }
      return {
        letter,
        allowed: true,
        rule: `the account ${account.name} has the letter ${letter}`,
      };
    });
    return { path, letters: rules };
  }
}

function sessionOver(why: string): StoreError {
  return new StoreError("session-over", `The session has ended: ${why}`);
}

function lacks(letter: Letter): StoreError {
  const [use] = LETTERS[letter].split(":");
  return new StoreError(
    "denied",
    `The account lacks the permission letter "${letter}" (${use})`,
  );
}

function reserved(path: VirtualPath): StoreError {
  return new StoreError("denied", `"${path}" itself cannot be written, made, renamed or removed`);
}
