import type { Access } from "./access/access.ts";
import { StoreError } from "./contract/error.ts";
import { resolvePath, type VirtualPath } from "./contract/path.ts";
import type { Principal } from "./contract/principal.ts";
import type { VaultCore } from "./core/vault_core.ts";
import { actorOf, resultOf } from "./monitor/audit.ts";
import { Administration } from "./people/administration.ts";
import { Browsers } from "./people/browsers.ts";
import type { ReadableTree } from "./people/link_visit.ts";
import { Groups } from "./people/groups.ts";
import { Links } from "./people/links.ts";
import { MountAdministration } from "./people/mounts.ts";
import { Restrictions } from "./people/restrictions.ts";
import { Tokens } from "./people/tokens.ts";
import { Locks } from "./views/locks.ts";
import { OwnAccount } from "./views/own_account.ts";
import { Permissions } from "./views/permissions.ts";
import { Sharing } from "./views/sharing.ts";
import { Transfers } from "./views/transfers.ts";
import { TreeView } from "./views/tree.ts";

/**
 * A session's view of the vault, with its actions by subject: `view.tree.rename(…)`. Paths are
 * resolved against `/`; see {@linkcode View.resolve}. Every action is written to the audit log,
 * through every door (protocol).
 */
export class View {
  readonly permissions: Permissions;
  readonly account: OwnAccount;
  readonly transfers: Transfers;
  readonly tree: TreeView;
  readonly sharing: Sharing;
  readonly locks: Locks;
  readonly tokens: Tokens;
  readonly links: Links;
  readonly browsers: Browsers;
  readonly administration: Administration;
  readonly restrictions: Restrictions;
  readonly groups: Groups;
  readonly mounts: MountAdministration;
  readonly #core: VaultCore;
  readonly #access: Access;

  constructor(core: VaultCore, access: Access) {
    this.#core = core;
    this.#access = access;
    this.permissions = new Permissions(access);
    this.account = new OwnAccount(core, access);
    this.transfers = new Transfers(core, access);
    this.tree = new TreeView(core, access);
    this.sharing = new Sharing(core, access);
    this.locks = new Locks(core, access);
    this.tokens = new Tokens(core, access);
    this.links = new Links(core, access);
    this.browsers = new Browsers(core, access);
    this.administration = new Administration(core, access);
    this.groups = new Groups(core, access);
    this.restrictions = new Restrictions(core, access);
    this.mounts = new MountAdministration(core, access);
  }

  /** The account that acts, and the session that it acts in. */
  get principal(): Principal {
    return this.#access.principal;
  }

  /** Number of the latest change of this session (contract/arrivals.ts); 0 before the first. */
  get lastChange(): number {
    return this.#access.changes.last;
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

  /** Notes that the session has ended because its client has left: its listings end, too. */
  abandon(): void {
    this.#access.abandon();
    this.leave();
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
}
