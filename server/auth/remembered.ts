/**
 * Remembers for a while which passwords were right, so that a client with ten connections pays for
 * one hashing. Nothing of a password is kept: only a digest under a key that this process made and
 * that dies with it, bound to what the account's password was then.
 */
import { BoundedMap } from "../../common/bounded_map.ts";
import { newKey, sign } from "../../common/secrets.ts";
import type { Account } from "../../storage/contract/catalog.ts";

const MEMORY_MS = 10 * 60_000;
const MAX_PASSWORDS = 10_000;

/** Remembers passwords that were verified lately. */
export class RememberedPasswords {
  readonly #key = newKey();
  /** The digests of passwords that were verified. */
  readonly #verified: BoundedMap<string, true>;

  /** @param now a clock in ms that never goes back */
  constructor(now?: () => number) {
    this.#verified = new BoundedMap({ max: MAX_PASSWORDS, maxAgeMs: MEMORY_MS, now });
  }

  /** The digest under which a password of an account is remembered. */
  digest(account: Account, password: string): string {
    const bound = [account.name, account.generation, account.passwordHash, password];
    return sign(this.#key, JSON.stringify(bound));
  }

  has(digest: string): boolean {
    return this.#verified.get(digest) !== undefined;
  }

  add(digest: string): void {
    this.#verified.set(digest, true);
  }
}
