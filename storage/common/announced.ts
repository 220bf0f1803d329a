import { StoreError } from "../contract/error.ts";

type Announced<T> = readonly (T | null | undefined)[];

/**
 * Compares received content with its announcement, at the start and at the end.
 *
 * @param came size in bytes and SHA-256 in hex
 * @throws {StoreError} `checksum`
 */
export function assertAsAnnounced(
  came: { size: number; hash: string },
  sizes: Announced<number>,
  hashes: Announced<string>,
): void {
  const { size, hash: actual } = came;
  for (let i = 0; i < sizes.length; i++) { // without iterators: every small file passes here
    const announced = sizes[i];
    if (announced === null || announced === undefined || announced === size) continue;
    const expected = hashes.find((hash) => hash);
    throw new StoreError("checksum", `${size} bytes came where ${announced} were announced`, {
      ...(expected ? { expected } : {}),
      actual,
    });
  }
  for (let i = 0; i < hashes.length; i++) {
    const expected = hashes[i];
    if (!expected || expected === actual) continue;
    throw new StoreError("checksum", "The content does not hash to the announced SHA-256", {
      expected,
      actual,
    });
  }
}
