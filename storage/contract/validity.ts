/** Accounts that may not be used: disabled by an administrator, or past their time. */
import type { Validity } from "./catalog.ts";
import { clock } from "./clock.ts";

/** Why an account may not be used now. */
export type VoidReason = "disabled" | "expired";

/** How such an account is, in a sentence behind its name. */
export const VOID = { disabled: "is disabled", expired: "has expired" } as const;

/** Why an account may not be used now; undefined: it may. */
export function voidReason({ disabled, expiresMs }: Validity): VoidReason | undefined {
  if (disabled) return "disabled";
  return expiresMs !== null && expiresMs <= clock.now() ? "expired" : undefined;
}
