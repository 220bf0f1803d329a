import type { FoundFile } from "../../interfaces/disk_catalog.ts";
import { type FileRecord, isSameRecord, type MoveIntent } from "../../interfaces/intents.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../../contract/path.ts";
import type { FileState } from "../../../contract/entry.ts";
import { parseVersionName } from "../../../contract/version_name.ts";
import { ArrivalRows } from "./arrival_rows.ts";
import type { SqliteClaims } from "./claims.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "../accounts/grants.ts";
import { Ledger, type LedgerStatements } from "../accounts/ledger.ts";
import { type Held, Holdings } from "./holdings.ts";
import { PathRows } from "./path_rows.ts";
import { recordOf, type Row } from "./record_row.ts";

const COLUMNS = "size, mtime_ms, hash, stored_ms, damaged, tag, name";

/**
 * Rows whose directory is ?2 or below it: one range of the key (`0` is the character after `/`),
 * less the directories in it whose names go on with a character before `/`.
 */
const TREE = `owner = ?1 AND directory >= ?2 AND directory < ?2 || '0' AND
  (directory = ?2 OR directory >= ?2 || '/')`;

const ONE_MOVE = "owner = ? AND source = ? AND target = ?";
const IN_ORDER = "ORDER BY directory, name LIMIT";

/** Records of files and their renames, within transactions that the catalog opens. */
export class Files {
  readonly #sql;
  readonly #rows: PathRows;
  readonly #holdings: Holdings;
  readonly arrivals: ArrivalRows;

