import type { UploadNote, UploadNoteBook } from "../../contract/books/upload_note_book.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Notes on uploads in memory. */
export class MemoryUploadNotes implements UploadNoteBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  put(note: UploadNote): Promise<void> {
    return this.run(false, () => {
      if (this.books.accounts.get(note.account)) this.books.uploadNotes.set(note.id, note);
    });
  }

  find(id: string, account: string): Promise<UploadNote | undefined> {
    return this.run(false, () => {
      const note = this.books.uploadNotes.get(id);
      return note?.account === account ? note : undefined;
    });
  }

  remove(id: string): Promise<void> {
    return this.run(false, () => this.books.uploadNotes.delete(id));
  }

  removeOld(beforeMs: number): Promise<void> {
    return this.run(false, () => {
      this.books.uploadNotes.deleteWhere(({ id, result, atMs }) =>
        atMs < beforeMs && (result !== null || !this.books.isUnfinished(id))
      );
    });
  }

  trim(account: string, keep: number): Promise<void> {
    return this.run(false, () => {
      const finished = this.books.uploadNotes.values()
        .filter((note) => note.account === account && note.result !== null)
        .sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
      for (const { id } of finished.slice(keep)) this.books.uploadNotes.delete(id);
    });
  }
}
