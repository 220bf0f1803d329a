import type { Access } from "./access/access.ts";
import { explain, type LetterRule } from "./access/why.ts";
import type { Usage } from "./contract/catalog.ts";
import { StoreError } from "./contract/error.ts";
import { resolvePath, type VirtualPath } from "./contract/path.ts";
import type { Principal } from "./contract/principal.ts";
import type { VaultCore } from "./core/vault_core.ts";
import { actorOf, resultOf } from "./monitor/audit.ts";
import { Administration } from "./people/administration.ts";
import { Browsers } from "./people/browsers.ts";
import type { ReadableTree } from "./people/link_visit.ts";
import { Links } from "./people/links.ts";
import { Tokens } from "./people/tokens.ts";
import { act } from "./views/act.ts";
import { Sharing } from "./views/sharing.ts";
import { Transfers } from "./views/transfers.ts";
import { TreeView } from "./views/tree.ts";

/**
 * A session's view of the vault. Paths are resolved against `/`; see {@linkcode View.resolve}. What
 * is done here is told to the audit log, whatever the door.
 */
export class View {
  readonly transfers: Transfers;
  readonly tree: TreeView;
  readonly sharing: Sharing;
  readonly tokens: Tokens;
  readonly links: Links;
  readonly browsers: Browsers;
  readonly administration: Administration;
  readonly #core: VaultCore;
  readonly #access: Access;

  constructor(core: VaultCore, access: Access) {
    this.#core = core;
    this.#access = access;
    const session = { core, access };
    this.transfers = new Transfers(session);
    this.tree = new TreeView(session);
    this.sharing = new Sharing(session);
    this.tokens = new Tokens(core, access);
    this.links = new Links(core, access);
    this.browsers = new Browsers(core, access);
    this.administration = new Administration(core, access);
  }

  get principal(): Principal {
    return this.#access.principal;
  }

  /** Directories and their content, as an archive reads them. */
  get readable(): ReadableTree {
    return {
      entries: (path, options) => this.tree.entries(path, options),
      download: (path) => this.transfers.download(path),
    };
  }

  /** Notes that the session has ended. */
  leave(): void {
    this.#core.presence.leave(this.principal.sessionId);
  }

  /**
   * An absolute path of what a user wrote in the directory `current`.
   *
   * @throws {StoreError} `bad-name`, `denied` above the root
   */
  resolve(current: VirtualPath, text: string): VirtualPath {
    if (text === "") throw new StoreError("bad-name", "The name is empty");
    try {
      return resolvePath(current, text);
    } catch (error) {
      const result = resultOf(error);
      if (result === "denied") {
        const event = { action: "path", result, paths: [text] } as const;
        this.#core.audit.write(actorOf(this.principal), event);
      }
      throw error;
    }
  }

  letters(): Promise<string> {
    return this.#access.letters();
  }
  require(letters: string): Promise<void> {
    return this.#access.require(letters);
  }
  /** What the account holds, and the most that it may hold; null: no limit. */
  async usage(): Promise<Usage & { quotaBytes: number | null }> {
    const { name, quotaBytes } = await this.#access.account();
    return { ...await this.#core.catalog.usage(name), quotaBytes };
  }
  why(path: string): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
    return explain(this.#access, path);
  }

  /** Throws `denied` to a session that showed a token: its account's password is not its own. */
  requirePassword(): void {
    this.#access.requirePassword();
  }

  /**
   * Gives the account another password. Its tokens are void, its other sessions end; this one goes
   * on. The caller has asked for the old password.
   *
   * @throws {StoreError} `denied` to a token's session, `session-over`
   */
  changePassword(passwordHash: string): Promise<void> {
    return act({ core: this.#core, access: this.#access }, "password", [], async () => {
      this.#access.requirePassword();
      const { account, generation, sessionId } = this.principal;
      const renewed = await this.#core.catalog.setPassword(account, passwordHash, generation);
      if (renewed === undefined) return void await this.#access.account(); // tells why
      this.#access.renew(renewed);
      const reason = "The account's password was changed";
      await this.#core.presence.end({ account, except: sessionId }, reason);
    });
  }
}
