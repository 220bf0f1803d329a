/** Changes of names: each is one call of one function in the database. */
import { assertSpelled } from "../../common/spelling.ts";
import { lockedError } from "../../common/locked.ts";
import { retryUntil } from "../../common/retry.ts";
import { type Condition, currentOf } from "../../contract/condition.ts";
import { notFound, StoreError } from "../../contract/error.ts";
import type { LockRecord } from "../../contract/books/lock_book.ts";
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import type { Changed, Found, MoveOptions, Spot } from "../../contract/tree.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import type { Sql } from "../postgres/database.ts";
import { foundOf, inFile, type Located, type NodeRow, recordOf, refusal } from "./nodes.ts";

/** Answer of a function that changes names. */
export interface ChangeAnswer {
  /** Nothing was changed, for this reason. */
  readonly error?: string;
  /** The error is one of the new path. */
  readonly to?: boolean;
  /** Nothing was changed, as others hold a path. */
  readonly held?: boolean;
  /** Nothing was changed, as the name is not as it was seen. */
  readonly changed?: boolean;
  /** Nothing was changed, as something arrived there after the change was asked for. */
  readonly overtaken?: boolean;
  /** Nothing was changed, as this lock of another account forbids it. */
  readonly locked?: LockRecord;
  /** The path that it forbids to change. */
  readonly at?: VirtualPath;
  readonly shares?: boolean;
  readonly node?: NodeRow;
  readonly hold?: number;
}

type Call = (sql: Sql) => Promise<readonly Record<string, unknown>[]>;

/** Changes names in the accounts' trees. */
export class TreeChanges {
  constructor(private readonly places: ClusterPlaces) {}

