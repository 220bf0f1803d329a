/** State of a database file, and reports of its failures. */
import type { DatabaseSync } from "node:sqlite";
import { report } from "../../../common/reports.ts";
import { Sparing } from "../../../common/sparing.ts";
import type { DatabaseState } from "../../../contract/catalog.ts";
import type { StoreError } from "../../../contract/error.ts";

/** Bytes of a database, its log aside. */
export function sizeOf(database: DatabaseSync): number {
  return pragma(database, "page_count")[0]! * pragma(database, "page_size")[0]!;
}

/** Moves what no reader needs of the log into the database, and describes both. */
export function stateOf(database: DatabaseSync): DatabaseState {
  const [, pages = 0, moved = 0] = pragma(database, "wal_checkpoint(PASSIVE)");
  const schema = pragma(database, "user_version")[0]!;
  return { schema, sizeBytes: sizeOf(database), checkpoint: { pages, moved } };
}

function pragma(database: DatabaseSync, text: string): number[] {
  return Object.values(database.prepare(`PRAGMA ${text}`).get()!).map(Number);
}

const failures = new Sparing();

/** Reports a transaction that failed for the database itself. */
export function reportFailure({ kind, message, cause }: StoreError): void {
  failures.note((more) =>
    report("warning", "database", "A transaction failed", {
      event: "failed",
      kind,
      reason: cause instanceof Error ? cause.message : message,
      more,
    })
  );
}
