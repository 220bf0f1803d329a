import type { StatementSync } from "node:sqlite";
import type { VirtualPath } from "../../../contract/path.ts";
import type { Connection } from "../connection/connection.ts";

/** Rows in a directory, and below it: each is one range of the key (`0` is the character after `/`). */
const RANGES = {
  inside: "owner = ?1 AND directory = ?2",
  below: "owner = ?1 AND directory >= ?2 || '/' AND directory < ?2 || '0'",
};
/** Rows of an account; ?2 is the root. */
const ALL = { all: "owner = ?1 AND ?2 = '/'" };

type Row = Record<string, unknown> & { directory: string; name: string };

/** A range of rows, with the statements that take some of them. */
interface Range {
  some: StatementSync;
  removeUpTo: StatementSync;
  moveUpTo: StatementSync;
}

/**
 * A table whose key is owner, directory and name, changed in steps within transactions of the
 * catalog: one statement for 100,000 rows would keep all others waiting.
 */
export class PathRows {
  readonly #ranges: Range[];
  readonly #all: Range[];

  /** @param columns further ones that {@linkcode removeSome} returns */
  constructor(
    connection: Connection,
    table: "files" | "modes" | "spellings",
    columns: readonly string[] = [],
    /** Further assignment in each move, to what {@linkcode moveSome} is given as ?6. */
    assigned = "",
  ) {
    const selected = ["directory", "name", ...columns].join();
    const range = (where: string): Range => ({
      some: connection.prepare(
        `SELECT ${selected} FROM ${table} WHERE ${where} ORDER BY directory, name LIMIT ?3`,
      ),
      removeUpTo: connection.prepare(
        `DELETE FROM ${table} WHERE ${where} AND (directory, name) <= (?3, ?4)`,
      ),
      moveUpTo: connection.prepare(
        `UPDATE ${table} SET directory = ?5 || substr(directory, length(?2) + 1)${assigned}
        WHERE ${where} AND (directory, name) <= (?3, ?4)`,
      ),
    });
    this.#ranges = Object.values(RANGES).map(range);
    this.#all = Object.values(ALL).map(range);
  }

  /** Removes up to `count` rows in a directory and below it. @returns them, and whether more may be left */
  removeSome(owner: string, path: VirtualPath, count: number): { rows: Row[]; more: boolean } {
    return this.#some(owner, path, count, ({ removeUpTo }, { directory, name }) => {
      removeUpTo.run(owner, path, directory, name);
    });
  }

  /** Moves up to `count` rows in a directory and below it. @returns whether more may be left */
  moveSome(
    owner: string,
    from: VirtualPath,
    to: VirtualPath,
    count: number,
    ...assigned: number[]
  ): boolean {
    return this.#some(owner, from, count, ({ moveUpTo }, { directory, name }) => {
      moveUpTo.run(owner, from, directory, name, to, ...assigned);
    }).more;
  }

  #some(
    owner: string,
    path: VirtualPath,
    count: number,
    take: (range: Range, last: Row) => void,
  ): { rows: Row[]; more: boolean } {
    const taken: Row[] = [];
    for (const range of path === "/" ? this.#all : this.#ranges) {
      const rows = range.some.all(owner, path, count - taken.length) as Row[];
      if (rows.length > 0) take(range, rows.at(-1)!);
      taken.push(...rows);
      if (taken.length === count) return { rows: taken, more: true };
    }
    return { rows: taken, more: false };
  }
}
