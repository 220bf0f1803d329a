import type { VirtualPath } from "../../contract/path.ts";

/**
 * Paths of one account that a worker is about to rename or remove. No intent to publish is noted at
 * a claimed path, above it or below it, and no other claim overlaps it.
 */
export interface Claim {
  /** Unique: no claim of other paths ever has it. */
  id: string;
  owner: string;
  paths: readonly VirtualPath[];
  holder: string;
  /** The account that changes the paths: locks of others forbid it. @default no lock is checked */
  account?: string | null | undefined;
}

/**
 * Result of a claim. `ready`: the paths are the claim's alone. `waiting`: it is recorded, so that
 * no new intents are, and earlier ones must still finish. `busy`: not recorded, because another
 * claim overlaps it.
 */
export type ClaimAnswer = "ready" | "waiting" | "busy";

/**
 * Claims, a part of the catalog. Contracts are the catalog's (catalog.ts); none is durable, as no
 * work outlives a power cut.
 */
export interface ClaimBook {
  /**
   * Records a claim; called again with the same claim, returns its present state.
   *
   * @throws {StoreError} `locked` where another account holds a lock at, above or below a path
   */
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** Removes a claim. */
  release(claim: Claim): Promise<void>;
  /**
   * Removes a finished claim: at once for the next calls on this object, within milliseconds for
   * other workers. It does not fail; if it cannot be written now, it is retried.
   */
  releaseSoon(claim: Claim): void;
  all(): Promise<Claim[]>;
}
