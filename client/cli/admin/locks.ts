/** Locks: `locks`, `locks break`. */
import { outputColumns } from "../../../common/output_columns.ts";
import { quoted } from "../../../common/printable.ts";
import { lockLines } from "../../../common/admin/tables.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";

/** `locks` */
export const locks: AdminAction = async ({ output }, client) => {
  const data = await client.request("LOCKS", { all: true }, "Cannot list the locks");
  const found = (Array.isArray(data.locks) ? data.locks : []) as Record<string, unknown>[];
  output.event("done", { locks: found });
  const lines = found.length === 0 ? ["Nothing is locked"] : lockLines(found, outputColumns());
  for (const line of lines) output.result(line);
};

/** `locks break NAME PATH` */
export const locksBreak: AdminAction = async (context, client, [username = "", path = ""]) => {
  const filename = path.startsWith("/") ? path : `/${path}`;
  const action = `Cannot break the lock of ${quoted(filename)}`;
  const reply = await client.request("UNLOCK", { filename, username }, action);
  const shown = String(reply.filename ?? filename);
  done(
    context,
    { username, filename: shown },
    `${quoted(shown)} of ${username} is not locked any more`,
  );
};
