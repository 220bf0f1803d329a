import { NO_PASSWORD } from "../../contract/catalog.ts";
import { compareCodePoints, isWithin, type VirtualPath } from "../../contract/path.ts";
import { compareShares } from "../../common/share_order.ts";
import { groupOf } from "../../contract/books/group_book.ts";
import {
  EVERYBODY,
  guestsOf,
  type ShareBook,
  type ShareRecord,
  type ShareSearch,
} from "../../contract/books/share_book.ts";
import type { Page } from "../../contract/values/page.ts";
import type { AccountBooks } from "./account_books.ts";
import { shareKey } from "./share_key.ts";
import type { Run } from "./tokens.ts";

/** Shares in memory. */
export class MemoryShares implements ShareBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  put(share: ShareRecord, generation: number): Promise<boolean> {
    return this.run(true, () => {
      const { owner, guest } = share;
      if (this.books.accounts.get(owner)?.generation !== generation || owner === guest) {
        return false;
      }
      if (guest !== EVERYBODY && !this.#isThere(guest)) return false;
      const id = this.books.shares.get(shareKey(share))?.id ?? share.id;
      this.books.shares.set(shareKey(share), { ...share, id });
      return true;
    });
  }

  by(owner: string, page: Page<ShareRecord>): Promise<ShareRecord[]> {
    return this.run(false, () => paged(this.#sorted((share) => share.owner === owner), page));
  }

  with(guest: string, page: Page<ShareRecord>): Promise<ShareRecord[]> {
    return this.run(false, () => paged(this.#with(guest), page));
  }

  get(id: string): Promise<ShareRecord | undefined> {
    return this.run(false, () => this.books.shares.values().find((share) => share.id === id));
  }

  at(owner: string, path: VirtualPath, page: Page<ShareRecord>): Promise<ShareRecord[]> {
    return this.run(
      false,
      () => paged(this.#sorted((share) => share.owner === owner && share.path === path), page),
    );
  }

  among(owner: string, paths: readonly VirtualPath[], nowMs: number): Promise<VirtualPath[]> {
    return this.run(false, () => {
      const live = this.#sorted((share) => share.owner === owner && isLiveAt(share, nowMs));
      return paths.filter((path) => live.some((share) => share.path === path));
    });
  }

  within(owner: string, path: VirtualPath): Promise<boolean> {
    return this.run(
      false,
      () => this.#sorted((share) => share.owner === owner && isWithin(share.path, path)).length > 0,
    );
  }

  above(guest: string, owner: string, path: VirtualPath): Promise<ShareRecord[]> {
    return this.run(
      false,
      () =>
        this.#with(guest).filter((share) => share.owner === owner && isWithin(path, share.path)),
    );
  }

  below(guest: string, { owner, path, nowMs, after, count }: ShareSearch): Promise<VirtualPath[]> {
    return this.run(false, () =>
      this.#with(guest)
        .filter((share) => share.owner === owner && isLiveAt(share, nowMs))
        .map((share) => share.path)
        .filter((at) => at !== path && isWithin(at, path))
        .filter((at) => after === undefined || compareCodePoints(at, after) > 0)
        .slice(0, count));
  }

  owners(guest: string, { nowMs, after = "", count }: Omit<ShareSearch, "owner" | "path">) {
    return this.run(false, () => {
      const live = this.#with(guest).filter((share) => isLiveAt(share, nowMs));
      return [...new Set(live.map(({ owner }) => owner))].filter((name) => name > after)
        .slice(0, count);
    });
  }

  latestMs(guest: string, owner?: string, path: VirtualPath = "/"): Promise<number> {
    return this.run(false, () =>
      Math.max(
        0,
        ...this.#with(guest)
          .filter((share) => share.owner === (owner ?? share.owner) && isWithin(share.path, path))
          .map(({ createdMs }) => createdMs),
      ));
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

  #isThere(guest: string): boolean {
    const group = groupOf(guest);
    if (group !== undefined) return this.books.groups.get(group) !== undefined;
    const account = this.books.accounts.get(guest);
    return account !== undefined && account.passwordHash !== NO_PASSWORD;
  }

  #with(guest: string): ShareRecord[] {
    const whom = guestsOf({ name: guest, groups: this.books.groupsOf(guest) });
    return this.#sorted((share) => whom.has(share.guest) && share.owner !== guest);
  }

  #sorted(matches: (share: ShareRecord) => boolean): ShareRecord[] {
    return this.books.shares.values().filter(matches).sort(compareShares);
  }
}

function paged(shares: ShareRecord[], { after, count }: Page<ShareRecord>): ShareRecord[] {
  const behind = shares.filter((share) => after === undefined || compareShares(share, after) > 0);
  return behind.slice(0, count);
}

function isLiveAt({ expiresMs }: ShareRecord, nowMs: number): boolean {
  return expiresMs === null || expiresMs > nowMs;
}
