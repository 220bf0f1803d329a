import type { Mover } from "../../admission/rate_limit.ts";
import type { View } from "../../../storage/vault.ts";
import type { Origin } from "../../auth/origin.ts";

/** A session with its view: the only way from a route to the vault. */
export interface WebSession {
  /** As `WHO` shows it. */
  readonly id: string;
  readonly account: string;
  readonly view: View;
  readonly origin: Origin;
  /** Aborted where the session is ended from outside: transfers are to stop. */
  readonly signal: AbortSignal;
  /**
   * Token that every changing request repeats, as the form field `csrf` or the header
   * `X-CSRF-Token`: no other site can know it. Absent in requests without a cookie.
   */
  readonly csrfToken?: string;
  /** Marks the session as in use, during a transfer. */
  touch(): void;
}

/** Whether a session reads what is published, without an account. */
export function isPublished({ view }: WebSession): boolean {
  return view.principal.published !== undefined;
}

/** A session as rates count its bytes. */
export function moverOf({ account, origin: { address } }: WebSession): Mover {
  return { account, address };
}
