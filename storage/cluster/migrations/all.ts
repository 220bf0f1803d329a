/** The schema of the cluster's database: each room has a file, and later changes files of their own. */
import type { Migration } from "../postgres/migrations.ts";
import { TREE } from "./001_tree.sql.ts";
import { CATALOG } from "./002_catalog.sql.ts";
import { LIMITS } from "./003_limits.sql.ts";
import { UPKEEP_OF_OBJECTS } from "./010_upkeep.sql.ts";
import { DUTIES } from "./011_duties.sql.ts";
import { VALIDITY } from "./012_validity.sql.ts";
import { LOCKS } from "./013_locks.sql.ts";
import { NETWORK_LIMITS } from "./014_network_limits.sql.ts";
import { GROUPS } from "./015_groups.sql.ts";
import { KEPT } from "./016_kept.sql.ts";

/** All migrations, in order. */
export const MIGRATIONS: readonly Migration[] = [
  TREE,
  CATALOG,
  LIMITS,
  UPKEEP_OF_OBJECTS,
  DUTIES,
  VALIDITY,
  LOCKS,
  NETWORK_LIMITS,
  GROUPS,
  KEPT,
];
