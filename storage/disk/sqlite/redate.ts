import type { Connection } from "./connection/connection.ts";

/** Columns with the time something was last used or changed. */
const USED = [
  ["accounts", "last_login_ms"],
  ["uploads", "updated_ms"],
  ["tokens", "last_used_ms"],
  ["links", "last_used_ms"],
  ["web_sessions", "last_used_ms"],
  ["upload_notes", "at_ms"],
  ["asides", "at_ms"],
  ["failures", "last_ms"],
];
/** Tables of what ends at a time. */
const ENDING = ["tokens", "shares", "links", "web_sessions", "bans"];

/** Prepares what dates anew what was dated while the clock was ahead. */
export function prepareRedate(connection: Connection): (nowMs: number) => void {
  const statements = [
    ...ENDING.map((table) =>
      `UPDATE ${table} SET expires_ms = expires_ms - created_ms + ?1, created_ms = ?1
        WHERE created_ms > ?1`
    ),
    "UPDATE uploads SET created_ms = ?1 WHERE created_ms > ?1",
    ...USED.map(([table, column]) => `UPDATE ${table} SET ${column} = ?1 WHERE ${column} > ?1`),
  ].map((sql) => connection.prepare(sql));
  return (nowMs) => {
    for (const statement of statements) statement.run(nowMs);
  };
}
