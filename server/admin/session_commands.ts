/** `who` and `kick`: the sessions of the server that runs on the data directory. */
import { sessionInfo } from "../door/session_info.ts";
import { adminCommand } from "./command.ts";
import { onVault } from "./command_data.ts";
import { assertRuns } from "./running_server.ts";
import { sessionLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";

const who = adminCommand("who", {
  flags: {},
  async run({ data, options }) {
    if (options.catalog === null) assertRuns(data);
    const found = await onVault({ data, options }, (vault) => vault.who());
    const sessions = found.map(sessionInfo);
    const lines = sessions.length === 0 ? ["There are no sessions"] : sessionLines(sessions);
    return { text: linesText(lines), data: { sessions } };
  },
});

const kick = adminCommand("kick", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "kick", subject: subject.slice(0, 64) }),
  async run({ data, options }, [session = ""]) {
    if (options.catalog === null) assertRuns(data);
    await onVault({ data, options }, (vault) => vault.kick(session));
    return { text: `The session ${session} has ended\n`, data: { session_id: session } };
  },
});

/** The commands on sessions. */
export const SESSION_COMMANDS = [who, kick];
