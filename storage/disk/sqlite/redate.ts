import type { Connection } from "./connection/connection.ts";
import { inSteps, ROWS_AT_ONCE, updateSome } from "./connection/steps.ts";

/** Columns with the time something was last used or changed, and their tables' keys. */
const USED = [
  ["accounts", "name", "last_login_ms"],
  ["uploads", "id", "updated_ms"],
  ["tokens", "id", "last_used_ms"],
  ["links", "id", "last_used_ms"],
  ["web_sessions", "id", "last_used_ms"],
  ["upload_notes", "id", "at_ms"],
  ["asides", "id", "at_ms"],
  ["failures", "key", "last_ms"],
  ["uploads", "id", "created_ms"],
] as const;
/** Tables of what ends at a time, and their keys. */
const ENDING = [
  ["tokens", "id"],
  ["shares", "owner, path, guest"],
  ["links", "id"],
  ["locks", "owner, path"],
  ["web_sessions", "id"],
  ["bans", "address, prefix_length"],
] as const;

const LASTS_AS_LONG = "expires_ms = expires_ms - created_ms + ?1, created_ms = ?1";

/**
 * Prepares the statements that correct times which the clock wrote while it was ahead.
 *
 * @param changed called in each transaction
 */
export function prepareRedate(
  connection: Connection,
  changed: () => void,
): (nowMs: number) => Promise<void> {
  const statements = [
    ...ENDING.map(([table, key]) => updateSome(table, key, LASTS_AS_LONG, "created_ms > ?1")),
    ...USED.map(([table, key, column]) =>
      updateSome(table, key, `${column} = ?1`, `${column} > ?1`)
    ),
  ].map((sql) => connection.prepare(sql));
  return async (nowMs) => {
    // Each statement scans its whole table if no index helps.
    let left = [...statements];
    await inSteps(() =>
      connection.write(false, () => {
        changed();
        const [first, ...others] = left;
        if (first!.run(nowMs).changes < ROWS_AT_ONCE) left = others;
        return left.length > 0;
      })
    );
  };
}
