import type { Verification } from "../../../storage/tree/files.ts";
import { fitting } from "./fitting.ts";

/**
 * Describes verified files.
 *
 * @param budgetBytes maximum JSON size of each of its two lists
 */
export async function verificationInfo(found: Verification, budgetBytes: number) {
  const damaged = await fitting(found.damaged, (file) => file, budgetBytes);
  const leftOut = await fitting(
    found.leftOut,
    ({ filename, reason }) => ({ filename, reason }),
    budgetBytes,
  );
  return {
    files: found.files,
    bytes: found.bytes,
    damaged_files: found.damagedFiles,
    damaged: damaged.items,
    left_out: found.leftOutCount,
    not_verified: leftOut.items,
    /** Whether `damaged` is cut. */
    truncated: damaged.items.length < found.damagedFiles,
  };
}
