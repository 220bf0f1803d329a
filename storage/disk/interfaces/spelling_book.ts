import type { PathBook } from "./path_book.ts";

/**
 * Names as FTP clients spelled them, where that is neither the composed form (NFC) nor the wholly
 * decomposed one (NFD), which the disk keeps itself. One whose NFC is not the name at its path is
 * that of an earlier name, and counts for nothing.
 */
export type SpellingBook = PathBook<string>;
