/**
 * Space on the disk: how much is free, how much is kept free, and how much of it the uploads that
 * are open have still to write, over all workers. The catalog, logs and checkpoints need what is
 * kept free (docs/storage.md, "A full disk").
 */
import { StoreError } from "../contract/error.ts";
import { formatSize } from "../../common/size.ts";

/** Space of a file system in bytes, as programs without privileges see it. */
export interface MeasuredSpace {
  freeBytes: number;
  totalBytes: number;
}

/** How the disk is doing. */
export interface DiskState extends MeasuredSpace {
  /** Bytes that uploads leave free. */
  minFreeBytes: number;
  /** `low`: uploads are refused until space is freed. */
  state: "ok" | "low";
}

/** Dependencies and limits of {@linkcode DiskSpace}. */
export interface DiskSpaceOptions {
  /** Measures the disk. @returns undefined where that is not permitted: nothing is refused then */
  measure: () => MeasuredSpace | undefined;
  /** Bytes to keep free; null: see {@linkcode defaultMinFree}; 0: nothing is kept free. */
  minFreeBytes: number | null;
  /** Bytes that open uploads have still to write, one number for each worker, in shared memory. */
  expected?: BigInt64Array;
  /** This worker's place in `expected`. @default 0 */
  worker?: number;
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

/** The space of one disk, as one worker accounts for it. */
export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  readonly #expected: BigInt64Array;
  readonly #worker: number;
  #measured: MeasuredSpace | undefined;
  #measuredMs = -Infinity;
  /** Bytes that were free for further uploads when it was measured. */
  #room = 0;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
    this.#expected = options.expected ?? new BigInt64Array(1);
    this.#worker = options.worker ?? 0;
    // A worker that takes another's place has no uploads yet.
    Atomics.store(this.#expected, this.#worker, 0n);
  }

  /** Space now; undefined where it cannot be measured. */
  state(): DiskState | undefined {
    const measured = this.#measure();
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
  hold(bytes: number): void {
    const held = Atomics.add(this.#expected, this.#worker, BigInt(bytes));
    try {
      this.#check(bytes);
    } catch (error) {
      Atomics.store(this.#expected, this.#worker, held);
      throw error;
    }
  }

  /** Whether so much is free that a small upload need not be accounted for. */
  isRoomy(): boolean {
    const measured = this.#measure();
    if (measured === undefined || this.#options.minFreeBytes === 0) return true;
    return this.#room > NEAR_BYTES;
  }

  /** Ends a hold: the bytes are written, or will not be. */
  release(bytes: number): void {
    Atomics.sub(this.#expected, this.#worker, BigInt(bytes));
  }

  #check(bytes: number): void {
    if (this.#options.minFreeBytes === 0) return;
    let measured = this.#measure();
    if (measured === undefined) return;
    const minFree = this.#minFree(measured);
    // Bytes of running uploads were checked against all expected bytes; now only other programs
    // count.
    const room = (freeBytes: number) =>
      bytes === 0 ? freeBytes - minFree + minFree / 8 : freeBytes - minFree - this.#allExpected();
    if (room(measured.freeBytes) < NEAR_BYTES) measured = this.#measure(0) ?? measured;
    if (room(measured.freeBytes) >= 0) return;
    const others = this.#allExpected() - bytes;
    const kept = `${formatSize(minFree)} are kept free` +
      (others > 0 ? ` and ${formatSize(others)} are promised to other uploads` : "");
    const needed = bytes > 0 ? `The upload needs ${formatSize(bytes)} more` : "The disk is full";
    throw new StoreError(
      "no-space",
      `${needed}: ${formatSize(measured.freeBytes)} are free on the server's disk (${kept})`,
    );
  }

  #measure(maxAgeMs = MEASURED_MS): MeasuredSpace | undefined {
    // The cheapest clock: this is on the way of every small file. It may be set back.
    const now = Date.now();
    if (maxAgeMs === 0 || Math.abs(now - this.#measuredMs) > maxAgeMs) {
      this.#measured = this.#options.measure();
      this.#measuredMs = now;
      const { freeBytes, totalBytes } = this.#measured ?? { freeBytes: 0, totalBytes: 0 };
      this.#room = freeBytes - this.#minFree({ freeBytes, totalBytes }) - this.#allExpected();
    }
    return this.#measured;
  }

  #minFree({ totalBytes }: MeasuredSpace): number {
    return this.#options.minFreeBytes ?? defaultMinFree(totalBytes);
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

  constructor(private readonly disk: DiskSpace) {}

  /** Holds space for all that is to come. @throws {StoreError} `no-space` */
  expect(bytes: number): void {
    if (bytes > 0 && bytes <= SMALL_BYTES && this.#held === 0 && this.disk.isRoomy()) {
      this.#unaccounted = bytes;
      return;
    }
    const more = Math.max(0, bytes - this.#held);
    this.disk.hold(more);
    this.#held += more;
  }

  /** Takes the space of bytes that are about to be written. @throws {StoreError} `no-space` */
  take(bytes: number): void {
    if (bytes <= this.#unaccounted) {
      this.#unaccounted -= bytes;
      return;
    }
    if (bytes > this.#held) this.expect(bytes + STEP_BYTES);
    this.#held -= bytes;
    this.disk.release(bytes);
    this.#unchecked += bytes;
    // Other programs write to the disk too.
    if (this.#unchecked < STEP_BYTES) return;
    this.#unchecked = 0;
    this.disk.hold(0);
  }

  /** Gives back what is left. */
  end(): void {
    if (this.#held === 0) return;
    this.disk.release(this.#held);
    this.#held = 0;
  }
}
