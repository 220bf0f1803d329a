import type { PathBook } from "./path_book.ts";

/**
 * Permission bits that clients gave files and directories. They are kept for those who fetch them
 * again; on the server's disk files are 600 and directories 700.
 */
export type ModeBook = PathBook<number>;
