/** Sessions and logs: `who`, `kick`, `logs`. */
import { outputColumns } from "../../../common/output_columns.ts";
import { LOG_NAMES } from "../../../common/log_names.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { oneOf } from "../options/options.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import { sessionLines } from "../../../common/admin/tables.ts";

/** `who` */
export const who: AdminAction = async ({ output }, client) => {
  const data = await client.request("WHO", {}, "Cannot list the sessions");
  const sessions = (Array.isArray(data.sessions) ? data.sessions : []) as Record<string, unknown>[];
  output.event("done", { sessions });
  for (const line of sessionLines(sessions, outputColumns())) output.result(line);
};

/** `kick ID` */
export const kick: AdminAction = async (context, client, [session_id = ""]) => {
  await client.request("KICK", { session_id }, `Cannot end the session ${quoted(session_id)}`);
  done(context, { session_id }, `The session ${session_id} has ended`);
};

const logName = oneOf(...LOG_NAMES);

/** `logs [NAME]` */
export const logs: AdminAction = async ({ output, values }, client, [given = "server"]) => {
  const name = logName(given, "NAME");
  const data = await client.request("LOGS", {
    name,
    lines: values.number("lines"),
    level: values.text("level"),
    contains: values.text("contains"),
    account: values.text("account"),
  }, `Cannot read the log ${quoted(name)}`);
  const lines = Array.isArray(data.lines) ? data.lines : [];
  output.event("done", { lines });
  for (const line of lines) {
    output.result(printable(typeof line === "string" ? line : JSON.stringify(line)));
  }
};
