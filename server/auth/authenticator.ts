/** Authentication for every door (protocol): user names with passwords, and tokens. */
import { type AuditActor, type AuditSink, NO_AUDIT } from "../../storage/monitor/audit.ts";
import type { Entrance } from "../../common/entrances.ts";
import { clock } from "../../storage/contract/clock.ts";
import type { Account, Catalog } from "../../storage/contract/catalog.ts";
import { AnonymousLogins } from "./anonymous.ts";
import type { Published, TokenPrincipal } from "../../storage/contract/principal.ts";
import { voidReason } from "../../storage/contract/validity.ts";
import {
  AuthError,
  type AuthErrorKind,
  failed,
  refusalOf,
  tooMany,
  unusable,
} from "./auth_error.ts";
import { openToken } from "../../storage/people/tokens.ts";
import { HashQueue, type HashQueueLimits } from "./hash_queue.ts";
import { nameFault, passwordFault } from "../../common/account_names.ts";
import { type Origin, strangerAt } from "./origin.ts";
import { type PasswordScheme, SCRYPT } from "../../common/secrets.ts";
import { QuietAudit } from "./quiet_audit.ts";
import { RememberedPasswords } from "./remembered.ts";
import { loginKeys, Throttle, type ThrottleKey } from "./throttle.ts";

export { AuthError, type AuthErrorKind };

/** Dependencies and options of an authenticator. */
export interface AuthenticatorOptions {
  catalog: Catalog;
  /** @default no audit log */
  audit?: AuditSink;
  /** @default counts in the catalog */
  throttle?: Throttle;
  /** Whether an account may act from an address, by a way in. @default everywhere */
  mayLogIn?: (account: string, address: string, entrance: Entrance) => boolean;
  /** The directory that sessions without an account read. @default there are no such sessions */
  published?: Published | undefined;
  /** Bounds of hashing; see {@linkcode HashQueueLimits}. */
  hashing?: HashQueueLimits;
  /** For tests that are not about the cost. @default scrypt */
  scheme?: PasswordScheme;
}

/** Checks user names, passwords and tokens of logins. */
export class Authenticator {
  readonly #catalog: Catalog;
  readonly #audit: QuietAudit;
  readonly #throttle: Throttle;
  readonly #queue: HashQueue;
  readonly #scheme: PasswordScheme;
  /**
   * Hash for unknown accounts, computed once: a login takes the same time for known and unknown
   * names.
   */
  readonly #strangerHash: string;
  readonly #mayLogIn: (account: string, origin: Origin) => boolean;
  readonly #remembered = new RememberedPasswords();
  /** Sessions without an account. */
  readonly anonymous: AnonymousLogins;
  /** Running verifications: the same login from ten connections at once is one hashing. */
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(options: AuthenticatorOptions) {
    this.#catalog = options.catalog;
    this.#audit = new QuietAudit(options.audit ?? NO_AUDIT);
    this.#throttle = options.throttle ?? new Throttle(options.catalog.failures);
    this.#queue = new HashQueue(options.hashing);
    this.#scheme = options.scheme ?? SCRYPT;
    this.#strangerHash = this.#scheme.unmatchable();
    const { mayLogIn = () => true } = options;
    this.#mayLogIn = (account, { address, door, entrance = door }) =>
      mayLogIn(account, address, entrance);
    this.anonymous = new AnonymousLogins({
      catalog: options.catalog,
      audit: this.#audit,
      mayLogIn: this.#mayLogIn,
      published: options.published,
    });
  }

  /** Number of passwords that are being hashed, and that wait to be. */
  get hashing(): { running: number; waiting: number } {
    return this.#queue.state;
  }

  /**
   * Logs in with a name and password.
   *
   * @throws {AuthError} `failed`, the same in words and time for an unknown name as for a wrong
   * password; `too-many` where there were too many failures, or too many logins at once
   */
  async login(username: string, password: string, origin: Origin): Promise<Account> {
    const start = performance.now();
    const account = await this.confirm(username, password, origin);
    const ms = Math.round(performance.now() - start);
    this.#audit.write(strangerAt(origin, username), { action: "login", result: "ok", ms });
    await this.#catalog.noteLogin(username, clock.now());
    return account;
  }

  /** Whether an address had so many failed logins recently that a door may refuse it. */
  isBarred(address: string): Promise<boolean> {
    return this.#throttle.isBarred(address);
  }

