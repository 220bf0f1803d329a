/** Refusals of logins, and their sentences. */
import { type AuditResult, resultOf } from "../../storage/monitor/audit.ts";
import { VOID, type VoidReason } from "../../storage/contract/validity.ts";

/** Reasons for a refused login. */
export type AuthErrorKind = "failed" | "too-many";

/**
 * A refused login. The message is the same for unknown accounts and wrong passwords; after the right
 * one it says that the account is disabled or has expired.
 */
export class AuthError extends Error {
  override readonly name = "AuthError";

  /**
   * @param retryAfterMs when to try again, with `too-many`
   * @param reason why the right secret is not enough
   */
  constructor(
    readonly kind: AuthErrorKind,
    message: string,
    readonly retryAfterMs: number = 0,
    readonly reason?: VoidReason,
  ) {
    super(message);
  }
}

/** The result of a refused login in the audit log. */
export function refusalOf(error: unknown): AuditResult {
  return error instanceof AuthError ? error.kind : resultOf(error);
}

/** A wrong name or password. */
export function failed(): AuthError {
  return new AuthError("failed", "The user name or password is wrong");
}

/** The right secret of an account that may not be used. */
export function unusable(reason: VoidReason): AuthError {
  const message = `This account ${VOID[reason]}: ask the administrator of the server`;
  return new AuthError("failed", message, 0, reason);
}

/** Too many attempts, or too many logins at once. */
export function tooMany(what: string, retryAfterMs: number): AuthError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new AuthError("too-many", `${what}; try again in ${seconds} s`, retryAfterMs);
}
