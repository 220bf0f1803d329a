/** Steps of the schema that have files of their own, in order. */
import { ADD_ARRIVALS } from "./add_arrivals.ts";
import { ADD_GROUPS } from "./add_groups.ts";
import { ADD_LOCKS } from "./add_locks.ts";
import { ADD_MOUNTS } from "./add_mounts.ts";
import { ADD_NETWORK_LIMITS } from "./add_network_limits.ts";
import { ADD_VALIDITY } from "./add_validity.ts";

/** Further steps go to the end; see `MIGRATIONS`. */
export const LATER_STEPS: readonly string[] = [
  ADD_ARRIVALS,
  ADD_VALIDITY,
  ADD_LOCKS,
  ADD_NETWORK_LIMITS,
  ADD_GROUPS,
  ADD_MOUNTS,
];
