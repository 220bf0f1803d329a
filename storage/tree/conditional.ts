import type { Condition } from "../contract/condition.ts";

/** A condition of a change. */
export interface Conditional {
  /** Checked on what is to be changed, for a rename or copy on its source. Needs r. */
  readonly condition?: Condition | undefined;
}
