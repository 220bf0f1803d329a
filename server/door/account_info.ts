/** Accounts as doors and `admin` show them. */
import type { Validity } from "../../storage/contract/catalog.ts";

/** Whether an account is disabled, and when it expires; null: never. */
export function validityInfo({ disabled, expiresMs }: Validity) {
  return { disabled, expires: expiresMs };
}
