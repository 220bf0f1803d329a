import type { LockRecord } from "../contract/books/lock_book.ts";
import { asAdministrator } from "../people/as_administrator.ts";
import { resolvePath, type VirtualPath } from "../contract/path.ts";
import * as locks from "../tree/locks.ts";
import { Actions } from "./actions.ts";

/** Locks that a session takes, sees and ends. */
export class Locks extends Actions {
  /** Takes a lock of a path, or renews the account's own. @throws {StoreError} */
  take(request: locks.LockRequest): Promise<locks.LockInfo> {
    return this.act("lock", [request.path], () => locks.lock(this.core, this.access, request));
  }

  /** Ends a lock; with `force` another account's, where that is allowed. @throws {StoreError} */
  end(path: string, { force = false }: { force?: boolean } = {}): Promise<locks.LockInfo> {
    const end = () => locks.unlock(this.core, this.access, path, force);
    return this.act("unlock", [path], end, undefined, force ? "force" : undefined);
  }

  /** Lists the locks at a path and below it that the session can see. @default everywhere */
  seen(path?: VirtualPath): AsyncGenerator<locks.LockInfo> {
    return locks.locksSeen(this.core, this.access, path);
  }

  /** Lists the locks of all accounts. @throws {StoreError} `denied` without the permission t */
  async all(): Promise<AsyncIterable<LockRecord>> {
    await this.access.require("t");
    return locks.allLocks(this.core.catalog);
  }

  /** Ends a lock in any account's tree. @throws {StoreError} `denied`, `not-found` */
  break(owner: string, path: VirtualPath): Promise<void> {
    const at = resolvePath("/", path);
    const action = { action: "unlock", subject: owner, paths: [at], value: "force" } as const;
    return asAdministrator(
      this.core,
      this.access,
      action,
      () => locks.breakLock(this.core.catalog, owner, at),
    );
  }
}