  /** Makes one directory. */
  async makeDirectory(
    owner: string,
    path: VirtualPath,
    spelling?: string,
    account?: string,
  ): Promise<void> {
    const answer = await this.#call((sql) =>
      sql`SELECT free_make_directory(${owner}, ${path}, ${nameOf(path)}, ${spelling ?? null}, ${
        account ?? null
      }) AS answer`
    );
    if (answer.error !== undefined) throw refusal(answer.error, path);
  }

  /** Removes a directory. */
  async removeDirectory(spot: Spot, isRecursive: boolean, arrival: number): Promise<Changed> {
    const { owner, path, account = null } = spot;
    const answer = await this.#unlessOvertaken(spot, arrival, (asked) =>
      this.#whenFree(
        path,
        (sql) =>
          sql`SELECT free_remove_directory(
            ${owner}, ${path}, ${isRecursive}, ${arrival}, ${asked}, ${account}) AS answer`,
      ));
    if (answer.error !== undefined) throw refusal(answer.error, path);
    return { shares: answer.shares === true };
  }

  /** Removes a file. */
  async remove(spot: Spot, condition: Condition | undefined, arrival: number): Promise<Changed> {
    const { owner, path, account = null } = spot;
    const answer = await this.#unlessOvertaken(spot, arrival, (asked) =>
      this.#onCondition(
        spot,
        condition,
        (seen) => (sql) =>
          sql`SELECT free_remove(
            ${owner}, ${path}, ${
            jsonOrNull(sql, seen)
          }, ${arrival}, ${asked}, ${account}) AS answer`,
      ));
    if (answer.error !== undefined) throw refusal(answer.error, path);
    return { shares: answer.shares === true };
  }

  /** Renames a file or directory. */
  async rename(from: Spot, to: Spot, options: MoveOptions, arrival: number): Promise<Changed> {
    const { replace, spelling, condition } = options;
    const isSame = from.path === to.path;
    await assertSpelled(this, to, isSame ? undefined : spelling);
    const move = {
      owner: from.owner,
      from: from.path,
      to: to.path,
      name: nameOf(to.path),
      replace,
      spelling: spelling === undefined ? null : nameOf(spelling),
      arrival,
    };
    const answer = await this.#unlessOvertaken(from, arrival, (asked) =>
      this.#onCondition(
        from,
        condition,
        (seen) => (sql) =>
          sql`SELECT free_rename(${sql.json({ ...move, asked, seen: seen ?? null } as never)}, ${
            from.account ?? null
          }) AS answer`,
      ));
    const { error } = answer;
    if (error === "exists") throw refusal(error, to.shown);
    if (error === "into-itself") throw refusal(error, from.shown);
    if (error !== undefined) throw refusal(error, answer.to ? to.path : from.path);
    return { shares: answer.shares === true };
  }

  /** Sets the time of a file or directory. */
  async retime(spot: Spot, mtimeMs: number, condition?: Condition): Promise<void> {
    const { owner, path, account = null } = spot;
    const answer = await this.#onCondition(
      spot,
      condition,
      (seen) => (sql) =>
        sql`SELECT free_retime(
          ${owner}, ${path}, ${mtimeMs}, ${jsonOrNull(sql, seen)}, ${account}) AS answer`,
      true,
    );
    if (answer.error !== undefined) throw refusal(answer.error, path);
  }

  /** Notes permission bits. */
  async setMode(spot: Spot, mode: number): Promise<void> {
    const { owner, path, account = null } = spot;
    const answer = await this.#call((sql) =>
      sql`SELECT free_set_mode(${owner}, ${path}, ${mode}, ${account}) AS answer`
    );
    if (answer.error !== undefined) throw refusal(answer.error, path);
  }

  /** Does work while nothing renames or removes what is at a path. */
  async hold<T>({ owner, path, shown }: Spot, work: (found: Found) => Promise<T>): Promise<T> {
    const { database, lease, holder } = this.places;
    await lease.held();
    const { error, node, hold } = await this.#whenFree(
      path,
      (sql) => sql`SELECT tree_hold(${owner}, ${path}, ${holder}) AS answer`,
    );
    if (error !== undefined) throw error === "in-file" ? inFile(shown) : notFound(shown);
    try {
      return await work(foundOf(node!));
    } finally {
      await database.repeat((sql) => sql`DELETE FROM holds WHERE id = ${hold!}`);
    }
  }

  /** The entry at a path. */
  async stat(owner: string, path: VirtualPath) {
    const { state, node } = await this.located(owner, path);
    if (state === "in-file") throw inFile(path);
    return node === null ? undefined : foundOf(node).entry;
  }

  /** Where a path leads. */
  async located(owner: string, path: VirtualPath): Promise<Located> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT tree_look(${owner}, ${path}) AS located`
    );
    return row!["located"] as Located;
  }

  /**
   * Makes a change, unless something arrived at its place after it was asked for: this node may have
   * been frozen meanwhile, its client gone on through another one.
   *
   * @throws {StoreError} `changed`
   */
  async #unlessOvertaken(
    { asked: at, shown }: Spot,
    arrival: number,
    change: (asked: number) => Promise<ChangeAnswer>,
  ): Promise<ChangeAnswer> {
    const asked = at ?? arrival;
    const answer = await change(asked);
    if (!answer.overtaken) return answer;
    // No clock that was wrong then may make it seem so.
    const again = await change(await this.places.lease.corrected(asked));
    if (!again.overtaken) return again;
    throw new StoreError(
      "changed",
      `Something newer was stored at "${shown}" meanwhile; try again`,
    );
  }

  /** Makes a change where a condition allows it, of just the state that the condition was checked on. */
  async #onCondition(
    { owner, path, shown }: Spot,
    condition: Condition | undefined,
    change: (seen: NodeRow | undefined) => Call,
    onlyFiles = false,
  ): Promise<ChangeAnswer> {
    if (condition === undefined) return await this.#whenFree(path, change(undefined));
    while (true) {
      const { state, node } = await this.located(owner, path);
      if (state === "in-file") throw inFile(path);
      if (node === null) throw notFound(shown);
      const isFile = node.content !== undefined;
      if (isFile || !onlyFiles) {
        condition.check(isFile ? currentOf(recordOf(node)) : { type: "directory" });
      }
      const answer = await this.#whenFree(path, change(node));
      if (!answer.changed) return answer;
    }
  }

  /** Calls again while others hold a path. @throws {StoreError} `io` where they do for too long */
  async #whenFree(path: VirtualPath, call: Call): Promise<ChangeAnswer> {
    const answer = await retryUntil(async () => {
      const now = await this.#call(call);
      return now.held ? undefined : now;
    });
    if (answer !== undefined) return answer;
    throw new StoreError("io", `"${path}" is being changed by others; try again`);
  }

  /** Not repeated after a lost connection: it may have been carried out, and would be refused then. */
  async #call(call: Call): Promise<ChangeAnswer> {
    const [row] = await this.places.database.query(call);
    const answer = row!["answer"] as ChangeAnswer;
    if (answer.locked === undefined) return answer;
    throw lockedError(answer.at!, answer.at!, answer.locked);
  }
}

function jsonOrNull(sql: Sql, value: NodeRow | undefined) {
  return value === undefined ? null : sql.json(value as never);
}
