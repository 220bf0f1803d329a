import { arrivals } from "../contract/arrivals.ts";
import type { Changed } from "../contract/tree.ts";

/**
 * The place of a session's latest change in the order of arrivals. A connection that sends requests
 * ahead wants them in their order: an upload that it sent behind a removal comes after that, even
 * if it was read, and waited, before the removal took its number.
 */
export class OwnChanges {
  #last = 0;

  /** Number of the latest change; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number that had been taken last when a change was asked for that is begun now. */
  asked(): number {
    return Math.max(this.#last, arrivals.asked());
  }

  /** Notes the number of a change. */
  note(number: number): void {
    this.#last = Math.max(this.#last, number);
  }

  /** Waits for a removal or rename, and notes its number. */
  async during(change: Promise<Changed>): Promise<Changed> {
    try {
      const changed = await change;
      this.note(changed.arrival ?? 0);
      return changed;
    } catch (error) {
      this.note(arrivals.last); // it may have removed something
      throw error;
    }
  }
}
