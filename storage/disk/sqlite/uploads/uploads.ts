import type {
  Announcement,
  FinishedUpload,
  SafeBytes,
  TakeRefusal,
  UploadPage,
  UploadRecord,
  WriterToken,
} from "../../interfaces/disk_catalog.ts";
import { StoreError } from "../../../contract/error.ts";
import type { VirtualPath } from "../../../contract/path.ts";
import type { Connection } from "../connection/connection.ts";
import type { Files } from "../files/files.ts";
import { Ledger, type LedgerStatements } from "../accounts/ledger.ts";

const COLUMNS = `id, owner, account, path, shown_path AS shownPath, size_bytes AS sizeBytes, hash,
  mtime_ms AS mtimeMs, if_exists AS ifExists, appends_to AS appendsTo, created_ms AS createdMs,
  updated_ms AS updatedMs, offset_bytes AS offsetBytes, offset_hash AS offsetHash,
  reserved_bytes AS reservedBytes, mode, spelling, writer, holder`;

/** The directory of the path as its uploader sees it, with a slash behind it. */
const DIRECTORY = "rtrim(shown_path, replace(shown_path, '/', ''))";

/** Uploads, within transactions that the catalog opens. */
export class Uploads {
  readonly #sql;

  constructor(
    connection: Connection,
    private readonly ledger: LedgerStatements,
    private readonly files: Files,
  ) {
    const prepare = (sql: string) => connection.prepare(sql);
    const unfinished = `SELECT ${COLUMNS} FROM uploads WHERE finished = 0`;
    const one = "id = ? AND writer = ?";
    const mine = `${one} AND finished = 0`;
    const order = "ORDER BY updated_ms DESC, id DESC";
    const page = `(updated_ms, id) < (?1, ?2) ${order} LIMIT ?3`;
    this.#sql = {
      add: prepare(
        `INSERT INTO uploads (id, owner, account, path, shown_path, size_bytes, hash, mtime_ms,
          if_exists, appends_to, created_ms, updated_ms, offset_bytes, offset_hash, reserved_bytes,
          mode, spelling, writer, holder)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ),
      get: prepare(`${unfinished} AND id = ?`),
      all: prepare(`${unfinished} AND ${page}`),
      ofAccount: prepare(`${unfinished} AND account = ?4 AND ${page}`),
      ofGuests: prepare(`${unfinished} AND account <> owner AND ${page}`),
      ofGuestsInto: prepare(`${unfinished} AND account <> owner AND owner = ?4 AND ${page}`),
      to: prepare(`${unfinished} AND owner = ?4 AND path = ?5 AND ${page}`),
      in: prepare(
        `${unfinished} AND account = ? AND ${DIRECTORY} = ? AND id > ? ORDER BY id LIMIT ?`,
      ),
      totals: prepare(
        `SELECT count(*) AS uploads, ifnull(sum(offset_bytes), 0) AS offsetBytes
        FROM uploads WHERE finished = 0`,
      ),
      reservation: prepare("SELECT owner, reserved_bytes AS bytes FROM uploads WHERE id = ?"),
      coveredElsewhere: prepare(
        `SELECT ifnull(sum(covered_bytes), 0) AS bytes FROM uploads
        WHERE owner = ? AND path = ? AND id <> ? AND finished = 0`,
      ),
      cover: prepare("UPDATE uploads SET covered_bytes = ? WHERE id = ?"),
      reserving: prepare(
        `SELECT id, owner, reserved_bytes - offset_bytes AS bytes FROM uploads
        WHERE finished = 0 AND reserved_bytes > offset_bytes AND updated_ms < ? LIMIT ?`,
      ),
      shrink: prepare("UPDATE uploads SET reserved_bytes = offset_bytes WHERE id = ?"),
      reserve: prepare(`UPDATE uploads SET reserved_bytes = ? WHERE ${mine}`),
      announce: prepare(
        `UPDATE uploads SET size_bytes = ifnull(?, size_bytes), hash = ifnull(?, hash) WHERE ${mine}`,
      ),
      progress: prepare(
        `UPDATE uploads SET offset_bytes = ?, offset_hash = ?, updated_ms = ? WHERE ${mine}`,
      ),
      take: prepare(`UPDATE uploads SET writer = writer + 1, holder = ? WHERE ${mine}`),
      release: prepare(`UPDATE uploads SET holder = NULL WHERE ${mine}`),
      isMine: prepare(`SELECT 1 FROM uploads WHERE ${mine}`),
      commits: prepare("SELECT 1 FROM commits WHERE upload_id = ? LIMIT 1"),
      finish: prepare(
        "UPDATE uploads SET finished = 1, reserved_bytes = 0, covered_bytes = 0 WHERE id = ?",
      ),
      remove: prepare(`DELETE FROM uploads WHERE ${one}`),
      removeFinished: prepare(`DELETE FROM uploads WHERE ${one} AND finished = 1`),
      finished: prepare(
        "SELECT id, owner, writer, holder FROM uploads WHERE finished = 1 ORDER BY id",
      ),
    };
  }

  add(record: UploadRecord): boolean {
    const ledger = new Ledger(this.ledger);
    const covered = ledger.isWithin(record.owner, 0)
      ? this.#covered(record, record.reservedBytes)
      : 0;
    const reserved = record.reservedBytes - covered;
    if (!ledger.fits(record.owner, reserved)) return false;
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
      record.offsetHash,
      reserved,
      record.mode ?? null,
      record.spelling ?? null,
      record.writer,
      record.holder,
    );
    if (changes === 0) throw new StoreError("exists", `There is an upload "${record.id}" already`);
    if (covered > 0) this.#sql.cover.run(covered, record.id);
    ledger.add(record.owner, 0, reserved);
    ledger.settle();
    return true;
  }

  get(id: string): UploadRecord | undefined {
    const row = this.#sql.get.get(id);
    return row && recordOf(row);
  }

  list(account?: string, page?: UploadPage): UploadRecord[] {
    const behind = valuesOf(page);
    const rows = account === undefined
      ? this.#sql.all.all(...behind)
      : this.#sql.ofAccount.all(...behind, account);
    return rows.map(recordOf);
  }

  /** Those of guests, into one account's tree or all. */
  ofGuests(owner?: string, page?: UploadPage): UploadRecord[] {
    const behind = valuesOf(page);
    const rows = owner === undefined
      ? this.#sql.ofGuests.all(...behind)
      : this.#sql.ofGuestsInto.all(...behind, owner);
    return rows.map(recordOf);
  }

  /** Those to a path of an owner. */
  to(owner: string, path: VirtualPath, page?: UploadPage): UploadRecord[] {
    return this.#sql.to.all(...valuesOf(page), owner, path).map(recordOf);
  }

  /** Those of an account to names in a directory as it sees it. */
  in(account: string, directory: VirtualPath, after: string, count: number): UploadRecord[] {
    const prefix = directory === "/" ? "/" : `${directory}/`;
    return this.#sql.in.all(account, prefix, after, count).map(recordOf);
  }

  totals(): { uploads: number; offsetBytes: number } {
    return { ...this.#sql.totals.get() } as { uploads: number; offsetBytes: number };
  }

  take(id: string, holder: string, ofWriter?: number): UploadRecord | TakeRefusal {
    const record = this.get(id);
    if (record === undefined) return "unknown";
    if (this.#sql.commits.get(id) !== undefined) return "committing";
    if (ofWriter !== undefined && ofWriter !== record.writer) return "taken";
    this.#sql.take.run(holder, id, record.writer);
    return { ...record, writer: record.writer + 1, holder };
  }

  release({ id, writer }: WriterToken): boolean {
    return this.#sql.release.run(id, writer).changes === 1;
  }

  /** Whether an unfinished upload has this writer. */
  isWrittenBy({ id, writer }: WriterToken): boolean {
    return this.#sql.isMine.get(id, writer) !== undefined;
  }

  reserve({ id, writer }: WriterToken, bytes: number): boolean {
    const before = this.get(id);
    if (!before) return false;
    const ledger = new Ledger(this.ledger);
    // Beyond the quota a file makes no room: uploads over renamed ones could go on without end.
    const within = ledger.isWithin(before.owner, before.reservedBytes);
    const covered = within ? this.#covered(before, bytes) : 0;
    const more = bytes - covered - before.reservedBytes;
    if (!ledger.fits(before.owner, more)) return false;
    if (this.#sql.reserve.run(bytes - covered, id, writer).changes === 0) return false;
    this.#sql.cover.run(covered, id);
    ledger.add(before.owner, 0, more);
    ledger.settle();
    return true;
  }

  /**
   * Bytes of what an upload needs that it need not reserve: what the file that it overwrites gives
   * back. All uploads to one name together are given no more than that.
   */
  #covered({ id, owner, path, ifExists }: UploadRecord, bytes: number): number {
    if (ifExists !== "overwrite" || bytes === 0) return 0;
    const size = this.files.sizeOf(owner, path as VirtualPath);
    if (size === 0) return 0;
    const elsewhere = this.#sql.coveredElsewhere.get(owner, path, id)!.bytes as number;
    return Math.max(0, Math.min(bytes, size - elsewhere));
  }

  /**
   * Lowers the reservations of up to `count` uploads last touched before a time to what there is of
   * them.
   *
   * @returns whether more may be left
   */
  shrinkReservations(beforeMs: number, count = -1): boolean {
    const ledger = new Ledger(this.ledger);
    const rows = this.#sql.reserving.all(beforeMs, count);
    for (const { id, owner, bytes } of rows) {
      this.#sql.shrink.run(id as string);
      ledger.add(owner as string, 0, -(bytes as number));
    }
    ledger.settle();
    return rows.length === count;
  }

  /** Returns the bytes that an upload holds of its owner's quota; undefined for an unknown id. */
  reservation(id: string): { owner: string; bytes: number } | undefined {
    return this.#sql.reservation.get(id) as { owner: string; bytes: number } | undefined;
  }

  announce({ id, writer }: WriterToken, { sizeBytes, hash }: Announcement): boolean {
    return this.#sql.announce.run(sizeBytes ?? null, hash ?? null, id, writer).changes === 1;
  }

  noteProgress({ id, writer }: WriterToken, safe: SafeBytes, updatedMs: number): boolean {
    return this.#sql.progress.run(safe.offset, safe.hash, updatedMs, id, writer).changes === 1;
  }

  /** Marks an upload as done. It holds nothing from now on. */
  finish(id: string): void {
    this.#sql.finish.run(id);
  }

  remove({ id, writer }: WriterToken): boolean {
    const held = this.reservation(id);
    if (!held || this.#sql.remove.run(id, writer).changes === 0) return false;
    const ledger = new Ledger(this.ledger);
    ledger.add(held.owner, 0, -held.bytes);
    ledger.settle();
    return true;
  }

  /** Removes an upload that holds nothing any more, in a single statement. */
  removeFinished({ id, writer }: WriterToken): boolean {
    return this.#sql.removeFinished.run(id, writer).changes === 1;
  }

  finished(): FinishedUpload[] {
    return this.#sql.finished.all().map((row) => ({ ...row }) as FinishedUpload);
  }
}

/** Values for the position before the first record, and the number of records. */
function valuesOf({ after, count = -1 }: UploadPage = {}): [number, string, number] {
  return [after?.updatedMs ?? Number.MAX_SAFE_INTEGER, after?.id ?? "", count];
}

function recordOf({ mode, spelling, ...row }: Record<string, unknown>): UploadRecord {
  const record = row as unknown as UploadRecord;
  if (mode !== null) record.mode = mode as number;
  if (spelling !== null) record.spelling = spelling as string;
  return record;
}
