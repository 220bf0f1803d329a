/** The table of all commands. */
import type { CommandName } from "../../protocol/mod.ts";
import { command, type CommandRow } from "./context/context.ts";
import * as accounts from "./commands/own_account.ts";
import * as administration from "./commands/administration.ts";
import * as download from "./commands/download.ts";
import * as files from "./commands/files.ts";
import * as locks from "./commands/locks.ts";
import * as groups from "./commands/groups.ts";
import * as metadata from "./commands/metadata.ts";
import * as mounts from "./commands/mounts.ts";
import * as operation from "./commands/operation.ts";
import * as restrictions from "./commands/restrictions.ts";
import * as session from "./commands/session.ts";
import * as sharing from "./commands/sharing.ts";
import * as upkeep from "./commands/upkeep.ts";
import * as upload from "./commands/upload.ts";

const help = command({
  name: "HELP",
  needsLogin: false,
  letters: "",
  summary: "Lists the commands, or explains one.",
  reply: "OK 214 {commands: [{name, aliases, letters, summary}]}",
  run(_context, { data }) {
    const wanted = data.command?.toUpperCase();
    const commands = ROWS
      .filter(({ name, aliases }) =>
        wanted === undefined || name === wanted || aliases?.includes(wanted)
      )
      .map(({ name, aliases = [], letters, summary }) => ({ name, aliases, letters, summary }));
    return { code: 214, data: { commands } };
  },
});

// Rows of different commands have different data; what dispatches them checks the data by name.
// deno-lint-ignore no-explicit-any
type AnyRow = CommandRow<any> & { readonly name: CommandName };

/** All rows, in the order in which `HELP` and the reference show them. */
export const ROWS: readonly AnyRow[] = [
  session.auth,
  session.user,
  session.pass,
  accounts.register,
  session.feat,
  help,
  session.syst,
  session.noop,
  session.type,
  session.quit,
  accounts.changePassword,
  accounts.makeToken,
  accounts.listTokens,
  accounts.revokeToken,
  upload.upload,
  upload.append,
  upload.resume,
  upload.rest,
  upload.parts,
  upload.abort,
  download.download,
  download.view,
  files.list,
  files.nameList,
  files.printDirectory,
  files.changeDirectory,
  files.changeUp,
  files.makeDirectory,
  files.removeDirectory,
  files.remove,
  files.renameFrom,
  files.renameTo,
  files.rename,
  files.copy,
  metadata.size,
  metadata.modified,
  metadata.setModified,
  metadata.stat,
  metadata.hash,
  metadata.versions,
  metadata.why,
  metadata.verify,
  sharing.share,
  sharing.unshare,
  sharing.sharedWithMe,
  sharing.sharedByMe,
  locks.lock,
  locks.unlock,
  locks.listLocks,
  administration.permit,
  administration.listUsers,
  administration.addUser,
  administration.setValidity,
  administration.removeUser,
  groups.listGroups,
  groups.listMembers,
  groups.addGroup,
  groups.removeGroup,
  groups.permitGroup,
  groups.join,
  groups.leave,
  administration.setQuota,
  administration.resetPassword,
  restrictions.limits,
  restrictions.networkLimit,
  restrictions.networkLimits,
  restrictions.ban,
  restrictions.unban,
  restrictions.bans,
  mounts.mount,
  mounts.unmount,
  mounts.mounts,
  upkeep.listUploads,
  upkeep.dropUpload,
  upkeep.expireUploads,
  upkeep.verifyUser,
  upkeep.status,
  operation.who,
  operation.kick,
  operation.logs,
];

const BY_NAME = new Map<string, AnyRow>(
  ROWS.flatMap((row) => [row.name, ...row.aliases ?? []].map((name) => [name, row] as const)),
);

/** The row of a command by its name or alias in upper case. */
export function findRow(name: string): AnyRow | undefined {
  return BY_NAME.get(name);
}
