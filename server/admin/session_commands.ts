/** `who` and `kick`: the sessions of the running server; `locks` and `locks break`. */
import { resumeClock } from "../../storage/common/clock_marks.ts";
import { resolvePath } from "../../storage/contract/path.ts";
import { allLocks, breakLock } from "../../storage/tree/locks.ts";
import { quoted } from "../../common/printable.ts";
import { lockRecordInfo } from "../door/lock_info.ts";
import { sessionInfo } from "../door/session_info.ts";
import { adminCommand } from "./command.ts";
import { onAccounts, onVault, withCatalog } from "./command_data.ts";
import { assertRuns } from "./running_server.ts";
import { lockLines, sessionLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";

const who = adminCommand("who", {
  flags: {},
  async run({ data, options, terminal }) {
    if (options.catalog === null) assertRuns(data);
    const found = await onVault({ data, options }, (vault) => vault.who());
    const sessions = found.map(sessionInfo);
    const lines = sessions.length === 0
      ? ["There are no sessions"]
      : sessionLines(sessions, terminal.columns);
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

const locks = adminCommand("locks", {
  flags: {},
  async run(context) {
    const found = await withCatalog(context, async (catalog) => {
      await resumeClock(catalog);
      return await Array.fromAsync(allLocks(catalog));
    });
    const shown = found.map(lockRecordInfo);
    const lines = shown.length === 0
      ? ["Nothing is locked"]
      : lockLines(shown, context.terminal.columns);
    return { text: linesText(lines), data: { locks: shown } };
  },
});

const locksBreak = adminCommand("locks break", {
  flags: {},
  audited: ([subject = "", path = ""]) => ({
    action: "unlock",
    subject,
    paths: [path],
    value: "force",
  }),
  async run(context, [owner = "", text = ""]) {
    const path = resolvePath("/", text);
    await onAccounts(context, async ({ catalog }) => {
      await resumeClock(catalog);
      await breakLock(catalog, owner, path);
    });
    return {
      text: `${quoted(path)} of ${owner} is not locked any more\n`,
      data: { username: owner, filename: path },
    };
  },
});

/** The commands on sessions and locks. */
export const SESSION_COMMANDS = [who, kick, locks, locksBreak];
