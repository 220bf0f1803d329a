import type { LinkBook, LinkRecord } from "../../contract/books/link_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import { oldestFirst } from "./by_age.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Public links in memory. */
export class MemoryLinks implements LinkBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  add(link: LinkRecord, generation: number): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.accounts.get(link.owner)?.generation !== generation) return false;
      this.books.links.set(link.id, link);
      return true;
    });
  }

  get(id: string): Promise<LinkRecord | undefined> {
    return this.run(false, () => this.books.links.get(id));
  }

  byHash(hash: string): Promise<LinkRecord | undefined> {
    return this.run(false, () => this.books.links.values().find((link) => link.hash === hash));
  }

  of(owner: string, page: Page<ByAge>): Promise<LinkRecord[]> {
    return this.run(
      false,
      () => oldestFirst(this.books.links.values().filter((link) => link.owner === owner), page),
    );
  }

  countDownload(id: string, atMs: number): Promise<boolean> {
    return this.run(true, () => {
      const link = this.books.links.get(id);
      if (link === undefined || link.downloads >= (link.maxDownloads ?? Infinity)) return false;
      if (atMs >= (link.expiresMs ?? Infinity)) return false;
      this.books.links.set(id, { ...link, downloads: link.downloads + 1, lastUsedMs: atMs });
      return true;
    });
  }

  remove(owner: string, id: string): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.links.get(id)?.owner !== owner) return false;
      this.books.links.delete(id);
      return true;
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.run(
      false,
      () =>
        this.books.links.deleteWhere(({ expiresMs }) => expiresMs !== null && expiresMs <= nowMs),
    );
  }
}
