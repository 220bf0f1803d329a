import type { Claim, ClaimAnswer, ClaimBook } from "../../interfaces/claim_book.ts";
import type { VirtualPath } from "../../../contract/path.ts";
import type { Connection } from "../connection/connection.ts";
import { lockedError } from "../../../common/locked.ts";
import { settled } from "../connection/settled.ts";
import type { SqliteLocks } from "../accounts/locks.ts";

/**
 * Whether a row's path is another one, above it or below it. No intent is of the root, and a claim of
 * it, which is of the account, meets only its like.
 */
const isRelated = (other: string) =>
  `(path = ${other} OR substr(${other}, 1, length(path) + 1) = path || '/' OR
    substr(path, 1, length(${other}) + 1) = ${other} || '/')`;
/** Rows of ?1 that are related to ?2. */
const RELATED = `owner = ?1 AND ${isRelated("?2")}`;
/** Rows of ?1 that are related to ?2 or ?3. */
const RELATED_TO_BOTH = `owner = ?1 AND (${isRelated("?2")} OR ${isRelated("?3")})`;

/** No lock is in the tree of ?1, or the claim is for no account. Others are checked one by one. */
const unlocked = (account: string) =>
  `(${account} IS NULL OR NOT EXISTS (SELECT 1 FROM locks WHERE owner = ?1))`;

/** Claims of paths in SQLite. Few rows are there at a time. */
export class SqliteClaims implements ClaimBook {
  readonly #sql;

  constructor(private readonly connection: Connection, private readonly locks: SqliteLocks) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      any: prepare("SELECT 1 FROM claims UNION ALL SELECT 1 FROM locks LIMIT 1"),
      related: prepare(`SELECT max(ready) AS ready FROM claims WHERE ${RELATED} AND id <> ?3`),
      intents: prepare(`SELECT 1 FROM commits WHERE ${RELATED} LIMIT 1`),
      take: prepare(
        `INSERT INTO claims SELECT ?1, ?2, ?3, ?4, 1
        WHERE NOT EXISTS (SELECT 1 FROM claims WHERE ${RELATED})
          AND NOT EXISTS (SELECT 1 FROM commits WHERE ${RELATED}) AND ${unlocked("?5")}`,
      ),
      takeBoth: prepare(
        `INSERT INTO claims SELECT ?1, column1, ?4, ?5, 1 FROM (VALUES (?2), (?3))
        WHERE NOT EXISTS (SELECT 1 FROM claims WHERE ${RELATED_TO_BOTH})
          AND NOT EXISTS (SELECT 1 FROM commits WHERE ${RELATED_TO_BOTH}) AND ${unlocked("?6")}`,
      ),
      add: prepare("INSERT INTO claims VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING"),
      ready: prepare("UPDATE claims SET ready = 1 WHERE id = ?"),
      release: prepare("DELETE FROM claims WHERE owner = ? AND path = ? AND id = ?"),
      all: prepare("SELECT id, owner, path, holder FROM claims ORDER BY id, path"),
    };
  }

  async claim(claim: Claim): Promise<ClaimAnswer> {
    const alone = this.connection.riders.none; // else a transaction is needed in any case
    if (alone && await this.connection.writeOne(() => this.takes(claim))) return "ready";
    return await this.connection.write(false, () => this.#claim(claim));
  }

  /** Claims one or two paths where nothing is in the way, which is usual, in a single statement. */
  takes({ id, owner, paths, holder, account = null }: Claim): boolean {
    const [path, other] = paths;
    if (path === undefined || paths.length > 2) return false;
    const { changes } = other === undefined || other === path
      ? this.#sql.take.run(owner, path, id, holder, account)
      : this.#sql.takeBoth.run(owner, path, other, id, holder, account);
    return changes > 0;
  }

  #claim({ id, owner, paths, holder, account }: Claim): ClaimAnswer {
    if (account !== null && account !== undefined) this.#assertUnlocked(owner, paths, account);
    if (paths.some((path) => this.#covering(owner, path, id) !== undefined)) return "busy";
    for (const path of paths) this.#sql.add.run(owner, path, id, holder);
    if (paths.some((path) => this.#sql.intents.get(owner, path) !== undefined)) return "waiting";
    this.#sql.ready.run(id);
    return "ready";
  }

  #assertUnlocked(owner: string, paths: readonly VirtualPath[], account: string): void {
    for (const path of paths) {
      const lock = this.locks.obstacle(owner, path, account);
      if (lock !== undefined) throw lockedError(path, path, lock);
    }
  }

  release(claim: Claim): Promise<void> {
    return this.connection.write(false, () => this.#release(claim));
  }

  releaseSoon(claim: Claim): void {
    this.connection.riders.add(() => this.#release(claim));
  }

  #release({ id, owner, paths }: Claim): void {
    for (const path of paths) this.#sql.release.run(owner, path, id);
  }

  all(): Promise<Claim[]> {
    if (!this.connection.riders.none) return this.connection.write(false, () => this.#all());
    return settled(() => this.connection.read(() => this.#all()));
  }

  #all(): Claim[] {
    const claims = new Map<string, Claim & { paths: VirtualPath[] }>();
    for (const row of this.#sql.all.all()) {
      const { id, owner, path, holder } = row as Record<string, string>;
      const claim = claims.get(id!);
      if (claim) claim.paths.push(path!);
      else claims.set(id!, { id: id!, owner: owner!, paths: [path!], holder: holder! });
    }
    return [...claims.values()];
  }

  /** Within a transaction: whether there are no claims and no locks at all, which is usual. */
  get none(): boolean {
    return this.#sql.any.get() === undefined;
  }

  /** Within a transaction: the state of the claims that cover a path; undefined where none does. */
  covering(owner: string, path: VirtualPath): "waiting" | "ready" | undefined {
    return this.#covering(owner, path, "");
  }

  #covering(owner: string, path: VirtualPath, but: string): "waiting" | "ready" | undefined {
    const ready = this.#sql.related.get(owner, path, but)?.ready ?? null;
    return ready === null ? undefined : ready === 1 ? "ready" : "waiting";
  }
}
