/** Messages between the tests of a run and the program that holds their engines. */
import type { DatabaseOptions } from "../../../storage/cluster/postgres/options.ts";

/** Where the engines of a test run are; certificates are in files beside this one. */
export interface EnginesPlace {
  /** Address of the object store, which has the bucket `bucket`. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Port at which databases are taken, by the data directory that they are for. */
  readonly control: number;
}

/** A database for one data directory; its name is the prefix in the bucket, too. */
export type TakenPlace = DatabaseOptions;
