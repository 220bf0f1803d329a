/** Listings (RFC 959 section 4.1.3, RFC 3659 section 7). */
import { counted } from "../../../common/counted.ts";
import { Pace } from "../../../storage/common/slices.ts";
import type { Channel } from "../../tls/channel.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { FACTS, formatFacts } from "../context/facts.ts";
import {
  describeNow,
  type Item,
  type Listing,
  longLine,
  openListing,
  recursiveLines,
  splitOptions,
} from "../listing/listing.ts";
import { Letters } from "../listing/letters.ts";
import { longReply, type Reply, reply, ReplyError } from "../context/reply.ts";
import { spelledPath } from "../listing/spelling.ts";
import type { Transfer } from "../data/transfer.ts";

/** Characters that are gathered before they are sent. */
const GATHERED = 64 * 1024;

/** Lines after which other sessions may have their turn, if it is due. */
const LINES_BETWEEN_TURNS = 64;

const encoder = new TextEncoder();

/** The command `LIST`. */
export const list: CommandRow = {
  name: "LIST",
  letters: "r",
  syntax: "[options] [path]",
  summary: "Lists a directory, a file, or the matches of a pattern, as `ls -l` does.",
  run: (context, argument) =>
    listLines(context, argument, () => {
      const { account } = context.view.principal;
      const nowMs = Date.now();
      return (item) => longLine(item, account, nowMs);
    }),
};

/** The command `NLST`. */
export const nameList: CommandRow = {
  name: "NLST",
  letters: "r",
  syntax: "[options] [path]",
  summary: "Lists names alone.",
  run: (context, argument) => listLines(context, argument, () => ({ name }) => name),
};

/** The command `MLSD`. */
export const machineList: CommandRow = {
  name: "MLSD",
  letters: "r",
  syntax: "[path]",
  summary: "Lists a directory with the facts that OPTS MLST chose.",
  async run(context, argument) {
    context.restart = 0;
    context.requireData();
    const path = context.resolve(argument || ".");
    const info = await context.view.tree.describe(path);
    if (info.type !== "directory") throw new ReplyError(501, `"${argument}" is not a directory`);
    const listing = await openListing(context, path);
    const letters = new Letters(context.view);
    return await sendLines(context, async function* () {
      for await (const { info, name } of listing.items()) {
        const below = `${path === "/" ? "" : path}/${info.name}`;
        yield formatFacts(context.facts, info, below, await letters.at(below, path)) + name;
      }
    });
  },
};

/** The command `MLST`. */
export const machineStatus: CommandRow = {
  name: "MLST",
  letters: "r",
  syntax: "[path]",
  summary: "Returns the facts of one file or directory.",
  features: ({ facts }) => [
    `MLST ${FACTS.map((fact) => `${fact}${facts.includes(fact) ? "*" : ""};`).join("")}`,
  ],
  async run(context, argument) {
    const path = context.resolve(argument || ".");
    const info = await describeNow(context, path);
    const letters = await new Letters(context.view).at(path, path);
    const asked = spelledPath(context.cwd, argument);
    return longReply(250, "Facts", [` ${formatFacts(context.facts, info, path, letters)}${asked}`]);
  },
};

async function listLines(
  context: Context,
  argument: string,
  writer: () => (item: Item) => string,
): Promise<Reply> {
  context.restart = 0;
  context.requireData();
  const { recursive, path } = splitOptions(argument);
  const listing = await openListing(context, path);
  const line = writer();
  if (recursive && listing.kind === "directory") {
    return await sendLines(context, () => recursiveLines(context, listing, path || ".", line));
  }
  return await sendLines(context, () => linesOf(listing, line));
}

async function* linesOf(listing: Listing, line: (item: Item) => string): AsyncGenerator<string> {
  for await (const item of listing.items()) yield line(item);
}

/** Sends lines over a data connection. */
async function sendLines(
  context: Context,
  lines: () => AsyncGenerator<string>,
): Promise<Reply> {
  return await context.transfer("The listing follows", async (channel, transfer) => {
    const pace = new Pace();
    let gathered = "";
    let count = 0;
    for await (const line of lines()) {
      gathered += line + "\r\n";
      if (++count % LINES_BETWEEN_TURNS === 0) await pace.turn();
      if (gathered.length < GATHERED) continue;
      await send(channel, transfer, gathered);
      gathered = "";
    }
    if (gathered !== "") await send(channel, transfer, gathered);
    await channel.end();
    return reply(226, `Listed ${counted(count, "line")}`);
  });
}

async function send(channel: Channel, transfer: Transfer, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  await channel.write(bytes);
  transfer.moved(bytes.length);
}
