import type { MoveIntent } from "../interfaces/disk_catalog.ts";
import { isStoreError } from "../../contract/error.ts";
import type { Store } from "../interfaces/store.ts";

/** Whether a rename happened; one that was cut short between its two steps is completed. */
export async function finishMove(store: Store, move: MoveIntent): Promise<boolean> {
  const { owner, from, to } = move;
  try {
    if (await store.stat(owner, to) === undefined) return false;
    if (await store.stat(owner, from).catch(() => undefined) === undefined) return true;
    await store.rename(owner, from, to, { replace: false });
    return true;
  } catch (error) {
    if (isStoreError(error, "exists", "not-found", "not-directory", "denied", "bad-name")) {
      return false;
    }
    throw error;
  }
}
