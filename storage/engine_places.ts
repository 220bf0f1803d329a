/**
 * Everything of the engines that the main thread of a server uses. It opens none, so that none is
 * loaded with it.
 */
export { type ClusterAccess, parseDatabaseUrl, parseStoreAddress } from "./cluster/access.ts";
export { SpaceReserve } from "./disk/reserve/space_reserve.ts";

/** Name of the catalog's file in a data directory. */
export const CATALOG_FILE = "catalog.db";
