/** Accounts as doors and `admin` show them. */
import type { Account, Validity } from "../../storage/contract/catalog.ts";

/** The names of an account's groups. */
export function groupNames({ groups }: Pick<Account, "groups">): string[] {
  return groups.map(({ name }) => name);
}

/** Whether an account is disabled, and when it expires; null: never. */
export function validityInfo({ disabled, expiresMs }: Validity) {
  return { disabled, expires: expiresMs };
}
