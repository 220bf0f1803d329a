import type { ShareRecord } from "../contract/books/share_book.ts";
import { compareCodePoints } from "../contract/path.ts";

/** The order of lists of shares: by owner, path and guest, by their code points. */
export function compareShares(a: ShareRecord, b: ShareRecord): number {
  return compareCodePoints(a.owner, b.owner) || compareCodePoints(a.path, b.path) ||
    compareCodePoints(a.guest, b.guest);
}
