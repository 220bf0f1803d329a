/**
 * Free space of an engine: how much there is, how much is kept free, and how much of it the uploads
 * that are open have still to write, over all workers. The reserve is for the catalog, logs
 * and checkpoints (docs/storage.md, "A full disk").
 */
import { formatSize } from "../../common/size.ts";
import type { Space } from "../contract/engine.ts";
import { StoreError } from "../contract/error.ts";

/** How much space there is, and whether uploads are taken. */
export interface SpaceState extends Space {
  /** Bytes that uploads leave free. */
  readonly minFreeBytes: number;
  /** `low`: uploads are refused until space is freed. */
  readonly state: "ok" | "low";
}

/** Limits of {@linkcode FreeSpace}. */
export interface SpaceLimits {
  /** Bytes to keep free; null: see {@linkcode defaultMinFree}; 0: nothing is kept free. */
  readonly minFreeBytes: number | null;
  /** Bytes that open uploads have still to write, one number for each worker, in shared memory. */
  readonly expected?: BigInt64Array;
  /** This worker's place in `expected`. @default 0 */
  readonly worker?: number;
}

/** An upload of unknown size holds so much at a time, and every upload measures again after it. */
const STEP_BYTES = 4 * 1024 * 1024;
/** A measurement is used so long … */
const MEASURED_MS = 250;
/** … unless the disk is this near to being full. */
const NEAR_BYTES = 512 * 1024 * 1024;

/** Uploads of up to this many bytes are accounted for only where space is short. */
const SMALL_BYTES = 1024 * 1024;

const MIB = 1024 * 1024;

/** Bytes that are kept free of a disk by default: 5 %, from 4 MiB up to 1 GiB. */
export function defaultMinFree(totalBytes: number): number {
  return Math.min(1024 * MIB, Math.max(4 * MIB, Math.floor(totalBytes / 20)));
}

/** The space of an engine, as one worker accounts for it. */
export class FreeSpace {
  readonly #measureNow: () => Promise<Space | undefined>;
  readonly #minFreeBytes: number | null;
  readonly #expected: BigInt64Array;
  readonly #worker: number;
  #measured: Space | undefined;
  #measuredMs = -Infinity;
  #measuring: Promise<Space | undefined> | undefined;
  /** Bytes that were free for further uploads when it was measured. */
  #room = 0;

  /** @param measure measures the engine's space; undefined: it has no limit, nothing is refused */
  constructor(measure: () => Promise<Space | undefined>, limits: SpaceLimits) {
    this.#measureNow = measure;
    this.#minFreeBytes = limits.minFreeBytes;
    this.#expected = limits.expected ?? new BigInt64Array(1);
    this.#worker = limits.worker ?? 0;
    // A worker that takes another's place has no uploads yet.
    Atomics.store(this.#expected, this.#worker, 0n);
  }

  /** Space now; undefined where the engine has no limit. */
  async state(): Promise<SpaceState | undefined> {
    const measured = await this.#measure();
    if (measured === undefined) return undefined;
    const minFreeBytes = this.#minFree(measured);
    const low = minFreeBytes > 0 && measured.freeBytes < minFreeBytes;
    return { ...measured, minFreeBytes, state: low ? "low" : "ok" };
  }

  /** A lease for an upload, of no bytes yet. */
  lease(): SpaceLease {
    return new SpaceLease(this);
  }

  /**
   * Holds space for bytes that are to be written.
   *
   * @throws {StoreError} `no-space`, with what is needed and what is free in its message
   */
  async hold(bytes: number): Promise<void> {
    if (this.#minFreeBytes !== 0) {
      let measured = await this.#measure();
      if (measured !== undefined && this.#roomFor(bytes, measured) < NEAR_BYTES) {
        measured = await this.#measure(0);
      }
      // Nothing is awaited from here on: of two uploads that do not fit together one is taken.
      if (measured !== undefined) this.#check(bytes, measured);
    }
    Atomics.add(this.#expected, this.#worker, BigInt(bytes));
  }

  /**
   * Whether so much is free that a small upload need not be accounted for; undefined where that has
   * to be measured first, see {@linkcode measureRoomy}.
   */
  isRoomy(): boolean | undefined {
    if (this.#minFreeBytes === 0) return true;
    return this.#isFresh(MEASURED_MS) ? this.#hasRoom() : undefined;
  }

  /** As {@linkcode isRoomy}, from a measurement. */
  async measureRoomy(): Promise<boolean> {
    await this.#measure();
    return this.#hasRoom();
  }

  /** Ends a hold: the bytes are written, or will not be. */
  release(bytes: number): void {
    Atomics.sub(this.#expected, this.#worker, BigInt(bytes));
  }

  #check(bytes: number, measured: Space): void {
    if (this.#roomFor(bytes, measured) >= 0) return;
    const others = this.#allExpected();
    const kept = `${formatSize(this.#minFree(measured))} are kept free` +
      (others > 0 ? ` and ${formatSize(others)} are promised to other uploads` : "");
    const needed = bytes > 0 ? `The upload needs ${formatSize(bytes)} more` : "The disk is full";
    throw new StoreError(
      "no-space",
      `${needed}: ${formatSize(measured.freeBytes)} are free on the server's disk (${kept})`,
    );
  }

  /** Bytes that stay free beside what is kept free once these are written. */
  #roomFor(bytes: number, { freeBytes, totalBytes }: Space): number {
    const minFree = this.#minFree({ totalBytes });
    // Bytes of running uploads were checked against all expected bytes; now only other programs
    // count.
    if (bytes === 0) return freeBytes - minFree + minFree / 8;
    return freeBytes - minFree - this.#allExpected() - bytes;
  }

  async #measure(maxAgeMs = MEASURED_MS): Promise<Space | undefined> {
    if (this.#isFresh(maxAgeMs)) return this.#measured;
    this.#measuring ??= this.#measureNow().then((space) => {
      this.#measured = space;
      this.#measuredMs = Date.now();
      const { freeBytes, totalBytes } = space ?? { freeBytes: 0, totalBytes: 0 };
      this.#room = freeBytes - this.#minFree({ totalBytes }) - this.#allExpected();
      return space;
    }).finally(() => this.#measuring = undefined);
    return await this.#measuring;
  }

  #hasRoom(): boolean {
    return this.#measured === undefined || this.#room > NEAR_BYTES;
  }

  #isFresh(maxAgeMs: number): boolean {
    // The cheapest clock: this is on the way of every small file. It may be set back.
    return maxAgeMs > 0 && Math.abs(Date.now() - this.#measuredMs) <= maxAgeMs;
  }

  #minFree({ totalBytes }: Pick<Space, "totalBytes">): number {
    return this.#minFreeBytes ?? defaultMinFree(totalBytes);
  }

