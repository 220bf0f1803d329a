/**
 * Remembers for a while which passwords were right, so that a client with ten connections pays for
 * one hashing. Nothing of a password is kept: only a digest under a key that this process made and
 * that dies with it, bound to what the account's password was then.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { Account } from "../../storage/contract/catalog.ts";

const MEMORY_MS = 10 * 60_000;
const MOST = 10_000;

/** Remembers passwords that were verified lately. */
export class RememberedPasswords {
  readonly #key = randomBytes(32);
  /** When each digest was verified, by digest. */
  readonly #verified = new Map<string, number>();

  /** @param now a clock in ms that never goes back */
  constructor(readonly now: () => number = () => performance.now()) {}

  /** The digest under which a password of an account is remembered. */
  digest(account: Account, password: string): string {
    const bound = [account.name, account.generation, account.passwordHash, password];
    return createHmac("sha256", this.#key).update(JSON.stringify(bound)).digest("base64");
  }

  has(digest: string): boolean {
    const at = this.#verified.get(digest);
    if (at === undefined) return false;
    if (this.now() - at < MEMORY_MS) return true;
    this.#verified.delete(digest);
    return false;
  }

  add(digest: string): void {
    this.#verified.delete(digest);
    this.#verified.set(digest, this.now());
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size <= MOST) break;
      this.#verified.delete(oldest);
    }
  }
}
