import type { VirtualPath } from "../contract/path.ts";
import * as sharing from "../people/sharing.ts";
import { Actions } from "./actions.ts";

/** Shares that a session gives and receives. */
export class Sharing extends Actions {
  /** Shares a file or directory with another account. @throws {StoreError} */
  share(request: sharing.ShareRequest): Promise<sharing.ShareInfo> {
    return this.act(
      "share",
      [request.path],
      () => sharing.share(this.core, this.access, request),
      request.guest,
      request.letters,
    );
  }

  /** Ends the shares of a path, or the one of a guest. @throws {StoreError} */
  unshare(path: string, guest?: string): Promise<void> {
    const end = () => sharing.unshare(this.core, this.access, path, guest);
    return this.act("unshare", [path], end, guest);
  }

  /** The shares that other accounts gave to this one. */
  sharedWithMe(): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedWithMe(this.core, this.access);
  }

  /** The shares that this account gave, of one path or all. */
  sharedByMe(path?: VirtualPath): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedByMe(this.core, this.access, path);
  }
}