  /**
   * Logs in with a token's secret.
   *
   * @throws {AuthError} `failed`
   */
  async loginWithToken(
    secret: string,
    origin: Origin,
  ): Promise<{ account: Account; token: TokenPrincipal }> {
    const found = await openToken(this.#catalog, secret);
    if (found === undefined || !this.#mayLogIn(found.account.name, origin)) {
      this.#audit.refused(strangerAt(origin, null), "login", "failed", "token");
      throw new AuthError("failed", "The token is not valid");
    }
    const actor = { ...strangerAt(origin, found.account.name), token: found.token.id };
    const reason = voidReason(found.account);
    if (reason !== undefined) {
      this.#audit.refused(actor, "login", "failed", reason);
      throw unusable(reason);
    }
    this.#audit.write(actor, { action: "login", result: "ok" });
    return found;
  }

  /**
   * Checks a name and password outside of a login. A refusal is logged like that of a login.
   *
   * @param action name of the action in the audit log
   * @throws {AuthError} as {@linkcode login}
   */
  async confirm(
    username: string,
    password: string,
    origin: Origin,
    action: "login" | "password" = "login",
  ): Promise<Account> {
    const start = performance.now();
    try {
      return await this.#confirm(username, password, origin);
    } catch (error) {
      if (error instanceof AuthError) await this.#throttle.attempted(origin.address);
      // A password typed where the name belongs is not to be read in a log.
      const actor = strangerAt(origin, nameFault(username) ? null : username);
      const hashed = error instanceof AuthError && error.kind === "failed" &&
        !isImpossible(username, password);
      const ms = Math.round(performance.now() - start);
      const reason = error instanceof AuthError ? error.reason : undefined;
      const value = reason === undefined ? {} : { value: reason };
      if (hashed) this.#audit.write(actor, { action, result: "failed", ...value, ms });
      else this.#audit.refused(actor, action, refusalOf(error));
      throw error;
    }
  }

  /** Logs a login whose credentials could not even be read. */
  async unreadable(origin: Origin): Promise<void> {
    await this.#throttle.attempted(origin.address);
    this.#audit.refused(strangerAt(origin, null), "login", "failed", "unreadable");
  }

  async #confirm(username: string, password: string, origin: Origin): Promise<Account> {
    const { address } = origin;
    if (isImpossible(username, password)) throw failed();
    const keys = loginKeys(username, address);
    // Checked before the account is read: during a delay, even a right password is refused.
    await this.#assertNoDelay(keys);

    const account = await this.#catalog.account(username);
    const assumed = account ?? strangerOf(username, this.#strangerHash);
    if (!await this.#isRight(assumed, password, address, keys)) throw failed();
    // Read again: the account may have been changed or removed during the hashing.
    const now = await this.#catalog.account(username);
    if (!account || now?.passwordHash !== account.passwordHash) throw failed();
    if (now.generation !== account.generation) throw failed();
    // After the hashing: a stranger does not learn where an account may log in from.
    if (!this.#mayLogIn(username, origin)) throw failed();
    await this.#throttle.succeeded(keys[0]);
    // Likewise: only who has the password learns that the account may not be used.
    const reason = voidReason(now);
    if (reason !== undefined) throw unusable(reason);
    return now;
  }

  /**
   * Checks the password of a public link, as slowly for who guesses as that of an account.
   *
   * @throws {AuthError} as {@linkcode login}
   */
  async confirmLink(
    link: { id: string; passwordHash: string },
    password: string,
    origin: Origin,
  ): Promise<void> {
    const { address } = origin;
    const name = `link ${link.id}`; // no account has such a name
    const keys = loginKeys(name, address);
    try {
      await this.#assertNoDelay(keys);
      const right = passwordFault(password) === undefined &&
        await this.#isRight(strangerOf(name, link.passwordHash), password, address, keys);
      if (!right) throw new AuthError("failed", "The password is wrong");
      await this.#throttle.succeeded(keys[0]);
    } catch (error) {
      const actor = { ...strangerAt(origin, null), link: link.id };
      this.#audit.refused(actor, "login", refusalOf(error), "link");
      throw error;
    }
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
    return await this.#queue.run(address, () => this.#scheme.hash(password));
  }

  /**
   * Counts something that a stranger may do a few times only.
   *
   * @throws {AuthError} `too-many`
   */
  async spend(key: ThrottleKey): Promise<void> {
    await this.#assertNoDelay([key]);
    await this.#throttle.failed([key]);
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
        const right = await this.#scheme.verify(password, account.passwordHash);
        if (!right) await this.#throttle.failed(keys);
        return right;
      }).finally(() => this.#underWay.delete(digest));
      this.#underWay.set(digest, verification);
    }
    const right = await verification;
    if (right) this.#remembered.add(digest);
    return right;
  }

  /** Logs a refused registration and its reason. */
  registrationRefused(actor: AuditActor, error: unknown): void {
    this.#audit.refused(actor, "register", refusalOf(error));
  }

  async #assertNoDelay(keys: readonly ThrottleKey[]): Promise<void> {
    const waitMs = await this.#throttle.retryAfterMs(keys);
    if (waitMs > 0) throw tooMany("Too many attempts", waitMs);
  }

  #assertRoom(address: string): void {
    const retryAfterMs = this.#queue.retryAfterMs(address);
    if (retryAfterMs > 0) throw tooMany("Too many logins at once", retryAfterMs);
  }
}

function strangerOf(name: string, passwordHash: string): Account {
  return {
    name,
    passwordHash,
    letters: "",
    quotaBytes: null,
    createdMs: 0,
    lastLoginMs: null,
    generation: -1,
    disabled: false,
    expiresMs: null,
    groups: [],
  };
}

/** Whether no account can have this name or password: refused without hashing. */
function isImpossible(username: string, password: string): boolean {
  return nameFault(username) !== undefined || passwordFault(password) !== undefined;
}
