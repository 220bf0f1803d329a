/** The table of commands: what is not in it does not exist. */
import * as accounts from "./commands/accounts.ts";
import * as about from "./commands/about.ts";
import * as connections from "./commands/connections.ts";
import * as directories from "./commands/directories.ts";
import * as downloads from "./commands/downloads.ts";
import * as files from "./commands/files.ts";
import * as listings from "./commands/listings.ts";
import * as security from "./commands/security.ts";
import * as session from "./commands/session.ts";
import { site, siteHelp } from "./commands/site.ts";
import * as uploads from "./commands/uploads.ts";
import { isUnsupported } from "./unsupported.ts";
import type { CommandRow } from "./context/context.ts";
import { longReply, reply, ReplyError } from "./context/reply.ts";

const features: CommandRow = {
  name: "FEAT",
  needsLogin: false,
  letters: "",
  syntax: "",
  summary: "Lists the server's features beyond RFC 959.",
  run(context) {
    const lines = ROWS.flatMap((row) => row.features?.(context) ?? []);
    return longReply(211, "Features", lines.map((line) => ` ${line}`));
  },
};

const help: CommandRow = {
  name: "HELP",
  needsLogin: false,
  letters: "",
  syntax: "[command]",
  summary: "Lists the commands, or explains one.",
  run(_context, argument) {
    const wanted = argument.trim().toUpperCase();
    if (wanted === "") {
      const names = ROWS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      return longReply(214, "Commands", inLines(names), "HELP and a name explains one");
    }
    if (wanted === "SITE") return siteHelp();
    const row = findRow(wanted);
    if (row === undefined) {
      const isKnown = isUnsupported(wanted);
      throw new ReplyError(502, isKnown ? "It is not supported here" : "There is no such command");
    }
    return reply(214, `${`${row.name} ${row.syntax}`.trim()}: ${row.summary}`);
  },
};

/** Eight names a line. */
function inLines(names: readonly string[]): string[] {
  return names.flatMap((_, i) =>
    i % 8 === 0 ? [` ${names.slice(i, i + 8).map((name) => name.padEnd(8)).join("").trim()}`] : []
  );
}

/** All rows, in the order in which `HELP` and the reference show them. */
export const ROWS: readonly CommandRow[] = [
  session.user,
  session.pass,
  session.account,
  accounts.register,
  session.reinitialize,
  session.quit,
  security.auth,
  security.bufferSize,
  security.protection,
  security.clearCommands,
  about.system,
  features,
  help,
  about.options,
  about.clientName,
  about.noop,
  about.allocate,
  about.status,
  directories.printDirectory,
  directories.changeDirectory,
  directories.changeUp,
  directories.makeDirectory,
  directories.removeDirectory,
  connections.type,
  connections.mode,
  connections.structure,
  connections.passive,
  connections.extendedPassive,
  connections.active,
  connections.extendedActive,
  listings.list,
  listings.nameList,
  listings.machineList,
  listings.machineStatus,
  downloads.retrieve,
  uploads.store,
  uploads.append,
  uploads.storeUnique,
  downloads.restart,
  downloads.abort,
  files.remove,
  files.renameFrom,
  files.renameTo,
  files.size,
  files.modified,
  files.setModified,
  files.hash,
  files.sha256,
  accounts.share,
  accounts.unshare,
  accounts.sharedWithMe,
  accounts.setPermissions,
  site,
];

const BY_NAME = new Map<string, CommandRow>(
  ROWS.flatMap((row) => [row.name, ...row.aliases ?? []].map((name) => [name, row] as const)),
);

/** The row of a command by its name or alias in upper case. */
export function findRow(name: string): CommandRow | undefined {
  return BY_NAME.get(name);
}
