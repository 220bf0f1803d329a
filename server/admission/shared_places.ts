/** Connections of each address and account, counted over several nodes. */
import type { SharedLimits } from "../../storage/contract/shared_limits.ts";

/** Places of one name at this worker. */
interface Held {
  places: number;
  /** Whether the other workers know of them. */
  isShared: boolean;
}

/**
 * Counts the places that this worker gives to each name, and has all workers of all nodes keep a
 * maximum together. Names without a maximum are counted here alone.
 */
export class SharedPlaces {
  readonly #held = new Map<string, Held>();

  /**
   * @param limits what all workers share
   * @param maxOf the present maximum of a name; `Infinity`: none
   */
  constructor(
    private readonly limits: Pick<SharedLimits, "hold" | "onForgotten">,
    private readonly maxOf: (name: string) => number,
  ) {
    limits.onForgotten(() => this.#shareAgain(() => true));
  }

  /** Some maxima have changed: names that have one now are counted everywhere. */
  changed(): void {
    this.#shareAgain(({ isShared }) => !isShared);
  }

  /**
   * Takes a place.
   *
   * @returns gives it back, once; undefined at the maximum
   * @throws {StoreError} `unreachable`
   */
  take(name: string): (() => void) | Promise<(() => void) | undefined> {
    const max = this.maxOf(name);
    const held = this.#held.get(name) ?? { places: 0, isShared: false };
    this.#held.set(name, held);
    held.places++;
    let isHeld = true;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      held.places--;
      if (held.isShared) this.#share(name, held);
      if (held.places === 0) this.#held.delete(name);
    };
    if (max === Infinity) return release;
    held.isShared = true;
    return this.limits.hold(name, held.places, max).then((kept) => {
      if (kept) return release;
      release();
      return undefined;
    }, (error) => {
      release();
      throw error;
    });
  }

  #shareAgain(which: (held: Held) => boolean): void {
    for (const [name, held] of this.#held) {
      if (!which(held) || this.maxOf(name) === Infinity) continue;
      held.isShared = true;
      this.#share(name, held);
    }
  }

  #share(name: string, { places }: Held): void {
    // Where the database cannot be reached, no worker gives places; it is set with the next change.
    this.limits.hold(name, places, Infinity).catch(() => {});
  }
}
