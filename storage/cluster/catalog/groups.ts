import type { GroupBook, GroupRecord, Member } from "../../contract/books/group_book.ts";
import type { Epoch } from "../../common/epoch.ts";
import type { Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";

/** Groups of accounts in PostgreSQL. */
export class PostgresGroups implements GroupBook {
  /** @param epoch ends with each change, as cached accounts have their groups */
  constructor(private readonly database: Database, private readonly epoch: Epoch) {}

  async add({ name, letters, createdMs }: GroupRecord): Promise<boolean> {
    const added = await this.database.query((sql) =>
      sql`INSERT INTO account_groups (name, letters, created_ms)
        VALUES (${name}, ${letters}, ${createdMs}) ON CONFLICT DO NOTHING`
    );
    return added.count === 1;
  }

  async get(name: string): Promise<GroupRecord | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT ${columns(sql)} FROM account_groups WHERE name = ${name}`
    );
    return row && { ...row } as GroupRecord;
  }

  async list({ after, count }: Page<Pick<GroupRecord, "name">>): Promise<GroupRecord[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT ${columns(sql)} FROM account_groups WHERE name > ${after?.name ?? ""}
        ORDER BY name LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as GroupRecord);
  }

  async setLetters(name: string, letters: string): Promise<boolean> {
    const changed = await this.#changing(
      this.database.repeat((sql) =>
        sql`UPDATE account_groups SET letters = ${letters} WHERE name = ${name}`
      ),
    );
    return changed.count === 1;
  }

  async remove(name: string): Promise<boolean> {
    const [row] = await this.#changing(
      this.database.query((sql) => sql`SELECT group_remove(${name}) AS was_there`),
    );
    return row!["was_there"];
  }

  async join(name: string, account: string): Promise<"done" | "no-group" | "no-account"> {
    const [row] = await this.#changing(
      this.database.repeat((sql) => sql`SELECT group_join(${name}, ${account}) AS answer`),
    );
    return row!["answer"];
  }

  async leave(name: string, account: string): Promise<boolean> {
    const left = await this.#changing(
      this.database.query((sql) =>
        sql`DELETE FROM group_members m USING accounts a, account_groups g
          WHERE m.account = a.id AND m.member_of = g.id AND a.name = ${account} AND g.name = ${name}`
      ),
    );
    return left.count === 1;
  }

  async members(name: string, { after, count }: Page<Member>): Promise<Member[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT a.name AS account FROM group_members m JOIN accounts a ON a.id = m.account
          JOIN account_groups g ON g.id = m.member_of
        WHERE g.name = ${name} AND a.name > ${after?.account ?? ""} ORDER BY a.name LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as Member);
  }

  async count(name: string): Promise<number> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT count(*) AS count FROM group_members m
        JOIN account_groups g ON g.id = m.member_of WHERE g.name = ${name}`
    );
    return Number(row!["count"]);
  }

  /** Ends the caches when a change has ended, even where its answer was lost. */
  async #changing<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      this.epoch.end();
    }
  }
}

function columns(sql: Sql) {
  return sql`name, letters, created_ms AS "createdMs"`;
}
