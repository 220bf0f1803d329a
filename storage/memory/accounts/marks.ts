import type { MarkBook, MarkName } from "../../contract/books/mark_book.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Times in memory. */
export class MemoryMarks implements MarkBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  get(name: MarkName): Promise<number | undefined> {
    return this.run(false, () => this.books.marks.get(name)?.ms);
  }

  note(marks: Partial<Record<MarkName, number>>): Promise<void> {
    return this.run(false, () => {
      for (const [name, ms] of Object.entries(marks)) this.books.marks.set(name, { ms });
    });
  }

  set(name: MarkName, ms: number): Promise<void> {
    return this.run(true, () => this.books.marks.set(name, { ms }));
  }
}