  constructor(
    connection: Connection,
    private readonly ledger: LedgerStatements,
    private readonly grants: readonly Grants[],
    private readonly claims: SqliteClaims,
  ) {
    this.#rows = new PathRows(connection, "files", ["size"], ", arrival = max(arrival, ?6)");
    this.arrivals = new ArrivalRows(connection);
    this.#holdings = new Holdings(connection, grants);
    const prepare = (sql: string) => connection.prepare(sql);
    const one = "owner = ? AND directory = ? AND name = ?";
    this.#sql = {
      get: connection.prepareArrays(`SELECT ${COLUMNS} FROM files WHERE ${one}`),
      byTag: connection.prepareArrays(
        `SELECT ${COLUMNS} FROM files WHERE owner = ?1 AND directory = ?2 AND
          name > ?3 || '_v' AND name < ?3 || '_w' AND tag = ?4 LIMIT 1`,
      ),
      size: prepare(`SELECT size FROM files WHERE ${one}`),
      inDirectory: connection.prepareArrays(
        `SELECT ${COLUMNS} FROM files WHERE owner = ? AND directory = ?`,
      ),
      known: connection.prepareArrays(
        `SELECT ${COLUMNS}, directory FROM files
        WHERE owner = ?1 AND (directory, name) > (?2, ?3) ${IN_ORDER} ?4`,
      ),
      add: prepare(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      ),
      replace: prepare(
        `UPDATE files SET size = ?, mtime_ms = ?, hash = ?, stored_ms = ?, damaged = ?, tag = ?,
          arrival = max(arrival, ?) WHERE ${one}`,
      ),
      retime: prepare(`UPDATE files SET mtime_ms = ? WHERE ${one} AND size = ? AND mtime_ms = ?`),
      removeOne: prepare(`DELETE FROM files WHERE ${one}`),
      bytesOfAll: prepare("SELECT ifnull(sum(size), 0) AS bytes FROM files WHERE owner = ?"),
      removeAll: prepare("DELETE FROM files WHERE owner = ?"),
      bytesOfTree: prepare(`SELECT ifnull(sum(size), 0) AS bytes FROM files WHERE ${TREE}`),
      removeTree: prepare(`DELETE FROM files WHERE ${TREE}`),
      moveOne: prepare(
        `UPDATE files SET directory = ?, name = ?, arrival = max(arrival, ?) WHERE ${one}`,
      ),
      moveTree: prepare(
        `UPDATE files SET directory = ?3 || substr(directory, length(?2) + 1), 
          arrival = max(arrival, ?4) WHERE ${TREE}`,
      ),
      // Unfinished uploads below a directory. The paths that guests see end with the owner's.
      moveUploads: prepare(
        `UPDATE uploads SET path = ?3 || substr(path, length(?2) + 1), shown_path =
          substr(shown_path, 1, length(shown_path) - length(path)) || ?3 ||
          substr(path, length(?2) + 1)
        WHERE id IN (SELECT id FROM uploads WHERE owner = ?1 AND path > ?2 || '/' AND
          path < ?2 || '0' AND finished = 0 LIMIT ?4)`,
      ),
      beginMove: prepare(
        `INSERT INTO moves (owner, source, target, holder) VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING`,
      ),
      move: prepare(`SELECT moving FROM moves WHERE ${ONE_MOVE}`),
      setMoving: prepare(`UPDATE moves SET moving = 1 WHERE ${ONE_MOVE}`),
      endMove: prepare(`DELETE FROM moves WHERE ${ONE_MOVE} RETURNING moving`),
      moves: prepare(`SELECT owner, source AS "from", target AS "to", holder FROM moves`),
    };
  }

  get(owner: string, path: VirtualPath): FileRecord | undefined {
    const row = this.#sql.get.get(owner, parentOf(path), nameOf(path)) as Row | undefined;
    return row && recordOf(row);
  }

  /** See {@linkcode DiskCatalog.storedUpload}. */
  storedUpload(owner: string, path: VirtualPath, tag: string): FoundFile | undefined {
    const file = this.get(owner, path);
    if (file === undefined || file.tag === tag) return file && { path, file };
    const directory = parentOf(path);
    const { stem } = parseVersionName(nameOf(path));
    const row = this.#sql.byTag.get(owner, directory, stem, tag) as Row | undefined;
    return row && { path: childOf(directory, row[6]), file: recordOf(row) };
  }

  /** Size in bytes of a recorded file; 0 where none is recorded. */
  sizeOf(owner: string, path: VirtualPath): number {
    const row = this.#sql.size.get(owner, parentOf(path), nameOf(path));
    return (row?.size ?? 0) as number;
  }

  inDirectory(
    owner: string,
    directory: VirtualPath,
    names?: readonly string[],
  ): Map<string, FileRecord> {
    if (names !== undefined) return this.#named(owner, directory, names);
    const rows = this.#sql.inDirectory.all(owner, directory) as unknown as Row[];
    return new Map(rows.map((row) => [row[6], recordOf(row)]));
  }

  known(owner: string, after: VirtualPath | undefined, count: number) {
    const [directory, name] = after === undefined ? ["", ""] : [parentOf(after), nameOf(after)];
    const rows = this.#sql.known.all(owner, directory, name, count) as unknown as [
      ...Row,
      directory: VirtualPath,
    ][];
    return new Map(rows.map((row) => [childOf(row[7], row[6]), recordOf(row)]));
  }

  #named(owner: string, directory: VirtualPath, names: readonly string[]) {
    const records = new Map<string, FileRecord>();
    for (const name of names) {
      const row = this.#sql.get.get(owner, directory, name) as Row | undefined;
      if (row !== undefined) records.set(name, recordOf(row));
    }
    return records;
  }

  /**
   * Records a file.
   *
   * @param arrival the number that its last byte took; 0: not known, or as before
   * @returns by how many bytes the owner's files grew
   */
  put(owner: string, path: VirtualPath, record: FileRecord, arrival = 0): number {
    const { size, mtimeMs, hash, storedMs, tag = null } = record;
    const directory = parentOf(path);
    const name = nameOf(path);
    const values = [size, mtimeMs, hash, storedMs, record.damaged ? 1 : 0, tag, arrival] as const;
    // Most files are new: then this one statement is all.
    const added = this.#sql.add.run(owner, directory, name, ...values);
    if (added.changes === 1) return size;
    const before = this.sizeOf(owner, path);
    this.#sql.replace.run(...values, owner, directory, name);
    return size - before;
  }

  note(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known?: FileRecord | null,
  ): boolean {
    if (known !== undefined && !isSameRecord(this.get(owner, path), known)) return false;
    const ledger = new Ledger(this.ledger);
    // A late record of a removed account must not become part of the next account of that name.
    if (!ledger.has(owner) || this.claims.covering(owner, path) !== undefined) return false;
    ledger.add(owner, this.put(owner, path, record), 0);
    ledger.settle();
    return true;
  }

  unnote(owner: string, path: VirtualPath, record: FileRecord): boolean {
    if (!isSameRecord(this.get(owner, path), record)) return false;
    this.#sql.removeOne.run(owner, parentOf(path), nameOf(path));
    const ledger = new Ledger(this.ledger);
    ledger.add(owner, -record.size, 0);
    ledger.settle();
    return true;
  }

  /** Notes a new time of a file recorded with this size and time. @returns whether it was */
  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): boolean {
    const place = [owner, parentOf(path), nameOf(path)] as const;
    const { changes } = this.#sql.retime.run(mtimeMs, ...place, known.size, known.mtimeMs);
    return changes === 1;
  }

  /** Finds the records, and their grants, at and below a path that is not the root. */
  held(owner: string, path: VirtualPath): Held {
    return this.#holdings.at(owner, path);
  }

  /**
   * Removes the records at and below a path.
   *
   * @param how its records; the number of a removal; whether another file takes the name
   */
  forget(
    owner: string,
    path: VirtualPath,
    { held, arrival, replaced = false }: {
      held?: Held;
      arrival?: number | undefined;
      replaced?: boolean;
    } = {},
  ): void {
    if (arrival !== undefined) this.arrivals.noteRemoval(owner, path, arrival);
    const there = held ?? (path === "/" ? undefined : this.held(owner, path));
    const ledger = new Ledger(this.ledger);
    ledger.add(owner, -this.#remove(owner, path, there), 0);
    ledger.settle();
    for (const grants of there?.grants ?? this.grants) {
      if (!replaced || !grants.ofNames) grants.forget(owner, path);
    }
  }

  /**
   * Removes up to `count` files, or as many of the records that go with them. @returns whether more
   * are left
   */
  forgetSome(owner: string, path: VirtualPath, count: number): boolean {
    const { rows, more } = this.#rows.removeSome(owner, path, count);
    const ledger = new Ledger(this.ledger);
    ledger.add(owner, -rows.reduce((sum, { size }) => sum + (size as number), 0), 0);
    ledger.settle();
    return more || this.grants.some((grants) => grants.forgetSome?.(owner, path, count) ?? false);
  }

  beginMove({ owner, from, to, holder }: MoveIntent): void {
    this.#sql.beginMove.run(owner, from, to, holder);
  }

  /**
   * Moves up to `count` records of a move that has begun. Records of the replaced file are removed
   * before the first one moves: later they would be those that have moved.
   *
   * @returns whether more are left
   */
  moveSome({ owner, from, to, arrival = 0 }: MoveIntent, count: number): boolean {
    const moving = this.#sql.move.get(owner, from, to)?.moving;
    if (moving === undefined || from === to) return false;
    if (moving === 0) {
      if (this.forgetSome(owner, to, count)) return true;
      this.forget(owner, to, { replaced: true });
      this.#sql.setMoving.run(owner, from, to);
    }
    return this.#rows.moveSome(owner, from, to, count, arrival) ||
      this.#sql.moveUploads.run(owner, from, to, count).changes === count ||
      this.grants.some((grants) => grants.moveSome?.(owner, from, to, count) ?? false);
  }

  /** Ends a move that was begun; any other may have been ended before, and changes nothing. */
  endMove({ owner, from, to, arrival = 0 }: MoveIntent, done: boolean): void {
    const moving = this.#sql.endMove.get(owner, from, to)?.moving;
    if (!done || moving === undefined || from === to) return;
    if (moving === 0) this.forget(owner, to, { replaced: true }); // as in `moveSome`
    const { size, filesBelow, uploadsBelow, grants } = this.held(owner, from);
    if (size !== undefined) {
      const place = [parentOf(from), nameOf(from)] as const;
      this.#sql.moveOne.run(parentOf(to), nameOf(to), arrival, owner, ...place);
    }
    if (filesBelow) this.#sql.moveTree.run(owner, from, to, arrival);
    if (uploadsBelow) this.#sql.moveUploads.run(owner, from, to, -1);
    for (const granted of grants) granted.move(owner, from, to);
  }

  moves(): MoveIntent[] {
    return this.#sql.moves.all().map((row) => ({ ...row }) as unknown as MoveIntent);
  }

  /** Removes the records at and below a path. @returns the bytes of their files */
  #remove(owner: string, path: VirtualPath, held: Held | undefined): number {
    if (held === undefined) {
      const bytes = this.#sql.bytesOfAll.get(owner)!.bytes as number;
      this.#sql.removeAll.run(owner);
      return bytes;
    }
    const { size, filesBelow } = held;
    if (size !== undefined) this.#sql.removeOne.run(owner, parentOf(path), nameOf(path));
    if (!filesBelow) return size ?? 0;
    const { bytes } = this.#sql.bytesOfTree.get(owner, path)!;
    this.#sql.removeTree.run(owner, path);
    return (size ?? 0) + (bytes as number);
  }
}
