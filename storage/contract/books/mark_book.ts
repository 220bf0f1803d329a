/** Times that the catalog remembers over restarts. */

/**
 * - `compared`: since when all content is stored by versions that compare what they write with what
 *   they hashed; what was stored before may differ from what was acknowledged. 0: always.
 * - `authority`: when the server had a certificate authority of its own for the first time.
 * - `seen`, `ahead`, `waited`: see {@linkcode ClockState}.
 * - `arrivals`: no time, but the number that no arrival has reached: see {@linkcode Arrivals}.
 * - `identity`: no time, but a random number that names this catalog, once it was asked for.
 * - `incoming`: no time, but the identity of the catalog that is being moved here; 0: none is.
 * - `outgoing`: until when a move of this catalog to another place counts as running.
 */
export type MarkName =
  | "compared"
  | "authority"
  | "seen"
  | "ahead"
  | "waited"
  | "arrivals"
  | "identity"
  | "incoming"
  | "outgoing";

/** Contracts are the catalog's (catalog.ts). */
export interface MarkBook {
  /** ms; undefined where it was never set. */
  get(name: MarkName): Promise<number | undefined>;
  /** Durable. */
  set(name: MarkName, ms: number): Promise<void>;
  /** Not durable; nothing happens where nothing can be written at once. */
  note(marks: Partial<Record<MarkName, number>>): Promise<void>;
}
