/** `SITE`: what other FTP servers do not have, and what some clients ask for. */
import { isStoreError } from "../../../storage/contract/error.ts";
import type { CommandRow } from "../context/context.ts";
import type { SiteRow } from "../context/site_row.ts";
import { longReply, type Reply, reply, ReplyError } from "../context/reply.ts";
import { compactTime } from "../../../common/time.ts";
import { parseTime } from "../listing/time.ts";
import { LOCK_ROWS } from "./site_locks.ts";
import { sharedLine, unshare as unshareRow } from "./accounts.ts";
import { splitWords } from "../context/words.ts";

const chmod: SiteRow = {
  name: "CHMOD",
  letters: "",
  syntax: "mode path",
  summary: "Keeps permission bits for those who fetch the file; on disk it stays 600, or 700.",
  async run(context, argument) {
    const [, mode, path] = /^([0-7]{3,4}) (.+)$/s.exec(argument) ?? [];
    if (mode === undefined || path === undefined) {
      throw new ReplyError(501, "Usage: SITE CHMOD mode path, the mode in 3 or 4 octal digits");
    }
    try {
      await context.view.tree.setMode(context.resolve(path), parseInt(mode, 8));
      return reply(200, `Mode ${mode} is kept for those who fetch it`);
    } catch (error) {
      // Clients send it behind every upload, and take a refusal for a failed transfer.
      if (!isStoreError(error, "denied", "not-found", "bad-name", "not-directory")) throw error;
      return reply(200, `Nothing was changed: ${error.message}`);
    }
  },
};

const utime: SiteRow = {
  name: "UTIME",
  letters: "w",
  syntax: "time path",
  summary: "Sets when a file was modified; also `path access modified created UTC`.",
  async run(context, argument) {
    const { path, mtimeMs } = readUtime(argument);
    if (path === undefined || mtimeMs === undefined) {
      throw new ReplyError(501, "Usage: SITE UTIME YYYYMMDDHHMM[SS] path");
    }
    const now = await context.view.tree.setModified(context.resolve(path), mtimeMs);
    return reply(200, `Modified ${compactTime(now)}`);
  },
};

/** Both forms that clients use. */
function readUtime(argument: string): { path?: string; mtimeMs?: number } {
  const long = /^(.+) (\d{12,14}) (\d{12,14}) (\d{12,14}) UTC$/is.exec(argument);
  const short = /^(\d{12,14}) (.+)$/s.exec(argument);
  const [path, time] = long ? [long[1], long[3]] : [short?.[2], short?.[1]];
  const mtimeMs = parseTime(time ?? "");
  return { ...(path === undefined ? {} : { path }), ...(mtimeMs === undefined ? {} : { mtimeMs }) };
}

/** Versions that a reply holds. */
const MAX_VERSIONS = 1000;

const versions: SiteRow = {
  name: "VERSIONS",
  letters: "r",
  syntax: "path",
  summary: "Lists the versions of a file, oldest first: number, size, time, SHA-256, path.",
  async run(context, argument) {
    const found = await context.view.tree.versions(context.resolve(argument));
    const lines: string[] = [];
    for await (const { path, version, info } of found) {
      if (lines.length === MAX_VERSIONS) break;
      lines.push(
        ` ${version} ${info.size} ${compactTime(info.mtimeMs)} ${info.hash ?? "-"} ${path}`,
      );
    }
    const end = lines.length === MAX_VERSIONS ? "There may be more" : "End";
    return longReply(211, `Versions of ${argument}`, lines, end);
  },
};

const removeTree: SiteRow = {
  name: "RMDIR",
  letters: "d",
  syntax: "path",
  summary: "Removes a directory and all that is in it.",
  async run(context, argument) {
    await context.view.tree.removeDirectory(context.resolve(argument), { recursive: true });
    return reply(200, "The directory and all that was in it were removed");
  },
};