  #allExpected(): number {
    let sum = 0n;
    for (let i = 0; i < this.#expected.length; i++) sum += Atomics.load(this.#expected, i);
    return Number(sum);
  }
}

/** The space that one open upload holds. */
export class SpaceLease {
  /** Bytes held and not written yet. */
  #held = 0;
  #unchecked = 0;
  /** Bytes of a small upload that are not accounted for. */
  #unaccounted = 0;
  #ended = false;

  constructor(private readonly space: FreeSpace) {}

  /**
   * Holds space for all that is to come.
   *
   * @returns undefined where it is held already: a small upload waits for no promise then
   * @throws {StoreError} `no-space`, as a rejection
   */
  expect(bytes: number): Promise<void> | undefined {
    if (bytes === 0 || bytes > SMALL_BYTES || this.#held > 0) return this.#hold(bytes);
    const roomy = this.space.isRoomy();
    if (roomy === undefined) return this.#expectSmall(bytes);
    if (!roomy) return this.#hold(bytes);
    this.#unaccounted = bytes;
    return undefined;
  }

  /**
   * Takes the space of bytes that are about to be written.
   *
   * @returns undefined where it is taken already
   * @throws {StoreError} `no-space`, as a rejection
   */
  take(bytes: number): Promise<void> | undefined {
    if (bytes <= this.#unaccounted) {
      this.#unaccounted -= bytes;
      return undefined;
    }
    return bytes > this.#held ? this.#takeMore(bytes) : this.#takeHeld(bytes);
  }

  async #expectSmall(bytes: number): Promise<void> {
    if (await this.space.measureRoomy()) this.#unaccounted = bytes;
    else await this.#hold(bytes);
  }

  async #hold(bytes: number): Promise<void> {
    const more = Math.max(0, bytes - this.#held);
    await this.space.hold(more);
    if (this.#ended) this.space.release(more);
    else this.#held += more;
  }

  async #takeMore(bytes: number): Promise<void> {
    await this.expect(bytes + STEP_BYTES);
    await this.#takeHeld(bytes);
  }

  #takeHeld(bytes: number): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#held -= bytes;
    this.space.release(bytes);
    this.#unchecked += bytes;
    // Other programs write to the disk too.
    if (this.#unchecked < STEP_BYTES) return undefined;
    this.#unchecked = 0;
    return this.space.hold(0);
  }

  /** Gives back what is left. */
  end(): void {
    this.#ended = true;
    if (this.#held === 0) return;
    this.space.release(this.#held);
    this.#held = 0;
  }
}
