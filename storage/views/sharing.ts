import type { VirtualPath } from "../contract/path.ts";
import * as sharing from "../people/sharing.ts";
import { act, type Session } from "./act.ts";

/** Shares that a session gives and receives. */
export class Sharing {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  share(request: sharing.ShareRequest): Promise<sharing.ShareInfo> {
    return act(
      this.#session,
      "share",
      [request.path],
      () => sharing.share(this.#session.core, this.#session.access, request),
      request.guest,
    );
  }

  unshare(path: string, guest?: string): Promise<void> {
    const end = () => sharing.unshare(this.#session.core, this.#session.access, path, guest);
    return act(this.#session, "unshare", [path], end, guest);
  }

  sharedWithMe(): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedWithMe(this.#session.core, this.#session.access);
  }

  sharedByMe(path?: VirtualPath): AsyncGenerator<sharing.ShareInfo> {
    return sharing.sharedByMe(this.#session.core, this.#session.access, path);
  }
}
