import { BoundedMap } from "../../../common/bounded_map.ts";
import type { Epoch } from "../../common/epoch.ts";

/** Values of one table that are read at every step of a transfer, cached while they are fresh. */
export class FreshValues<Value> {
  readonly #known: BoundedMap<string, { value: Value | undefined; epoch: number }>;

  /** @param max most values in the cache */
  constructor(private readonly epoch: Epoch, max: number) {
    this.#known = new BoundedMap({ max });
  }

  /** The value of a key: of the cache, or else as `read` returns it. */
  async get(key: string, read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const { now } = this.epoch;
    const known = this.#known.get(key);
    if (known?.epoch === now) return known.value && { ...known.value };
    const value = await read();
    // The number from before the reading: a change meanwhile makes this value old at once.
    this.#known.set(key, { value, epoch: now });
    return value && { ...value };
  }

  /** Removes a key from the cache. */
  forget(key: string): void {
    this.#known.delete(key);
  }
}
