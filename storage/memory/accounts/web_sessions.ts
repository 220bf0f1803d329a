import type { WebSessionBook, WebSessionRecord } from "../../contract/books/web_session_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import { oldestFirst } from "./by_age.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Sessions of browsers in memory. */
export class MemoryWebSessions implements WebSessionBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  add(session: WebSessionRecord): Promise<boolean> {
    return this.run(false, () => {
      if (this.#generation(session) !== session.generation) return false;
      this.books.webSessions.set(session.id, session);
      return true;
    });
  }

  byHash(hash: string): Promise<WebSessionRecord | undefined> {
    return this.run(false, () => this.#current().find((session) => session.hash === hash));
  }

  of(account: string, page: Page<ByAge>): Promise<WebSessionRecord[]> {
    return this.run(
      false,
      () => oldestFirst(this.#current().filter((session) => session.account === account), page),
    );
  }

  noteUse(id: string, atMs: number): Promise<void> {
    return this.run(false, () => {
      const session = this.books.webSessions.get(id);
      if (session) this.books.webSessions.set(id, { ...session, lastUsedMs: atMs });
    });
  }

  renew(id: string, hash: string, generation: number): Promise<boolean> {
    return this.run(true, () => {
      const session = this.books.webSessions.get(id);
      if (session === undefined || this.#generation(session) !== generation) return false;
      this.books.webSessions.set(id, { ...session, hash, generation });
      return true;
    });
  }

  remove(id: string): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.webSessions.get(id) === undefined) return false;
      this.books.webSessions.delete(id);
      return true;
    });
  }

  removeExpired(nowMs: number, unusedSinceMs: number): Promise<void> {
    return this.run(
      false,
      () =>
        this.books.webSessions.deleteWhere((session) =>
          session.expiresMs <= nowMs || session.lastUsedMs <= unusedSinceMs
        ),
    );
  }

  #current(): WebSessionRecord[] {
    return this.books.webSessions.values()
      .filter((session) => this.#generation(session) === session.generation);
  }

  #generation({ account }: WebSessionRecord): number | undefined {
    return this.books.accounts.get(account)?.generation;
  }
}
