import type { VirtualPath } from "../../contract/path.ts";

/**
 * Paths of one account that a worker is about to rename or remove. No intent to publish is noted at
 * a claimed path, above it or below it, and no other claim overlaps it.
 */
export interface Claim {
  id: string;
  owner: string;
  paths: readonly VirtualPath[];
  holder: string;
}

/**
 * What became of a claim. `ready`: the paths are the claim's alone. `waiting`: it was noted, so that
 * no new intent is, and those noted before are still to be finished. `busy`: it was not noted,
 * another claim overlaps it.
 */
export type ClaimAnswer = "ready" | "waiting" | "busy";

/**
 * Claims, a part of the catalog. Contracts are the catalog's (catalog.ts); none is durable, as no
 * work outlives a power cut.
 */
export interface ClaimBook {
  /** Notes a claim; repeated with the same id, tells how it is now. */
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** Removes a claim. */
  release(claim: Claim): Promise<void>;
  /**
   * Removes a claim that is over: at once for whatever this object does next, within milliseconds
   * for other workers. It does not fail; where it cannot be written now, it is tried again.
   */
  releaseSoon(claim: Claim): void;
  all(): Promise<Claim[]>;
}
