/** Moments that the catalog remembers over restarts. */

/**
 * - `compared`: since when all content is stored by versions that compare what they write with what
 *   they hashed; what was stored before may differ from what was acknowledged. 0: always.
 * - `authority`: when the server had a certificate authority of its own for the first time.
 */
export type MarkName = "compared" | "authority";

/** Contracts are the catalog's (catalog.ts). */
export interface MarkBook {
  /** ms since the epoch; undefined where it was never set. */
  get(name: MarkName): Promise<number | undefined>;
  /** Durable. */
  set(name: MarkName, atMs: number): Promise<void>;
}
