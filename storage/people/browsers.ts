import { clock } from "../contract/clock.ts";
import type { Access } from "../access/access.ts";
import { audited } from "../monitor/audit.ts";
import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "../core/vault_core.ts";
import type { WebSessionRecord } from "../contract/books/web_session_book.ts";
import { eachOf } from "../common/each_page.ts";
import { isOn } from "./web_sessions.ts";

/** Browsers that are signed in to an account, as its session sees them. */
export class Browsers {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /** All of them, the one that was used last first. */
  async list(): Promise<WebSessionRecord[]> {
    const { name } = await this.access.account();
    const { webSessions } = this.core.catalog;
    return (await Array.fromAsync(eachOf<WebSessionRecord>((page) => webSessions.of(name, page))))
      .filter((session) => isOn(session, clock.now()))
      .sort((a, b) => b.lastUsedMs - a.lastUsedMs);
  }

  /** Signs a browser out. @throws {StoreError} `not-found`, `denied` to a token's session */
  end(id: string): Promise<void> {
    const event = { action: "kick", subject: id.slice(0, 64) } as const;
    return audited(this.core.audit, this.access.principal, event, async () => {
      this.access.requirePassword();
      if (!(await this.list()).some((session) => session.id === id)) {
        throw new StoreError("not-found", "There is no such session");
      }
      await this.core.catalog.webSessions.remove(id);
      await this.core.presence.end({ sessionId: id }, "The account signed this browser out");
    });
  }
}
