/** Accounts and shares, by the names that clients of earlier servers type: `REG`, `TRANS`, `SHAR`. */
import { groupOf } from "../../../storage/contract/books/group_book.ts";
import type { ShareInfo } from "../../../storage/people/sharing.ts";
import { isStoreError } from "../../../storage/contract/error.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { longReply, reply, ReplyError } from "../context/reply.ts";
import { splitWords } from "../context/words.ts";
import { requireSecrecy } from "./session.ts";

/** The command `REG`. */
export const register: CommandRow = {
  name: "REG",
  needsLogin: false,
  letters: "",
  syntax: "user password",
  summary: "Makes an account, where the server lets anyone do so (--allow-register).",
  naming: true,
  async run(context, argument) {
    requireSecrecy(context);
    const [, name, password] = /^(\S+) (.+)$/s.exec(argument) ?? [];
    if (name === undefined) throw new ReplyError(501, "Usage: REG user password");
    const { accounts } = context.services;
    const letters = await accounts.register(name, password!, context.origin);
    return reply(200, `The account "${name}" was made with the permissions ${letters}`);
  },
};

/** What `TRANS` takes for no permission. */
const NO_PERMISSIONS = "none";

/** The command `TRANS`. */
export const setPermissions: CommandRow = {
  name: "TRANS",
  letters: "t",
  syntax: "user permissions",
  summary: "Replaces an account's permissions (of rwcdt, or none), at once for its open sessions.",
  async run(context, argument) {
    const [name, wanted, ...more] = splitWords(argument);
    if (wanted === undefined || more.length > 0) {
      throw new ReplyError(501, "Usage: TRANS user permissions");
    }
    const letters = wanted.toLowerCase() === NO_PERMISSIONS ? "" : wanted;
    if (!/^[rwcdt]*$/.test(letters)) {
      throw new ReplyError(501, `Permissions are letters of rwcdt, or ${NO_PERMISSIONS}`);
    }
    const now = await context.view.administration.setLetters(name!, letters);
    return reply(200, `"${name}" has the permissions ${now || NO_PERMISSIONS} now`);
  },
};

/** The command `SHAR`. */
export const share: CommandRow = {
  name: "SHAR",
  letters: "",
  syntax: "path [user [permissions]]",
  summary:
    "Shares a path with all accounts, one, or a group (@name); permissions of rwcd, default r.",
  async run(context, argument) {
    const { path, guest = "*", letters = "r" } = await readShare(context, argument);
    const { shown } = await context.view.sharing.share({ path, guest, letters });
    return reply(200, `Shared with ${guest === "*" ? "every account" : guest} as ${shown}`);
  },
};

/** The command `UNSH`. */
export const unshare: CommandRow = {
  name: "UNSH",
  letters: "",
  syntax: "path [user]",
  summary: "Ends the shares of a path: with one user, or with all.",
  async run(context, argument) {
    const { path, guest } = await readUnshare(context, argument);
    await context.view.sharing.unshare(path, guest);
    return reply(200, "It is shared no longer");
  },
};

/** Maximum number of shares that a reply lists. */
const MAX_SHARES = 1000;

/** The command `SHWM`. */
export const sharedWithMe: CommandRow = {
  name: "SHWM",
  letters: "",
  syntax: "",
  summary: "Lists what others share with the account: path, permissions, owner.",
  async run(context) {
    const lines: string[] = [];
    for await (const share of context.view.sharing.sharedWithMe()) {
      if (lines.length === MAX_SHARES) {
        return longReply(211, "Shared with me", lines, "There are more");
      }
      lines.push(sharedLine(share));
    }
    return longReply(211, "Shared with me", lines);
  },
};

/** A share of others, as lists of them show it. */
export function sharedLine({ shown, letters, owner, guest }: ShareInfo): string {
  const by = groupOf(guest) === undefined ? "" : ` with ${guest}`;
  return ` ${shown} ${letters} (from ${owner}${by})`;
}

interface WantedShare {
  path: string;
  guest?: string | undefined;
  letters?: string | undefined;
}

/**
 * Reads `path [user [permissions]]`. A path may have spaces: an argument that is the name of
 * something is a path as a whole, and double quotes around a path end the doubt.
 */
async function readShare(context: Context, argument: string): Promise<WantedShare> {
  const words = wordsOf(argument);
  const whole = context.resolve(words.join(" "));
  if (words.length === 1 || !argument.startsWith('"') && await exists(context, whole)) {
    return { path: whole };
  }
  const letters = words.length > 2 && /^[rwcd]+$/.test(words.at(-1)!) ? words.pop() : undefined;
  const guest = words.pop();
  return { path: context.resolve(words.join(" ")), guest, letters };
}

function wordsOf(argument: string): string[] {
  const words = splitWords(argument);
  if (words.length === 0) throw new ReplyError(501, "Name the path of what is shared");
  return words;
}

async function exists(context: Context, path: string): Promise<boolean> {
  try {
    await context.view.tree.describe(path);
    return true;
  } catch (error) {
    if (isStoreError(error, "not-found", "not-directory", "denied", "bad-name")) return false;
    throw error;
  }
}

/** Reads `path [user]`: an argument that is shared is a path as a whole. */
async function readUnshare(
  context: Context,
  argument: string,
): Promise<{ path: string; guest: string | undefined }> {
  const words = wordsOf(argument);
  const whole = context.resolve(words.join(" "));
  const isQuoted = argument.startsWith('"');
  const mine = isQuoted ? [] : await Array.fromAsync(context.view.sharing.sharedByMe(whole));
  const guest = words.length > 1 && mine.length === 0 ? words.pop() : undefined;
  return { path: context.resolve(words.join(" ")), guest };
}
