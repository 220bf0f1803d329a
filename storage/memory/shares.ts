import { NO_PASSWORD } from "../catalog.ts";
import { compareCodePoints, type VirtualPath } from "../path.ts";
import { EVERYBODY, type ShareBook, type ShareRecord } from "../share_book.ts";
import { type Books, shareKey } from "./books.ts";
import type { Run } from "./tokens.ts";

/** Shares in memory. */
export class MemoryShares implements ShareBook {
  constructor(private readonly books: Books, private readonly run: Run) {}

  put(share: ShareRecord, generation: number): Promise<boolean> {
    return this.run(true, () => {
      const { owner, guest } = share;
      if (this.books.accounts.get(owner)?.generation !== generation || owner === guest) {
        return false;
      }
      const account = this.books.accounts.get(guest);
      if (guest !== EVERYBODY && (!account || account.passwordHash === NO_PASSWORD)) return false;
      const id = this.books.shares.get(shareKey(share))?.id ?? share.id;
      this.books.shares.set(shareKey(share), { ...share, id });
      return true;
    });
  }

  by(owner: string): Promise<ShareRecord[]> {
    return this.run(false, () => this.#sorted((share) => share.owner === owner));
  }

  with(guest: string): Promise<ShareRecord[]> {
    return this.run(
      false,
      () =>
        this.#sorted((share) =>
          share.guest === guest || (share.guest === EVERYBODY && share.owner !== guest)
        ),
    );
  }

  remove(owner: string, path: VirtualPath, guest?: string): Promise<number> {
    return this.run(true, () => {
      const ended = this.#sorted((share) =>
        share.owner === owner && share.path === path && (guest ?? share.guest) === share.guest
      );
      for (const share of ended) this.books.shares.delete(shareKey(share));
      return ended.length;
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.run(
      false,
      () =>
        this.books.shares.deleteWhere(({ expiresMs }) => expiresMs !== null && expiresMs <= nowMs),
    );
  }

  #sorted(matches: (share: ShareRecord) => boolean): ShareRecord[] {
    return this.books.shares.values().filter(matches).sort((a, b) =>
      compareCodePoints(a.owner, b.owner) || compareCodePoints(a.path, b.path) ||
      compareCodePoints(a.guest, b.guest)
    );
  }
}
