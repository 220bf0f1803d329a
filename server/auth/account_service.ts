/** Making accounts and changing passwords, for every door: names, passwords, hashing. */
import { DEFAULT_LETTERS } from "../../storage/people/account_changes.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { Vault, View } from "../../storage/vault.ts";
import type { Authenticator } from "./authenticator.ts";
import { nameFault, passwordFault } from "../../common/account_names.ts";
import { networkOf, type Origin, strangerAt } from "./origin.ts";

/** Rules for new accounts, which an operator sets. */
export interface AccountRules {
  /** Anyone may make an account. */
  allowRegister: boolean;
  /** Quota of a new account, bytes; null: no limit. */
  quotaBytes: number | null;
}

/** An account that an administrator makes. */
export interface WantedAccount {
  name: string;
  password: string;
  /** @default those of every new account */
  letters?: string;
  /** Bytes; null: no limit. @default that of every new account */
  quotaBytes?: number | null;
  /** From then on it is void. @default never */
  expiresMs?: number | null;
}

/** Creates accounts and changes passwords. All throw {StoreError} and {AuthError}, `too-many`. */
export class AccountService {
  constructor(
    private readonly vault: Vault,
    private readonly authenticator: Authenticator,
    readonly rules: AccountRules,
  ) {}

  /**
   * Registers an account without a login.
   *
   * @returns its permissions
   * @throws {StoreError} `denied` where registration is not allowed
   */
  async register(name: string, password: string, origin: Origin): Promise<string> {
    const stranger = strangerAt(origin, nameFault(name) ? null : name);
    let passwordHash: string;
    try {
      passwordHash = await this.#admit(name, password, origin);
    } catch (error) {
      this.authenticator.registrationRefused(stranger, error);
      throw error;
    }
    const { quotaBytes } = this.rules;
    const letters = DEFAULT_LETTERS;
    await this.vault.register({ name, passwordHash, quotaBytes, letters }, stranger);
    return letters;
  }

  /** Whether a stranger may make this account now. @returns the hash of its password */
  async #admit(name: string, password: string, origin: Origin): Promise<string> {
    if (!this.rules.allowRegister) {
      throw new StoreError(
        "denied",
        "This server does not allow registration: ask its administrator for an account",
      );
    }
    assertAccount(name, password);
    await this.authenticator.spend({ kind: "registration", value: networkOf(origin.address) });
    return await this.authenticator.hash(password, origin.address);
  }

  /** Changes the session's own password. @throws {AuthError} `failed` for a wrong old one */
  async changePassword(
    view: View,
    passwords: { old: string; new: string },
    origin: Origin,
  ): Promise<void> {
    view.permissions.requirePassword();
    assertPassword(passwords.new, "new_password");
    await this.authenticator.confirm(view.principal.account, passwords.old, origin, "password");
    await view.account.changePassword(await this.authenticator.hash(passwords.new, origin.address));
  }

  /** Creates an account for an administrator. */
  async add(view: View, wanted: WantedAccount, origin: Origin): Promise<void> {
    const { name, password, letters, quotaBytes, expiresMs = null } = wanted;
    await view.administration.require("account", name);
    assertAccount(name, password);
    await view.administration.assertFree(name);
    await view.administration.addAccount({
      name,
      passwordHash: await this.authenticator.hash(password, origin.address),
      quotaBytes: quotaBytes === undefined ? this.rules.quotaBytes : quotaBytes,
      expiresMs,
      ...(letters === undefined ? {} : { letters }),
    });
  }

  /** Hashes the password of a public link. */
  async hashLinkPassword(password: string, origin: Origin): Promise<string> {
    assertPassword(password, "password");
    return await this.authenticator.hash(password, origin.address);
  }

  /** Gives an account another password. */
  async resetPassword(view: View, name: string, password: string, origin: Origin): Promise<void> {
    await view.administration.require("reset-password", name);
    assertPassword(password, "password");
    await view.administration.assertThere(name);
    const hash = await this.authenticator.hash(password, origin.address);
    await view.administration.setPassword(name, hash);
  }
}

function assertAccount(name: string, password: string): void {
  const fault = nameFault(name);
  if (fault) throw new StoreError("bad-name", fault);
  assertPassword(password, "password");
}

function assertPassword(password: string, member: string): void {
  const fault = passwordFault(password);
  if (fault) throw new StoreError("bad-request", `"${member}" is not possible: ${fault}`);
}
