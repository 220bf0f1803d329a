import { isStoreError } from "../../contract/error.ts";

/** Waits for a change that is only a note: nothing happens where nothing can be written now. */
export async function noted(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isStoreError(error, "unreachable", "no-space", "read-only")) return false;
    throw error;
  }
}
