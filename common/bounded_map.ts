/** Bounds of a {@linkcode BoundedMap}. */
export interface BoundedMapOptions<Value> {
  /** Maximum number of entries, or maximum sum of their weights. */
  readonly max: number;
  /** The weight of an entry. @default 1 for each */
  readonly weigh?: (value: Value) => number;
  /**
   * Whether `get` renews an entry: the entry that was unused for longest is then the first to be
   * removed, otherwise the one that was set first. @default false
   */
  readonly renewedByGet?: boolean;
  /** Age at which an entry is removed, ms since it was set or renewed. @default none */
  readonly maxAgeMs?: number;
  /** A clock in ms that never goes back. @default performance.now */
  readonly now?: (() => number) | undefined;
  /** Called with each value that leaves the map. */
  readonly onRemove?: (value: Value) => void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly weight: number;
  /** Time at which the entry was set or renewed. */
  sinceMs: number;
}

/**
 * A map of bounded size, for caches: `set` removes the oldest entries beyond the maximum, but never
 * the entry it has just set. Each use removes the entries that are too old.
 */
export class BoundedMap<Key, Value> {
  /** The oldest first. */
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #weight = 0;
  /** Before this time no entry is too old. */
  #oldAtMs = Infinity;

  constructor(private readonly options: BoundedMapOptions<Value>) {
    this.#maxAgeMs = options.maxAgeMs ?? Infinity;
    // Without a maximum age no time is taken: some maps are read at every step of a transfer.
    this.#now = this.#maxAgeMs === Infinity ? () => 0 : options.now ?? (() => performance.now());
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key; undefined where it has none, or one that is too old. */
  get(key: Key): Value | undefined {
    const nowMs = this.#now();
    if (nowMs >= this.#oldAtMs) this.#trim(nowMs);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.options.renewedByGet) {
      entry.sinceMs = nowMs;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  /** Sets the value of a key, as the newest entry. */
  set(key: Key, value: Value): void {
    this.delete(key);
    const weight = this.options.weigh?.(value) ?? 1;
    const nowMs = this.#now();
    this.#entries.set(key, { value, weight, sinceMs: nowMs });
    this.#weight += weight;
    if (this.#entries.size === 1) this.#oldAtMs = nowMs + this.#maxAgeMs;
    if (nowMs >= this.#oldAtMs || this.#weight > this.options.max) this.#trim(nowMs);
  }

  /** Removes an entry, if there is one. */
  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
    this.options.onRemove?.(entry.value);
  }

  /** Removes all entries. */
  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  #trim(nowMs: number): void {
    for (const [oldest, { sinceMs }] of this.#entries) {
      this.#oldAtMs = sinceMs + this.#maxAgeMs;
      const tooMany = this.#weight > this.options.max && this.#entries.size > 1;
      if (!tooMany && nowMs < this.#oldAtMs) break;
      this.delete(oldest);
    }
  }
}
