import type { LinkBook, LinkRecord } from "../../../contract/books/link_book.ts";
import type { VirtualPath } from "../../../contract/path.ts";
import type { ByAge, Page } from "../../../contract/values/page.ts";
import { behind, placeOf } from "../connection/by_age.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "../accounts/grants.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = `id, owner, path, directory, hash, key, label, password_hash AS passwordHash,
  pinned_hash AS pinnedHash, most_downloads AS maxDownloads, downloads, created_ms AS createdMs,
  last_used_ms AS lastUsedMs, expires_ms AS expiresMs`;

/** Rows at ?2 and below it: `0` is the character after `/`. */
const TREE = `owner = ?1 AND (path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0'))`;

/** Public links in SQLite. */
export class SqliteLinks implements LinkBook, Grants {
  readonly atPath = `SELECT 1 FROM links WHERE ${TREE}`;
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      add: prepare(
        `INSERT INTO links SELECT ?, name, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM accounts
        WHERE name = ? AND generation = ?`,
      ),
      get: prepare(`SELECT ${COLUMNS} FROM links WHERE id = ?`),
      byHash: prepare(`SELECT ${COLUMNS} FROM links WHERE hash = ?`),
      of: prepare(`SELECT ${COLUMNS} FROM links WHERE owner = ? AND ${behind()}`),
      count: prepare(
        `UPDATE links SET downloads = downloads + 1, last_used_ms = ?2
        WHERE id = ?1 AND downloads < ifnull(most_downloads, downloads + 1)
          AND ?2 < ifnull(expires_ms, ?2 + 1)`,
      ),
      remove: prepare("DELETE FROM links WHERE owner = ? AND id = ?"),
      removeExpired: prepare(deleteSome("links", "id", "expires_ms <= ?")),
      ofOwner: prepare("DELETE FROM links WHERE owner = ?"),
      forget: prepare(`DELETE FROM links WHERE ${TREE}`),
      move: prepare(`UPDATE links SET path = ?3 || substr(path, length(?2) + 1) WHERE ${TREE}`),
    };
  }

  add(link: LinkRecord, generation: number): Promise<boolean> {
    const values = [
      link.id,
      link.path,
      link.directory ? 1 : 0,
      link.hash,
      link.key,
      link.label,
      link.passwordHash,
      link.pinnedHash,
      link.maxDownloads,
      link.downloads,
      link.createdMs,
      link.lastUsedMs,
      link.expiresMs,
      link.owner,
      generation,
    ];
    return this.#write(true, () => this.#sql.add.run(...values).changes === 1);
  }

  get(id: string): Promise<LinkRecord | undefined> {
    return this.#read(() => asLink(this.#sql.get.get(id)));
  }

  byHash(hash: string): Promise<LinkRecord | undefined> {
    return this.#read(() => asLink(this.#sql.byHash.get(hash)));
  }

  of(owner: string, page: Page<ByAge>): Promise<LinkRecord[]> {
    const values = placeOf(page);
    return this.#read(() => this.#sql.of.all(owner, ...values).map((row) => asLink(row)!));
  }

  async countDownload(id: string, atMs: number): Promise<boolean> {
    try {
      return await this.#write(true, () => this.#sql.count.run(id, atMs).changes === 1);
    } catch (error) {
      const link = await this.get(id);
      // A count that limits nothing is a note: where it cannot be kept, the download goes on.
      if (link === undefined || link.maxDownloads !== null) throw error;
      return atMs < (link.expiresMs ?? Infinity);
    }
  }

  remove(owner: string, id: string): Promise<boolean> {
    return this.#write(true, () => this.#sql.remove.run(owner, id).changes === 1);
  }

  removeExpired(nowMs: number): Promise<void> {
    const { removeExpired } = this.#sql;
    return inSteps(() =>
      this.#write(false, () => removeExpired.run(nowMs).changes === ROWS_AT_ONCE)
    );
  }

  /** Within a transaction of the catalog: all links of an account. */
  forgetAccount(name: string): void {
    this.#sql.ofOwner.run(name);
  }

  /** Within a transaction of the catalog: links at and below a path end. */
  forget(owner: string, path: VirtualPath): void {
    if (path === "/") this.#sql.ofOwner.run(owner);
    else this.#sql.forget.run(owner, path);
  }

  /** Within a transaction of the catalog: links at and below a path go along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void {
    this.#sql.move.run(owner, from, to);
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.connection.write(durable, work);
  }
}

function asLink(row: Record<string, unknown> | undefined): LinkRecord | undefined {
  return row && { ...row, directory: row.directory === 1 } as unknown as LinkRecord;
}
