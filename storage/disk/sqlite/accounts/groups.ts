import {
  type GroupBook,
  groupGuest,
  type GroupRecord,
  type Member,
} from "../../../contract/books/group_book.ts";
import { NO_PASSWORD } from "../../../contract/catalog.ts";
import type { Page } from "../../../contract/values/page.ts";
import type { Epoch } from "../../../common/epoch.ts";
import type { Connection } from "../connection/connection.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";
import type { Grants } from "./grants.ts";

const COLUMNS = "name, letters, created_ms AS createdMs";

/** Groups of accounts in SQLite. */
export class SqliteGroups implements GroupBook, Grants {
  readonly #sql;

  /** @param epoch ends with each change, as cached accounts have their groups */
  constructor(private readonly connection: Connection, private readonly epoch: Epoch) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      add: prepare("INSERT INTO account_groups VALUES (?, ?, ?) ON CONFLICT DO NOTHING"),
      get: prepare(`SELECT ${COLUMNS} FROM account_groups WHERE name = ?`),
      list: prepare(`SELECT ${COLUMNS} FROM account_groups WHERE name > ? ORDER BY name LIMIT ?`),
      setLetters: prepare("UPDATE account_groups SET letters = ? WHERE name = ?"),
      isAccount: prepare("SELECT 1 FROM accounts WHERE name = ? AND password_hash <> ?"),
      join: prepare("INSERT INTO group_members VALUES (?, ?) ON CONFLICT DO NOTHING"),
      leave: prepare("DELETE FROM group_members WHERE account = ? AND group_name = ?"),
      members: prepare(
        `SELECT account FROM group_members WHERE group_name = ? AND account > ?
        ORDER BY account LIMIT ?`,
      ),
      count: prepare("SELECT count(*) AS count FROM group_members WHERE group_name = ?"),
      leaveAll: prepare("DELETE FROM group_members WHERE account = ?"),
      unshareSome: prepare(deleteSome("shares", "owner, path, guest", "guest = ?")),
      dismissSome: prepare(deleteSome("group_members", "account, group_name", "group_name = ?")),
      remove: prepare("DELETE FROM account_groups WHERE name = ?"),
    };
  }

  add({ name, letters, createdMs }: GroupRecord): Promise<boolean> {
    return this.#write(() => this.#sql.add.run(name, letters, createdMs).changes === 1);
  }

  get(name: string): Promise<GroupRecord | undefined> {
    return this.#read(() => {
      const row = this.#sql.get.get(name);
      return row && asGroup(row);
    });
  }

  list({ after, count }: Page<Pick<GroupRecord, "name">>): Promise<GroupRecord[]> {
    return this.#read(() => this.#sql.list.all(after?.name ?? "", count).map(asGroup));
  }

  setLetters(name: string, letters: string): Promise<boolean> {
    return this.#write(() => this.#sql.setLetters.run(letters, name).changes === 1);
  }

  async remove(name: string): Promise<boolean> {
    const { unshareSome, dismissSome, remove } = this.#sql;
    // The group goes last: until then it takes no other group of the name.
    const some = () =>
      unshareSome.run(groupGuest(name)).changes === ROWS_AT_ONCE ||
      dismissSome.run(name).changes === ROWS_AT_ONCE;
    await inSteps(() => this.#write(some, false));
    return await this.#write(() => {
      while (some());
      return remove.run(name).changes === 1;
    });
  }

  join(name: string, account: string): Promise<"done" | "no-group" | "no-account"> {
    return this.#write(() => {
      if (this.#sql.get.get(name) === undefined) return "no-group";
      if (this.#sql.isAccount.get(account, NO_PASSWORD) === undefined) return "no-account";
      this.#sql.join.run(account, name);
      return "done";
    });
  }

  leave(name: string, account: string): Promise<boolean> {
    return this.#write(() => this.#sql.leave.run(account, name).changes === 1);
  }

  members(name: string, { after, count }: Page<Member>): Promise<Member[]> {
    return this.#read(() =>
      this.#sql.members.all(name, after?.account ?? "", count)
        .map(({ account }) => ({ account: account as string }))
    );
  }

  count(name: string): Promise<number> {
    return this.#read(() => this.#sql.count.get(name)!.count as number);
  }

  forgetAccount(name: string): void {
    if (this.#sql.leaveAll.run(name).changes > 0) this.epoch.end();
  }

  /** Groups are of accounts, not of files. */
  forget(): void {}

  move(): void {}

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(work: () => T, durable = true): Promise<T> {
    return this.connection.write(durable, () => {
      this.epoch.end(); // not before: the write may have waited
      return work();
    });
  }
}

function asGroup(row: Record<string, unknown>): GroupRecord {
  return { ...row } as unknown as GroupRecord;
}
