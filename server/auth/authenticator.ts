/** Who may come in: user names and passwords, for every door. */
import type { Account, Catalog } from "../../storage/catalog.ts";
import { HashQueue, type HashQueueLimits } from "./hash_queue.ts";
import { nameFault, passwordFault } from "./names.ts";
import { hashPassword, unmatchableHash, verifyPassword } from "./password.ts";
import { RememberedPasswords } from "./remembered.ts";
import { MemoryThrottle, type Throttle, type ThrottleKey } from "./throttle.ts";

/** Why nobody was let in. */
export type AuthErrorKind = "failed" | "too-many";

/** A login that was refused. The message tells a stranger nothing he did not know. */
export class AuthError extends Error {
  override readonly name = "AuthError";

  /** @param retryAfterMs when to try again, with `too-many` */
  constructor(readonly kind: AuthErrorKind, message: string, readonly retryAfterMs: number = 0) {
    super(message);
  }
}

/** What an authenticator works with. */
export interface AuthenticatorOptions {
  catalog: Catalog;
  /** @default counts in this worker's memory */
  throttle?: Throttle;
  /** Bounds of hashing; see {@linkcode HashQueueLimits}. */
  hashing?: HashQueueLimits;
}

/** See the head of the module. */
export class Authenticator {
  readonly #catalog: Catalog;
  readonly #throttle: Throttle;
  readonly #queue: HashQueue;
  readonly #remembered = new RememberedPasswords();
  /** Verifications under way: the same login from ten connections at once is one hashing. */
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(options: AuthenticatorOptions) {
    this.#catalog = options.catalog;
    this.#throttle = options.throttle ?? new MemoryThrottle();
    this.#queue = new HashQueue(options.hashing);
  }

  /**
   * Checks a name and password.
   *
   * @param address the peer's address, without its port
   * @throws {AuthError} `failed`, the same in words and time for an unknown name as for a wrong
   * password; `too-many` where there were too many failures, or too many logins at once
   */
  async login(username: string, password: string, address: string): Promise<Account> {
    if (nameFault(username) || passwordFault(password)) throw failed();
    const keys: ThrottleKey[] = [
      { kind: "account", value: username },
      { kind: "address", value: address },
    ];
    // Asked before anything is looked up: while the delay runs, a right guess is no better.
    await this.#assertNoDelay(keys);

    const account = await this.#catalog.account(username);
    if (!await this.#isRight(account ?? strangerOf(username), password, address, keys)) {
      throw failed();
    }
    // Looked up again: the account may have been changed or removed while the password was hashed.
    const now = await this.#catalog.account(username);
    if (!account || now?.passwordHash !== account.passwordHash) throw failed();
    if (now.generation !== account.generation) throw failed();
    await this.#throttle.succeeded(keys[0]!);
    await this.#catalog.noteLogin(username, Date.now());
    return now;
  }

  /**
   * Hashes a new password, as `login` does in its turn.
   *
   * @throws {AuthError} `too-many`
   * @throws {TypeError} a password that is none; the message is one sentence
   */
  async hash(password: string, address: string): Promise<string> {
    const fault = passwordFault(password);
    if (fault) throw new TypeError(fault);
    this.#assertRoom(address);
    return await this.#queue.run(address, () => hashPassword(password));
  }

  async #isRight(
    account: Account,
    password: string,
    address: string,
    keys: readonly ThrottleKey[],
  ): Promise<boolean> {
    const digest = this.#remembered.digest(account, password);
    if (this.#remembered.has(digest)) return true;
    let verification = this.#underWay.get(digest);
    if (verification === undefined) {
      this.#assertRoom(address);
      verification = this.#queue.run(address, async () => {
        // Again, now that its turn has come: a crowd of guesses sent at once is still one by one.
        await this.#assertNoDelay(keys);
        const right = await verifyPassword(password, account.passwordHash);
        if (!right) await this.#throttle.failed(keys);
        return right;
      }).finally(() => this.#underWay.delete(digest));
      this.#underWay.set(digest, verification);
    }
    const right = await verification;
    if (right) this.#remembered.add(digest);
    return right;
  }

  async #assertNoDelay(keys: readonly ThrottleKey[]): Promise<void> {
    const waitMs = await this.#throttle.retryAfterMs(keys);
    if (waitMs > 0) throw tooMany("Too many failed logins", waitMs);
  }

  #assertRoom(address: string): void {
    const retryAfterMs = this.#queue.retryAfterMs(address);
    if (retryAfterMs > 0) throw tooMany("Too many logins at once", retryAfterMs);
  }
}

/** Spares the making of one for each stranger, and the time that would tell strangers apart. */
const STRANGER_HASH = unmatchableHash();

function strangerOf(name: string): Account {
  return {
    name,
    passwordHash: STRANGER_HASH,
    letters: "",
    quotaBytes: null,
    createdMs: 0,
    lastLoginMs: null,
    generation: -1,
  };
}

function failed(): AuthError {
  return new AuthError("failed", "The user name or password is wrong");
}

function tooMany(what: string, retryAfterMs: number): AuthError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new AuthError("too-many", `${what}; try again in ${seconds} s`, retryAfterMs);
}
