import type { ShareRecord } from "../../contract/books/share_book.ts";

/** The key of a share's row. */
export function shareKey({ owner, path, guest }: ShareRecord): string {
  return [owner, path, guest].join("\0");
}
