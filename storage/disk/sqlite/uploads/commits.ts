import type { CommitAnswer, CommitIntent } from "../../interfaces/disk_catalog.ts";
import type { VirtualPath } from "../../../contract/path.ts";
import type { SqliteClaims } from "../files/claims.ts";
import type { Connection } from "../connection/connection.ts";
import { arrivals } from "../../../contract/arrivals.ts";
import type { Files } from "../files/files.ts";
import { Ledger, type LedgerStatements } from "../accounts/ledger.ts";
import type { SqliteLocks } from "../accounts/locks.ts";
import type { SqlitePathBook } from "../files/path_book.ts";
import type { Uploads } from "./uploads.ts";

const COLUMNS = `owner, path, upload_id AS uploadId, replaces, size, mtime_ms AS mtimeMs, hash,
  stored_ms AS storedMs, damaged, reserved_bytes AS reservedBytes, writer, holder, tag`;

/**
 * Intents to publish, within transactions that the catalog opens. This is the hot path of many
 * small files: as few statements for each as can be, and none that returns a row.
 */
export class Commits {
  readonly #sql;

  constructor(
    connection: Connection,
    private readonly ledger: LedgerStatements,
    private readonly files: Files,
    private readonly uploads: Uploads,
    private readonly modes: SqlitePathBook<number>,
    private readonly spellings: SqlitePathBook<string>,
    private readonly claims: SqliteClaims,
    private readonly locks: SqliteLocks,
  ) {
    const prepare = (sql: string) => connection.prepare(sql);
    const one = "owner = ? AND path = ? AND upload_id = ?";
    this.#sql = {
      add: prepare(
        "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      ),
      at: prepare("SELECT upload_id AS uploadId FROM commits WHERE owner = ? AND path = ?"),
      ofUpload: prepare("SELECT 1 FROM commits WHERE owner = ? AND upload_id = ? LIMIT 1"),
      held: prepare(`SELECT held_bytes AS bytes FROM commits WHERE ${one}`),
      remove: prepare(`DELETE FROM commits WHERE ${one}`),
      removeHolding: prepare(`DELETE FROM commits WHERE ${one} AND held_bytes = ?`),
      all: prepare(`SELECT ${COLUMNS} FROM commits ORDER BY owner, path`),
      ofOwner: prepare(`SELECT ${COLUMNS} FROM commits WHERE owner = ? ORDER BY path`),
      ofPath: prepare(`SELECT ${COLUMNS} FROM commits WHERE owner = ? AND path = ?`),
    };
  }

  begin(intents: CommitIntent[]): CommitAnswer[] {
    const ledger = new Ledger(this.ledger);
    const free = this.claims.none;
    const answers = intents.map((intent) =>
      this.#isLost(intent)
        ? "lost"
        : !free && this.#isLocked(intent)
        ? "locked"
        : !free && this.#isClaimed(intent)
        ? "claimed"
        : this.#begin(intent, ledger)
    );
    ledger.settle();
    return answers;
  }

  finish(intents: CommitIntent[]): boolean[] {
    const ledger = new Ledger(this.ledger);
    const finished: boolean[] = [];
    for (const intent of intents) {
      const held = this.#take(intent);
      finished.push(held !== undefined);
      // Not there: finished before, or the account was removed in between.
      if (held === undefined) continue;
      const grown = this.files.put(intent.owner, intent.path, intent.file, intent.arrival);
      const { owner, path, mode, spelling } = intent;
      if (mode !== undefined) this.modes.put(owner, path, mode);
      if (spelling !== undefined) this.spellings.put(owner, path, spelling);
      // An upload without a record has no writer, and nothing is reserved for it.
      const isRecorded = intent.writer !== null || intent.reservedBytes > 0;
      const reservation = isRecorded ? this.uploads.reservation(intent.uploadId) : undefined;
      if (reservation) {
        this.uploads.finish(intent.uploadId);
        ledger.add(reservation.owner, 0, -reservation.bytes);
      }
      ledger.add(intent.owner, grown, -held);
    }
    ledger.settle();
    return finished;
  }

