/** Commands about the server, and commands that clients send without needing them. */
import type { CommandRow, Context } from "../context/context.ts";
import { chosenFacts } from "../context/facts.ts";
import { longLine, openListing, splitOptions } from "../listing/listing.ts";
import { longReply, type Reply, reply, ReplyError } from "../context/reply.ts";

/** The command `SYST`. */
export const system: CommandRow = {
  name: "SYST",
  needsLogin: false,
  letters: "",
  syntax: "",
  summary: "Returns the type of the system.",
  run: () => reply(215, "UNIX Type: L8"),
};

/** The command `NOOP`. */
export const noop: CommandRow = {
  name: "NOOP",
  needsLogin: false,
  letters: "",
  syntax: "",
  summary: "Does nothing, and keeps the connection from being idle.",
  run: () => reply(200, "Still here"),
};

/** The command `CLNT`. */
export const clientName: CommandRow = {
  name: "CLNT",
  needsLogin: false,
  letters: "",
  syntax: "[name]",
  summary: "Takes the client's name, and does nothing with it.",
  features: () => ["CLNT"],
  run: () => reply(200, "Noted"),
};

/** The command `ALLO`. */
export const allocate: CommandRow = {
  name: "ALLO",
  letters: "",
  syntax: "[size]",
  summary: "Accepted without effect: nothing has to be allocated.",
  run: () => reply(202, "Nothing has to be allocated"),
};

/** The command `OPTS`. */
export const options: CommandRow = {
  name: "OPTS",
  needsLogin: false,
  letters: "",
  syntax: "command [options]",
  summary: "Chooses options: UTF8 ON, MLST facts, HASH SHA-256, MODE Z LEVEL 0-9.",
  features: () => ["UTF8", "TVFS"],
  run(context, argument) {
    const [, command = "", rest = ""] = /^(\S+)(.*)$/s.exec(argument.trim()) ?? [];
    const value = rest.trim();
    switch (command.toUpperCase()) {
      case "UTF8":
      case "UTF-8":
        if (/^(on)?$/i.test(value)) return reply(200, "Names are UTF-8");
        throw new ReplyError(501, "Names are always UTF-8");
      case "MLST":
        context.facts = chosenFacts(value);
        return reply(200, `MLST OPTS ${context.facts.map((fact) => `${fact};`).join("")}`.trim());
      case "HASH":
        if (value === "" || value.toUpperCase() === "SHA-256") return reply(200, "SHA-256");
        throw new ReplyError(501, "Only SHA-256 is known");
      case "MODE":
        return setCompression(context, value);
      default:
        throw new ReplyError(501, "Options are known for UTF8, MLST, HASH and MODE Z only");
    }
  },
};

/** Options of `MODE Z`: the level alone; the others there are for one engine only, zlib. */
function setCompression(context: Context, text: string): Reply {
  if (!context.settings.compression) throw new ReplyError(501, "There is no MODE Z here");
  const level = /^Z(?: ENGINE ZLIB)?(?: METHOD (?:8|DEFLATE))?(?: LEVEL ([0-9]))?$/i.exec(text);
  if (level === null) throw new ReplyError(501, "Usage: OPTS MODE Z LEVEL 0-9");
  const { compression } = context.data;
  if (level[1] !== undefined) compression.level = Number(level[1]);
  return reply(200, `MODE Z LEVEL ${compression.level}`);
}

/** The command `STAT`. */
export const status: CommandRow = {
  name: "STAT",
  letters: "",
  syntax: "[path]",
  summary:
    "Reports the running transfer; with a path, lists it without a data connection (permission r).",
  atOnce: true,
  async run(context, argument) {
    return argument === "" ? sessionStatus(context) : await pathStatus(context, argument);
  },
};

function sessionStatus(context: Context): Reply {
  const { running } = context;
  return longReply(211, `${context.serverInfo.name} ${context.serverInfo.version}`, [
    ` Connected from ${context.address}`,
    ` Logged in as ${context.view.principal.account}`,
    ` TYPE ${context.ascii ? "A" : "I"}, STRU F, MODE ${context.data.compression.on ? "Z" : "S"}`,
    ` Commands ${context.control.secure ? "over TLS" : "in plain text"}, data ${
      context.protectedData ? "over TLS" : "in plain text"
    }`,
    running === undefined
      ? " No transfer is running"
      : ` ${running.what}: ${running.bytes} bytes so far`,
  ]);
}

/** Entries that a reply holds; a longer listing goes over a data connection. */
const MAX_ENTRIES = 1000;

async function pathStatus(context: Context, argument: string): Promise<Reply> {
  const { path } = splitOptions(argument);
  const listing = await openListing(context, path);
  const { account } = context.view.principal;
  const lines: string[] = [];
  for await (const item of listing.items()) {
    if (lines.length === MAX_ENTRIES) return longReply(213, "Status", lines, "There is more");
    lines.push(` ${longLine(item, account, Date.now())}`);
  }
  return longReply(listing.kind === "file" ? 213 : 212, "Status", lines);
}
