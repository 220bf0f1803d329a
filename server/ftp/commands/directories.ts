/** Directories (RFC 959 section 4.1.3). */
import type { CommandRow, Context } from "../context/context.ts";
import { type Reply, reply } from "../context/reply.ts";
import { spelledPath, spellingIn } from "../listing/spelling.ts";

/** The command `PWD`. */
export const printDirectory: CommandRow = {
  name: "PWD",
  aliases: ["XPWD"],
  letters: "",
  syntax: "",
  summary: "Returns the current directory.",
  run(context) {
    return reply(257, `${quoted(context.cwd)} is the current directory`);
  },
};

/** The command `CWD`. */
export const changeDirectory: CommandRow = {
  name: "CWD",
  aliases: ["XCWD"],
  letters: "",
  syntax: "path",
  summary: "Changes the current directory.",
  run(context, argument) {
    if (argument === ".." || argument === "../") return goUp(context);
    return changeTo(context, argument);
  },
};

/** The command `CDUP`. */
export const changeUp: CommandRow = {
  name: "CDUP",
  aliases: ["XCUP"],
  letters: "",
  syntax: "",
  summary: "Changes to the directory above; the root stays the root.",
  async run(context) {
    return { ...await goUp(context), code: 200 };
  },
};

/** The command `MKD`. */
export const makeDirectory: CommandRow = {
  name: "MKD",
  aliases: ["XMKD"],
  letters: "c",
  syntax: "path",
  summary: "Makes a directory.",
  naming: true,
  async run(context, argument) {
    await context.view.tree.makeDirectory(context.resolve(argument), {
      spelling: spellingIn(context, argument),
    });
    return reply(257, `${quoted(spelledPath(context.cwd, argument))} was made`);
  },
};

/** The command `RMD`. */
export const removeDirectory: CommandRow = {
  name: "RMD",
  aliases: ["XRMD"],
  letters: "d",
  syntax: "path",
  summary: "Removes an empty directory; with --ftp-rmd recursive, and all that is in it.",
  async run(context, argument) {
    const recursive = context.settings.removal === "recursive";
    await context.view.tree.removeDirectory(context.resolve(argument), { recursive });
    return reply(250, "The directory was removed");
  },
};

async function goUp(context: Context): Promise<Reply> {
  return await changeTo(context, context.cwd === "/" ? "/" : "..");
}

async function changeTo(context: Context, argument: string): Promise<Reply> {
  await context.view.tree.enterDirectory(context.resolve(argument));
  context.cwd = spelledPath(context.cwd, argument);
  return reply(250, `${quoted(context.cwd)} is the current directory`);
}

/** A path between quotes, those in it doubled (RFC 959 appendix II). */
function quoted(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}
