import type { Account, Catalog } from "./catalog.ts";
import { StoreError } from "./error.ts";
import { isWithin, resolvePath, SHARED, type VirtualPath } from "./path.ts";
import { type Letter, LETTERS } from "./permission.ts";
import type { Principal } from "./principal.ts";

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
  constructor(readonly principal: Principal, readonly catalog: Catalog) {}

  /** The account that acts; `denied` once it is gone. */
  async account(): Promise<Account> {
    const account = await this.catalog.account(this.principal.account);
    if (account === undefined || account.generation !== this.principal.generation) {
      throw new StoreError("denied", "The session has ended: its account was changed or removed");
    }
    return account;
  }

  /** Letters the principal has in its own tree, in canonical order. */
  async letters(): Promise<string> {
    const { letters } = await this.account();
    const { token } = this.principal;
    if (token === undefined) return letters;
    return [...letters].filter((letter) => token.letters.includes(letter)).join("");
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
    if (token !== undefined && !isWithin(shown, token.path)) {
      throw new StoreError("denied", `The token is confined to "${token.path}"`);
    }
    if (isWithin(shown, `/${SHARED}`)) {
      if (needed !== "" && needed !== "r") throw reserved(shown);
      throw new StoreError("not-found", `"${shown}" does not exist`);
    }
    return { owner: this.principal.account, path: shown, shown };
  }

  /** As {@linkcode place}, for a name that is to be written, made or removed: never the root. */
  async target(text: string, needed: string): Promise<Place> {
    const place = await this.place(text, needed);
    if (place.path === "/") throw reserved(place.shown);
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
    const path = resolvePath("/", text);
    const rules = (Object.keys(LETTERS) as Letter[]).map((letter): LetterRule => {
      const deny = (rule: string) => ({ letter, allowed: false, rule });
      if (!account.letters.includes(letter)) {
        return deny(`the account ${account.name} lacks the letter ${letter}`);
      }
      if (token && !token.letters.includes(letter)) return deny(`the token lacks ${letter}`);
      if (token && !isWithin(path, token.path)) {
        return deny(`the token is confined to "${token.path}"`);
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
