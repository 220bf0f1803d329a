/** Commands for sessions and logs (docs/protocol.md, "Administration"). */
import { sessionInfo } from "../../door/session_info.ts";
import { LOG_LEVELS, type LogLevel } from "../../../common/log_names.ts";
import { command } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";
import { fitting } from "../context/fitting.ts";

/** The command `WHO`. */
export const who = command({
  name: "WHO",
  letters: "t",
  summary: "Lists the sessions of all doors, and their transfers.",
  reply: "OK {sessions: [{session_id, username, door, address, since, node?, " +
    "transfer?: {filename, direction, offset, size, rate}}], truncated?}",
  async run(context) {
    const found = await context.view.administration.who();
    const { items: sessions, more } = await fitting(found, sessionInfo);
    return { data: { sessions, ...(more ? { truncated: true } : {}) } };
  },
});

/** The command `KICK`. */
export const kick = command({
  name: "KICK",
  letters: "t",
  summary: "Ends a session; its upload is kept.",
  reply: "OK {session_id}",
  async run(context, { data }) {
    await context.view.administration.kick(data.session_id);
    return { data: { session_id: data.session_id } };
  },
});

/** The command `LOGS`. */
export const logs = command({
  name: "LOGS",
  letters: "t",
  summary: "Shows the last lines of a log.",
  reply: "OK {lines: [...]}",
  async run(context, { data }) {
    await context.view.administration.require("logs", data.name);
    if (data.level !== undefined && !LOG_LEVELS.includes(data.level as LogLevel)) {
      throw new RequestError(
        "BAD_REQUEST",
        `LOGS: "level" must be one of ${LOG_LEVELS.join(", ")}`,
      );
    }
    const lines = await context.services.logs.tail({
      name: data.name,
      lines: data.lines ?? 200,
      ...(data.level === undefined ? {} : { level: data.level as LogLevel }),
      ...(data.contains === undefined ? {} : { contains: data.contains }),
      ...(data.account === undefined ? {} : { account: data.account }),
    });
    return { data: { lines } };
  },
});
