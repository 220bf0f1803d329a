/** Sessions without an account, for every door (protocol), where the operator publishes something. */
import { publishedAccount } from "../../storage/access/published.ts";
import type { Account, Catalog } from "../../storage/contract/catalog.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { ANONYMOUS, type Published } from "../../storage/contract/principal.ts";
import { AuthError } from "./auth_error.ts";
import { type Origin, strangerAt } from "./origin.ts";
import type { QuietAudit } from "./quiet_audit.ts";

/** Lets sessions without an account begin. They count as no attempt, and forgive none. */
export class AnonymousLogins {
  constructor(
    private readonly parts: {
      catalog: Catalog;
      audit: QuietAudit;
      mayLogIn(account: string, origin: Origin): boolean;
      /** Undefined: no such session begins. */
      published: Published | undefined;
    },
  ) {}

  /** Whether there can be such sessions. */
  get isOn(): boolean {
    return this.parts.published !== undefined;
  }

  /** Whether a name is that of such a session, which needs no password (RFC 1635). */
  async is(username: string, door: Origin["door"]): Promise<boolean> {
    if (!this.isOn) return false;
    if (username === ANONYMOUS) return true;
    return door === "ftp" && username === "ftp" &&
      await this.parts.catalog.account(username) === undefined;
  }

  /**
   * Begins a session.
   *
   * @throws {AuthError} `failed` where nothing is published to this address
   */
  async enter(origin: Origin): Promise<{ account: Account; published: Published }> {
    const { published, audit } = this.parts;
    const actor = strangerAt(origin, ANONYMOUS);
    const account = published !== undefined && this.parts.mayLogIn(ANONYMOUS, origin)
      ? await this.#account(published)
      : undefined;
    if (published === undefined || account === undefined) {
      audit.refused(actor, "login", "failed");
      throw new AuthError("failed", "Nothing is published here: log in with an account");
    }
    audit.write(actor, { action: "login", result: "ok" });
    return { account, published };
  }

  async #account(published: Published): Promise<Account | undefined> {
    try {
      return await publishedAccount(this.parts.catalog, published);
    } catch (error) {
      if (isStoreError(error, "session-over")) return undefined;
      throw error;
    }
  }
}
