import { BoundedMap } from "../../common/bounded_map.ts";

/** Content of at least this many bytes is noted: of less, hashing is no effort. */
export const NOTED_BYTES = 1024 * 1024;

/** About 2 MiB of memory. */
const MAX_PROOFS = 8192;

/**
 * The CRC-32 of content that this process hashed. A second read of a file need not compute SHA-256:
 * an equal CRC-32 shows that the content is unchanged, against accidental changes by disks, memory
 * and people. (An attacker who forges a CRC-32 can write into the data directory, and so into the
 * catalog itself.)
 */
export class Proofs {
  /** By SHA-256. */
  readonly #known = new BoundedMap<string, number>({ max: MAX_PROOFS });

  /** Notes content of `sizeBytes` with this SHA-256; without a CRC-32 it is left unnoted. */
  note(hash: string, crc: number | undefined, sizeBytes: number): void {
    if (crc === undefined || sizeBytes < NOTED_BYTES) return;
    this.#known.set(hash, crc);
  }

  /** The CRC-32 of the content with this SHA-256, where this process hashed it. */
  crcOf(hash: string): number | undefined {
    return this.#known.get(hash);
  }
}
