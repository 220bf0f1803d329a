import { explain, type LetterRule } from "../access/why.ts";
import type { Access } from "../access/access.ts";
import type { VirtualPath } from "../contract/path.ts";

/** The permissions of a session, as they are now. */
export class Permissions {
  constructor(private readonly access: Access) {}

  /** The permissions of the session, as letters. @throws {StoreError} `session-over` */
  letters(): Promise<string> {
    return this.access.letters();
  }

  /** Checks that the session has some permissions. @throws {StoreError} `denied`, `session-over` */
  require(letters: string): Promise<void> {
    return this.access.require(letters);
  }

  /** Refuses a session that showed a token instead of a password. @throws {StoreError} `denied` */
  requirePassword(): void {
    this.access.requirePassword();
  }

  /** Whether a path lies in another tree than the account's: a mount, or what others share. */
  isForeign(path: VirtualPath): Promise<boolean> {
    return this.access.isForeign(path);
  }

  /** For each permission: whether a path allows it, and by which rule. */
  why(path: string): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
    return explain(this.access, path);
  }
}
