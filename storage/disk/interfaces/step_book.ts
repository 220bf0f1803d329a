import type { VirtualPath } from "../../contract/path.ts";
import type { FileRecord, MoveIntent } from "../interfaces/intents.ts";
import type { Claim } from "../interfaces/claim_book.ts";

/** Result of a first step. */
export interface FirstStep {
  /** Whether anything at or below the claimed paths is shared. */
  readonly shared: boolean;
}

/** Files that a rename is about, as they were seen. */
export interface SeenFiles {
  readonly source: FileRecord;
  /** The file that is replaced; undefined: none is recorded. */
  readonly target: FileRecord | undefined;
}

/**
 * Claims of files together with the first step of the work they are made for, a part of the
 * catalog. If anything conflicts, or a file's record differs from the one seen, nothing is done:
 * the caller then makes the claim by itself, and checks the file again.
 */
export interface StepBook {
  /**
   * Durable: claims a file and removes its record.
   *
   * @param arrival the number that the removal took
   * @returns undefined where nothing was done
   */
  forgetFile(
    claim: Claim,
    path: VirtualPath,
    seen: FileRecord,
    arrival?: number,
  ): Promise<FirstStep | undefined>;
  /** Durable: claims both paths of a file's rename and notes it. @returns as `forgetFile` */
  beginMove(claim: Claim, move: MoveIntent, seen: SeenFiles): Promise<FirstStep | undefined>;
}
