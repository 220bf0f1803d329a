import type { AsideBook, AsideRecord } from "../../../storage/disk/interfaces/aside_book.ts";
import type { Books } from "./books.ts";
import type { Run } from "../../../storage/memory/accounts/tokens.ts";

/** Content that is set aside, in memory. */
export class MemoryAsides implements AsideBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  all(): Promise<AsideRecord[]> {
    return this.run(false, () => [...this.books.asides.values()]);
  }

  add(record: AsideRecord): Promise<void> {
    return this.run(false, () => {
      if (this.books.asides.get(record.id) === undefined) this.books.asides.set(record.id, record);
    });
  }

  replace(owner: string, records: readonly AsideRecord[]): Promise<void> {
    return this.run(false, () => {
      this.books.asides.deleteWhere((record) => record.owner === owner);
      for (const record of records) this.books.asides.set(record.id, record);
    });
  }

  remove(id: string): Promise<void> {
    return this.run(false, () => void this.books.asides.delete(id));
  }
}