  cancel(intents: CommitIntent[]): void {
    const ledger = new Ledger(this.ledger);
    for (const intent of intents) ledger.add(intent.owner, 0, -(this.#take(intent) ?? 0));
    ledger.settle();
  }

  list(owner?: string, path?: VirtualPath): CommitIntent[] {
    const rows = owner === undefined
      ? this.#sql.all.all()
      : path === undefined
      ? this.#sql.ofOwner.all(owner)
      : this.#sql.ofPath.all(owner, path);
    return rows.map((row) => intentOf(row));
  }

  /** Whether an upload is recorded no more, or another's. */
  #isLost({ uploadId, writer }: CommitIntent): boolean {
    return writer !== null && !this.uploads.isWrittenBy({ id: uploadId, writer });
  }

  #isLocked({ owner, path, account, requested = path }: CommitIntent): boolean {
    if (account === undefined || !this.locks.hasAny(owner)) return false;
    return this.locks.covering(owner, path, account) !== undefined ||
      (requested !== path && this.locks.covering(owner, requested, account) !== undefined);
  }

  #isClaimed({ owner, path, uploadId }: CommitIntent): boolean {
    const state = this.claims.covering(owner, path);
    // A claim that waits, waits for the intents that are noted: their uploads must come to an end.
    return state === "ready" ||
      (state === "waiting" && this.#sql.ofUpload.get(owner, uploadId) === undefined);
  }

  #begin(intent: CommitIntent, ledger: Ledger): CommitAnswer {
    const { owner, path, uploadId, file } = intent;
    if (this.#isLate(intent)) return "late";
    const standing = () => this.#sql.at.get(owner, path)?.uploadId;
    const hold = this.#toHold(intent);
    const growth = () => file.size - (intent.replace ? this.files.sizeOf(owner, path) : 0);
    if (!ledger.fits(owner, hold) || ledger.overfills(owner, growth)) {
      const other = standing() ?? uploadId;
      return other === uploadId ? "over-quota" : "taken";
    }
    const insert = () =>
      this.#sql.add.run(
        owner,
        path,
        uploadId,
        intent.replace ? 1 : 0,
        file.size,
        file.mtimeMs,
        file.hash,
        file.storedMs,
        file.damaged ? 1 : 0,
        intent.reservedBytes,
        hold,
        intent.writer,
        intent.holder,
        file.tag ?? null,
      ).changes === 1;
    if (!insert()) {
      if (standing() !== uploadId) return "taken";
      // The same upload once more: what it said before is void.
      ledger.add(owner, 0, -(this.#take(intent) ?? 0));
      insert();
    }
    ledger.add(owner, 0, hold);
    return "ready";
  }

  /** Whether what it is to replace arrived later. Nothing did where no number was taken since. */
  #isLate({ owner, path, replace, arrival, pinned }: CommitIntent): boolean {
    if (!replace || pinned || arrival === undefined || arrival === arrivals.last) return false;
    return this.files.arrivals.isLater(owner, path, arrival);
  }

  /** Bytes an intent needs beyond its upload's reservation and the file it takes the place of. */
  #toHold({ owner, path, uploadId, replace, file, reservedBytes }: CommitIntent): number {
    const reservation = reservedBytes === 0 ? undefined : this.uploads.reservation(uploadId);
    const reserved = reservation?.owner === owner ? reservation.bytes : 0;
    const need = file.size - Math.min(reservedBytes, reserved);
    if (need <= 0) return 0;
    return replace ? Math.max(0, need - this.files.sizeOf(owner, path)) : need;
  }

  /** Removes an intent. @returns its reserved bytes; undefined where it does not exist */
  #take({ owner, path, uploadId, file }: CommitIntent): number | undefined {
    // The reservation of a new small file is known; reading it with RETURNING would cost twice as
    // much.
    if (this.#sql.removeHolding.run(owner, path, uploadId, file.size).changes === 1) {
      return file.size;
    }
    const held = this.#sql.held.get(owner, path, uploadId);
    if (!held) return undefined;
    this.#sql.remove.run(owner, path, uploadId);
    return held.bytes as number;
  }
}

function intentOf(row: Record<string, unknown>): CommitIntent {
  return {
    uploadId: row.uploadId as string,
    owner: row.owner as string,
    path: row.path as string,
    replace: row.replaces === 1,
    file: {
      size: row.size as number,
      mtimeMs: row.mtimeMs as number,
      hash: row.hash as string,
      storedMs: row.storedMs as number,
      damaged: row.damaged === 1,
      ...(row.tag !== null && { tag: row.tag as string }),
    },
    reservedBytes: row.reservedBytes as number,
    writer: row.writer as number | null,
    holder: row.holder as string,
  };
}
