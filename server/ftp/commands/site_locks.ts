/** `SITE LOCK`, `UNLOCK` and `LOCKS`: paths that only their account changes for a time. */
import { parseDuration } from "../../../common/duration.ts";
import { formatTime } from "../../../common/time.ts";
import type { SiteRow } from "../context/site_row.ts";
import { longReply, reply, ReplyError } from "../context/reply.ts";
import { splitWords } from "../context/words.ts";

/** Most locks that are listed. */
const MAX_LOCKS = 1000;

const lock: SiteRow = {
  name: "LOCK",
  letters: "w",
  syntax: "path [time]",
  summary: "Locks a path for the user for a time such as 2h, by default 15m.",
  async run(context, argument) {
    const { words, last: lastsMs } = withLast(argument, parseDuration);
    const path = context.resolve(words);
    const { untilMs } = await context.view.locks.take({ path, lastsMs });
    return reply(200, `Locked until ${formatTime(untilMs)} UTC`);
  },
};

const unlock: SiteRow = {
  name: "UNLOCK",
  letters: "",
  syntax: "path [FORCE]",
  summary: "Ends the user's lock; FORCE also another one's, for owners and administrators.",
  async run(context, argument) {
    const { words, last: force } = withLast(argument, (word) => word === "FORCE" || undefined);
    await context.view.locks.end(context.resolve(words), { force: force ?? false });
    return reply(200, "It is not locked any more");
  },
};

const locks: SiteRow = {
  name: "LOCKS",
  letters: "",
  syntax: "",
  summary: "Lists the locks in the user's tree, and the user's own in others.",
  async run(context) {
    const lines: string[] = [];
    for await (const { path, by, untilMs } of context.view.locks.seen()) {
      lines.push(` ${path} (by ${by} until ${formatTime(untilMs)} UTC)`);
      if (lines.length === MAX_LOCKS) break;
    }
    return longReply(211, "Locks", lines);
  },
};

/** Reads a path with a word behind it that `read` knows; a path alone may be quoted. */
function withLast<T>(
  argument: string,
  read: (word: string) => T | undefined,
): { words: string; last: T | undefined } {
  const words = splitWords(argument);
  if (words.length === 0) throw new ReplyError(501, "Name a path");
  const last = words.length > 1 ? read(words.at(-1)!) : undefined;
  return { words: (last === undefined ? words : words.slice(0, -1)).join(" "), last };
}

/** The rows of `SITE` on locks. */
export const LOCK_ROWS: readonly SiteRow[] = [lock, unlock, locks];
