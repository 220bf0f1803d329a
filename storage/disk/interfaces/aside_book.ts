import type { SetAside } from "../../contract/engine.ts";

/** Content that is set aside: it expires as an unfinished upload does. */
export type AsideRecord = SetAside;

/**
 * Content of each account that is set aside. Part of a catalog: it counts towards the account's
 * quota.
 */
export interface AsideBook {
  all(): Promise<AsideRecord[]>;
  /** Notes one where it is not known yet, and counts it to the quota at once. */
  add(record: AsideRecord): Promise<void>;
  /** Replaces the records of an account; the quota follows with the next `recount`. */
  replace(owner: string, records: readonly AsideRecord[]): Promise<void>;
  /** Removes a record, and frees its bytes in the quota. */
  remove(id: string): Promise<void>;
}
