import type { Durability } from "../../contract/engine.ts";
import type { FindMount } from "./mounted.ts";

/** Options of a store on a local file system. */
export interface LocalStoreOptions {
  readonly durability?: Durability;
  /** 8 hex digits, unique. @default random ones */
  readonly tag?: string;
  /** Finds directories of the host that are mounted. @default there are none */
  readonly findMount?: FindMount;
}
