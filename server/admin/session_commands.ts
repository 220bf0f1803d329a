/** `who` and `kick`: the sessions of the server that runs on the data directory. */
import { formatSize } from "../../common/size.ts";
import { printable } from "../../common/printable.ts";
import { tableText } from "../../common/table.ts";
import { sessionInfo } from "../door/session_info.ts";
import { adminCommand } from "./command.ts";
import { onVault } from "./command_data.ts";
import { assertRuns } from "./running_server.ts";

const who = adminCommand("who", {
  flags: {},
  async run({ data, options }) {
    if (options.catalog === null) assertRuns(data);
    const found = await onVault({ data, options }, (vault) => vault.who());
    const rows = found.map(({ sessionId, account, door, address, sinceMs, transfer }) => [
      sessionId,
      account,
      door,
      address,
      new Date(sinceMs).toISOString(),
      transfer === undefined
        ? ""
        : printable(`${transfer.direction} ${transfer.filename} at ${formatSize(transfer.offset)}`),
    ]);
    const headings = ["id", "account", "door", "address", "since", "transfer"];
    return {
      text: rows.length === 0 ? "There are no sessions\n" : tableText(rows, { headings }),
      data: { sessions: found.map(sessionInfo) },
    };
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
