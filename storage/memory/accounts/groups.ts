import {
  type GroupBook,
  groupGuest,
  type GroupRecord,
  type Member,
} from "../../contract/books/group_book.ts";
import { NO_PASSWORD } from "../../contract/catalog.ts";
import type { Page } from "../../contract/values/page.ts";
import type { AccountBooks } from "./account_books.ts";
import type { Run } from "./tokens.ts";

/** Groups of accounts in memory. */
export class MemoryGroups implements GroupBook {
  constructor(private readonly books: AccountBooks, private readonly run: Run) {}

  add(group: GroupRecord): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.groups.get(group.name) !== undefined) return false;
      this.books.groups.set(group.name, { ...group });
      return true;
    });
  }

  get(name: string): Promise<GroupRecord | undefined> {
    return this.run(false, () => this.books.groups.get(name));
  }

  list({ after, count }: Page<Pick<GroupRecord, "name">>): Promise<GroupRecord[]> {
    return this.run(false, () =>
      this.books.groups.values()
        .filter(({ name }) => name > (after?.name ?? ""))
        .sort((a, b) => a.name < b.name ? -1 : 1)
        .slice(0, count));
  }

  setLetters(name: string, letters: string): Promise<boolean> {
    return this.run(true, () => {
      const group = this.books.groups.get(name);
      if (group !== undefined) this.books.groups.set(name, { ...group, letters });
      return group !== undefined;
    });
  }

  remove(name: string): Promise<boolean> {
    return this.run(true, () => {
      if (this.books.groups.get(name) === undefined) return false;
      this.books.shares.deleteWhere(({ guest }) => guest === groupGuest(name));
      this.books.members.deleteWhere(({ group }) => group === name);
      this.books.groups.delete(name);
      return true;
    });
  }

  join(name: string, account: string): Promise<"done" | "no-group" | "no-account"> {
    return this.run(true, () => {
      if (this.books.groups.get(name) === undefined) return "no-group";
      const hash = this.books.accounts.get(account)?.passwordHash;
      if (hash === undefined || hash === NO_PASSWORD) return "no-account";
      this.books.members.set(memberKey(name, account), { group: name, account });
      return "done";
    });
  }

  leave(name: string, account: string): Promise<boolean> {
    return this.run(true, () => {
      const key = memberKey(name, account);
      const isMember = this.books.members.get(key) !== undefined;
      this.books.members.delete(key);
      return isMember;
    });
  }

  members(name: string, { after, count }: Page<Member>): Promise<Member[]> {
    return this.run(false, () =>
      this.books.members.values()
        .filter(({ group, account }) => group === name && account > (after?.account ?? ""))
        .map(({ account }) => ({ account }))
        .sort((a, b) => a.account < b.account ? -1 : 1)
        .slice(0, count));
  }

  count(name: string): Promise<number> {
    return this.run(
      false,
      () => this.books.members.values().filter(({ group }) => group === name).length,
    );
  }
}

function memberKey(group: string, account: string): string {
  return `${group}\0${account}`;
}
