import type { SetAside } from "../../contract/engine.ts";

/** Content that is set aside: it expires as an unfinished upload does. */
export type AsideRecord = SetAside;

/** What is set aside of each account. Part of a catalog: it counts to the account's quota. */
export interface AsideBook {
  all(): Promise<AsideRecord[]>;
  /** Notes one where it is not known yet, and counts it to the quota at once. */
  add(record: AsideRecord): Promise<void>;
  /** Replaces what is known of an account; the quota follows with the next `recount`. */
  replace(owner: string, records: readonly AsideRecord[]): Promise<void>;
  /** Forgets one, and frees what it held of the quota. */
  remove(id: string): Promise<void>;
}
