/** Failed logins as the catalog counts them, for all doors and workers, over restarts. */

/** Failures under one key. */
export interface Failures {
  count: number;
  lastMs: number;
}

/** Failure counts by key. The general contracts are in catalog.ts. Callers define the keys. */
export interface FailureBook {
  /** Failures under these keys, in their order; undefined where there were none. */
  of(keys: readonly string[]): Promise<(Failures | undefined)[]>;
  /**
   * Counts one more failure under each key, or the first where the last one came before
   * `forgetBeforeMs`. Keys beyond `maxKeys` are forgotten, the longest unused first. Not durable.
   */
  count(
    keys: readonly string[],
    atMs: number,
    bounds: { forgetBeforeMs: number; maxKeys: number },
  ): Promise<void>;
  /** Removes the failures under a key. */
  forget(key: string): Promise<void>;
}
