import type { MarkBook, MarkName } from "../mark_book.ts";
import type { Books } from "./books.ts";
import type { Run } from "./tokens.ts";

/** Moments in memory. */
export class MemoryMarks implements MarkBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  get(name: MarkName): Promise<number | undefined> {
    return this.run(false, () => this.books.marks.get(name)?.atMs);
  }

  set(name: MarkName, atMs: number): Promise<void> {
    return this.run(true, () => this.books.marks.set(name, { atMs }));
  }
}