const share: SiteRow = {
  name: "SHARE",
  letters: "",
  syntax: "path user [letters]",
  summary: "Shares a file or directory: permissions of rwcd, default r; user * is all.",
  async run(context, argument) {
    const words = splitWords(argument);
    const letters = words.length > 2 && /^[rwcd]+$/.test(words.at(-1)!) ? words.pop()! : "r";
    const guest = words.pop();
    if (guest === undefined || words.length === 0) {
      throw new ReplyError(501, "Usage: SITE SHARE path user [letters]");
    }
    const path = context.resolve(words.join(" "));
    const { shown } = await context.view.sharing.share({ path, guest, letters });
    return reply(200, `Shared as ${shown}`);
  },
};

const unshare: SiteRow = {
  name: "UNSHARE",
  letters: "",
  syntax: "path [user]",
  summary: "Ends the shares of a path: with one user, or with all.",
  async run(context, argument) {
    return await unshareRow.run(context, argument);
  },
};

/** Maximum number of shares that are listed, of either kind. */
const MAX_SHARES = 1000;

const shared: SiteRow = {
  name: "SHARED",
  letters: "",
  syntax: "",
  summary: "Lists the shares with this user, and by this user.",
  async run(context) {
    const lines: string[] = [];
    for await (const share of context.view.sharing.sharedWithMe()) {
      lines.push(` with me:${sharedLine(share)}`);
      if (lines.length === MAX_SHARES) break;
    }
    for await (const { path, letters, guest } of context.view.sharing.sharedByMe()) {
      lines.push(` by me: ${path} ${letters} (with ${guest})`);
      if (lines.length >= 2 * MAX_SHARES) break;
    }
    return longReply(211, "Shares", lines);
  },
};

const why: SiteRow = {
  name: "WHY",
  letters: "",
  syntax: "path",
  summary: "Names the rule that allows or denies each permission at a path.",
  async run(context, argument) {
    const { path, letters } = await context.view.permissions.why(context.resolve(argument));
    const lines = letters.map(({ letter, allowed, rule }) =>
      ` ${letter} ${allowed ? "allowed" : "denied"}: ${rule}`
    );
    return longReply(211, `Letters at ${path}`, lines);
  },
};

const quota: SiteRow = {
  name: "QUOTA",
  letters: "",
  syntax: "",
  summary: "Returns the used bytes and the quota of the account.",
  async run(context) {
    const { usedBytes, reservedBytes, quotaBytes } = await context.view.account.usage();
    return longReply(211, "Quota", [
      ` used ${usedBytes}`,
      ` unfinished uploads ${reservedBytes}`,
      ` limit ${quotaBytes ?? "none"}`,
    ]);
  },
};

const help: SiteRow = {
  name: "HELP",
  letters: "",
  syntax: "",
  summary: "Lists the SITE commands.",
  run: siteHelp,
};

/** All rows, in the order in which `SITE HELP` and the reference show them. */
export const SITE_ROWS: readonly SiteRow[] = [
  help,
  chmod,
  utime,
  removeTree,
  versions,
  share,
  unshare,
  shared,
  ...LOCK_ROWS,
  why,
  quota,
];

/** Answers `SITE HELP` and `HELP SITE`. */
export function siteHelp(): Reply {
  const lines = SITE_ROWS.map(({ name, syntax }) => ` SITE ${name} ${syntax}`.trimEnd());
  return longReply(214, "SITE commands", lines);
}

/** The command `SITE`. */
export const site: CommandRow = {
  name: "SITE",
  letters: "",
  syntax: "command",
  summary: "Does what other FTP servers do not have: see SITE HELP.",
  run(context, argument) {
    const [, name = "", rest = ""] = /^\s*(\S*) ?(.*)$/s.exec(argument) ?? [];
    const row = SITE_ROWS.find((row) => row.name === name.toUpperCase());
    if (row === undefined) throw new ReplyError(504, "There is no such command: see SITE HELP");
    if (rest === "" && row.syntax !== "") {
      throw new ReplyError(501, `Usage: SITE ${row.name} ${row.syntax}`);
    }
    return row.run(context, rest);
  },
};
