import { BoundedMap } from "../../../../common/bounded_map.ts";
import type { PathBook } from "../../interfaces/path_book.ts";
import { nameOf, parentOf, type VirtualPath } from "../../../contract/path.ts";
import type { Connection } from "../connection/connection.ts";
import type { Epoch } from "../../../common/epoch.ts";
import type { Grants } from "../accounts/grants.ts";
import { PathRows } from "./path_rows.ts";
import { ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const ONE = "owner = ?1 AND directory = ?2 AND name = ?3";
/** Rows whose directory is ?2 or below it. */
const TREE = `owner = ?1 AND directory >= ?2 AND directory < ?2 || '0' AND
  (directory = ?2 OR directory >= ?2 || '/')`;
const MAX_KNOWN = 1000;
const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** Values of paths in SQLite. An account that has none costs nothing to ask for. */
export class SqlitePathBook<Value extends string | number> implements PathBook<Value>, Grants {
  readonly atPath: string;
  readonly #sql;
  readonly #rows: PathRows;
  /** Whether an account has any rows, as read in an epoch. */
  readonly #some = new BoundedMap<string, { epoch: number; some: boolean }>({ max: MAX_KNOWN });

  /** @param column the column of the value */
  constructor(
    private readonly connection: Connection,
    private readonly epoch: Epoch,
    table: "modes" | "spellings",
    column: string,
  ) {
    this.#rows = new PathRows(connection, table);
    this.atPath = `SELECT 1 FROM ${table} WHERE owner = ?1 AND directory = ?3 AND name = ?4
      UNION ALL SELECT 1 FROM ${table} WHERE owner = ?1 AND directory = ?2
      UNION ALL SELECT 1 FROM ${table} WHERE owner = ?1 AND directory > ?2 || '/' AND
        directory < ?2 || '0'`;
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      some: prepare(`SELECT 1 AS one FROM ${table} WHERE owner = ? LIMIT 1`),
      get: prepare(`SELECT ${column} AS value FROM ${table} WHERE ${ONE}`),
      set: prepare(
        `INSERT INTO ${table} VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET ${column} = ?4`,
      ),
      forgetAccount: prepare(`DELETE FROM ${table} WHERE owner = ?`),
      forgetOne: prepare(`DELETE FROM ${table} WHERE ${ONE}`),
      forgetTree: prepare(`DELETE FROM ${table} WHERE ${TREE}`),
      moveOne: prepare(`UPDATE ${table} SET directory = ?4, name = ?5 WHERE ${ONE}`),
      moveTree: prepare(
        `UPDATE ${table} SET directory = ?3 || substr(directory, length(?2) + 1) WHERE ${TREE}`,
      ),
    };
  }

  get(owner: string, path: VirtualPath): Promise<Value | undefined> {
    return settled(() =>
      this.connection.read(() => {
        if (!this.#has(owner)) return undefined;
        const row = this.#sql.get.get(owner, parentOf(path), nameOf(path));
        return row?.value as Value | undefined;
      })
    );
  }

  in(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Value>> {
    return settled(() =>
      this.connection.read(() => {
        if (!this.#has(owner)) return NONE;
        const values = new Map<string, Value>();
        for (const name of names) {
          const row = this.#sql.get.get(owner, directory, name);
          if (row !== undefined) values.set(name, row.value as Value);
        }
        return values;
      })
    );
  }

  set(owner: string, path: VirtualPath, value: Value): Promise<void> {
    return this.connection.write(false, () => this.put(owner, path, value));
  }

  /** Within a transaction of the catalog: as `set`. */
  put(owner: string, path: VirtualPath, value: Value): void {
    this.#sql.set.run(owner, parentOf(path), nameOf(path), value);
    this.#some.delete(owner);
  }

  /** Removes all records of an account, within a transaction of the catalog. */
  forgetAccount(name: string): void {
    this.#sql.forgetAccount.run(name);
  }

  forgetAccountSome(name: string): boolean {
    return this.#rows.removeSome(name, "/", ROWS_AT_ONCE).more;
  }

  /** Within a transaction of the catalog: what is known at and below a path ends. */
  forget(owner: string, path: VirtualPath): void {
    if (path === "/") return this.forgetAccount(owner);
    this.#sql.forgetOne.run(owner, parentOf(path), nameOf(path));
    this.#sql.forgetTree.run(owner, path);
  }

  /** Within a transaction of the catalog: what is known at and below a path goes along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void {
    this.#sql.moveOne.run(owner, parentOf(from), nameOf(from), parentOf(to), nameOf(to));
    this.#sql.moveTree.run(owner, from, to);
  }

  forgetSome(owner: string, path: VirtualPath, count: number): boolean {
    return this.#rows.removeSome(owner, path, count).more;
  }

  moveSome(owner: string, from: VirtualPath, to: VirtualPath, count: number): boolean {
    return this.#rows.moveSome(owner, from, to, count);
  }

  #has(owner: string): boolean {
    const epoch = this.epoch.now;
    const known = this.#some.get(owner);
    if (known?.epoch === epoch) return known.some;
    const some = this.#sql.some.get(owner) !== undefined;
    this.#some.set(owner, { epoch, some });
    return some;
  }
}
