import type { UploadRecord } from "../catalog.ts";
import { StoreError } from "../error.ts";
import type { Connection } from "./connection.ts";
import { Ledger, type LedgerStatements } from "./ledger.ts";

const COLUMNS = `id, owner, account, path, shown_path AS shownPath, size_bytes AS sizeBytes, hash,
  mtime_ms AS mtimeMs, if_exists AS ifExists, appends_to AS appendsTo, created_ms AS createdMs,
  updated_ms AS updatedMs, offset_bytes AS offsetBytes, reserved_bytes AS reservedBytes`;

/** Uploads, within transactions that the catalog opens. */
export class Uploads {
  readonly #sql;

  constructor(connection: Connection, private readonly ledger: LedgerStatements) {
    const prepare = (sql: string) => connection.prepare(sql);
    const unfinished = `SELECT ${COLUMNS} FROM uploads WHERE finished = 0`;
    const order = "ORDER BY updated_ms DESC, id";
    this.#sql = {
      add: prepare(
        `INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
        ON CONFLICT DO NOTHING`,
      ),
      get: prepare(`${unfinished} AND id = ?`),
      all: prepare(`${unfinished} ${order}`),
      ofAccount: prepare(`${unfinished} AND account = ? ${order}`),
      reservation: prepare("SELECT owner, reserved_bytes AS bytes FROM uploads WHERE id = ?"),
      reserve: prepare("UPDATE uploads SET reserved_bytes = ? WHERE id = ? AND finished = 0"),
      setSize: prepare("UPDATE uploads SET size_bytes = ? WHERE id = ?"),
      progress: prepare("UPDATE uploads SET offset_bytes = ?, updated_ms = ? WHERE id = ?"),
      finish: prepare("UPDATE uploads SET finished = 1, reserved_bytes = 0 WHERE id = ?"),
      remove: prepare("DELETE FROM uploads WHERE id = ?"),
      finished: prepare("SELECT id, owner FROM uploads WHERE finished = 1 ORDER BY id"),
    };
  }

  add(record: UploadRecord): boolean {
    const ledger = new Ledger(this.ledger);
    if (!ledger.fits(record.owner, record.reservedBytes)) return false;
    const { changes } = this.#sql.add.run(
      record.id,
      record.owner,
      record.account,
      record.path,
      record.shownPath,
      record.sizeBytes,
      record.hash,
      record.mtimeMs,
      record.ifExists,
      record.appendsTo,
      record.createdMs,
      record.updatedMs,
      record.offsetBytes,
      record.reservedBytes,
    );
    if (changes === 0) throw new StoreError("exists", `There is an upload "${record.id}" already`);
    ledger.add(record.owner, 0, record.reservedBytes);
    ledger.settle();
    return true;
  }

  get(id: string): UploadRecord | undefined {
    const row = this.#sql.get.get(id);
    return row && { ...row } as unknown as UploadRecord;
  }

  list(account?: string): UploadRecord[] {
    const rows = account === undefined ? this.#sql.all.all() : this.#sql.ofAccount.all(account);
    return rows.map((row) => ({ ...row }) as unknown as UploadRecord);
  }

  reserve(id: string, bytes: number): boolean {
    const before = this.reservation(id);
    if (!before) return false;
    const ledger = new Ledger(this.ledger);
    const more = bytes - before.bytes;
    if (!ledger.fits(before.owner, more)) return false;
    if (this.#sql.reserve.run(bytes, id).changes === 0) return false;
    ledger.add(before.owner, 0, more);
    ledger.settle();
    return true;
  }

  /** What an upload holds of its owner's quota; undefined where no upload of that id is known. */
  reservation(id: string): { owner: string; bytes: number } | undefined {
    return this.#sql.reservation.get(id) as { owner: string; bytes: number } | undefined;
  }

  setSize(id: string, sizeBytes: number): void {
    this.#sql.setSize.run(sizeBytes, id);
  }

  noteProgress(id: string, offsetBytes: number, updatedMs: number): void {
    this.#sql.progress.run(offsetBytes, updatedMs, id);
  }

  /** Marks an upload as done. It holds nothing from now on. */
  finish(id: string): void {
    this.#sql.finish.run(id);
  }

  remove(id: string): void {
    const held = this.reservation(id);
    if (!held) return;
    this.#sql.remove.run(id);
    const ledger = new Ledger(this.ledger);
    ledger.add(held.owner, 0, -held.bytes);
    ledger.settle();
  }

  finished(): { id: string; owner: string }[] {
    return this.#sql.finished.all().map((row) => ({ ...row }) as { id: string; owner: string });
  }
}
