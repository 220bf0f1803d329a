/** Files: removing, renaming, size, time, checksum (RFC 959, RFC 3659, draft-bryan-ftp-hash). */
import { isStoreError } from "../../../storage/contract/error.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { describeNow, pendingOf } from "../listing/listing.ts";
import { reply, ReplyError } from "../context/reply.ts";
import { spellingIn } from "../listing/spelling.ts";
import { compactTime } from "../../../common/time.ts";
import { parseTime } from "../listing/time.ts";

/** The command `DELE`. */
export const remove: CommandRow = {
  name: "DELE",
  letters: "d",
  syntax: "path",
  summary: "Removes a file.",
  async run(context, argument) {
    const path = context.resolve(argument);
    await context.view.permissions.require("d");
    context.reported = undefined;
    const pending = await pendingOf(context, path);
    await context.view.tree.remove(path).catch((error) => {
      // Then there is the unfinished upload alone.
      if (pending === undefined || !isStoreError(error, "not-found")) throw error;
    });
    // Otherwise an upload older than the file would now be listed in place of the file.
    for (let left; (left = await pendingOf(context, path)) !== undefined && !left.active;) {
      await context.view.transfers.discard(left.record.id);
    }
    return reply(250, "The file was removed");
  },
};

/** The command `RNFR`. */
export const renameFrom: CommandRow = {
  name: "RNFR",
  letters: "dw",
  syntax: "path",
  summary: "Names what RNTO will rename.",
  async run(context, argument) {
    context.renameFrom = undefined;
    await refusePending(context, argument);
    context.renameFrom = await context.view.tree.checkRenameSource(context.resolve(argument));
    return reply(350, "Send the new name with RNTO");
  },
};

/** The command `RNTO`. */
export const renameTo: CommandRow = {
  name: "RNTO",
  letters: "dw",
  syntax: "path",
  summary: "Renames what RNFR named; a file takes another file's name, and replaces it.",
  naming: true,
  async run(context, argument) {
    await context.view.permissions.require("dw");
    const from = context.renameFrom;
    context.renameFrom = undefined;
    if (from === undefined) throw new ReplyError(503, "RNTO comes after RNFR");
    await context.view.tree.rename(from, context.resolve(argument), {
      overwrite: true,
      spelling: spellingIn(context, argument),
    });
    return reply(250, "Renamed");
  },
};

/** The command `SIZE`. */
export const size: CommandRow = {
  name: "SIZE",
  letters: "r",
  syntax: "path",
  summary:
    "Returns a file's size, or the offset at which an own unfinished upload continues; not in TYPE A.",
  features: () => ["SIZE"],
  async run(context, argument) {
    if (context.ascii) {
      throw new ReplyError(550, "SIZE is available in TYPE I only; send TYPE I first");
    }
    context.reported = await context.view.transfers.sizeOrOffset(context.resolve(argument));
    return reply(213, String(context.reported.size));
  },
};

/** The command `MDTM`. */
export const modified: CommandRow = {
  name: "MDTM",
  letters: "r",
  syntax: "path",
  summary: "Returns a file's modification time, in UTC.",
  features: () => ["MDTM"],
  async run(context, argument) {
    const { mtimeMs } = await describeNow(context, context.resolve(argument));
    return reply(213, compactTime(mtimeMs));
  },
};

/** The command `MFMT`. */
export const setModified: CommandRow = {
  name: "MFMT",
  letters: "w",
  syntax: "time path",
  summary: "Sets when a file was modified: YYYYMMDDHHMMSS, in UTC.",
  features: () => ["MFMT"],
  async run(context, argument) {
    const [, time = "", path = ""] = /^(\S+) (.+)$/s.exec(argument) ?? [];
    const mtimeMs = parseTime(time);
    if (mtimeMs === undefined || path === "") {
      throw new ReplyError(501, "Usage: MFMT YYYYMMDDHHMMSS path");
    }
    const now = await context.view.tree.setModified(context.resolve(path), mtimeMs);
    return reply(213, `Modify=${compactTime(now)}; ${path}`);
  },
};

/** The command `HASH`. */
export const hash: CommandRow = {
  name: "HASH",
  letters: "r",
  syntax: "path",
  summary: "Returns a file's SHA-256 and its range: the whole file.",
  features: () => ["HASH SHA-256*"],
  async run(context, argument) {
    await refusePending(context, argument);
    const { hash, size } = await context.view.tree.checksum(context.resolve(argument));
    return reply(213, `SHA-256 0-${size} ${hash} ${argument}`);
  },
};

/** The command `XSHA256`. */
export const sha256: CommandRow = {
  name: "XSHA256",
  letters: "r",
  syntax: "path",
  summary: "Returns a file's SHA-256.",
  features: () => ["XSHA256"],
  async run(context, argument) {
    await refusePending(context, unquoted(argument));
    const { hash } = await context.view.tree.checksum(context.resolve(unquoted(argument)));
    return reply(250, hash);
  },
};

/** Refuses a command for a whole file while an unfinished upload without a writer has its name. */
async function refusePending(context: Context, argument: string): Promise<void> {
  const pending = await pendingOf(context, context.resolve(argument));
  if (pending === undefined || pending.active) return;
  throw new ReplyError(
    550,
    "An unfinished upload has this name: continue it with REST or APPE, or remove it with DELE",
  );
}

/** Some clients put the path of the older checksum commands between quotes. */
function unquoted(text: string): string {
  return /^"(.+)"$/s.exec(text)?.[1]?.replaceAll('""', '"') ?? text;
}
