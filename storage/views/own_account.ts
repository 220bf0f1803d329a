import type { Usage } from "../contract/catalog.ts";
import { Actions } from "./actions.ts";

/** The account that a session acts for. */
export class OwnAccount extends Actions {
  /** The bytes that it holds, and the maximum that it may hold; null: no limit. */
  async usage(): Promise<Usage & { quotaBytes: number | null }> {
    const { name, quotaBytes } = await this.access.account();
    return { ...await this.core.catalog.usage(name), quotaBytes };
  }

  /**
   * Sets another password. The account's tokens and other sessions end; this session goes on. The
   * caller has checked the old password.
   *
   * @throws {StoreError} `denied` to a token's session, `session-over`
   */
  changePassword(passwordHash: string): Promise<void> {
    return this.act("password", [], async () => {
      this.access.requirePassword();
      const { account, generation, sessionId } = this.access.principal;
      const renewed = await this.core.catalog.setPassword(account, passwordHash, generation);
      if (renewed === undefined) return void await this.access.account(); // throws the reason
      this.access.renew(renewed);
      const reason = "The account's password was changed";
      await this.core.presence.end({ account, except: sessionId }, reason);
    });
  }
}
