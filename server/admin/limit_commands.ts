/** `user limit`, `ban`, `unban`, `bans`: who may connect, and how fast. */
import { clock } from "../../storage/contract/clock.ts";
import { resumeClock } from "../../storage/common/clock_marks.ts";
import { eachOf } from "../../storage/common/each_page.ts";
import type { AccountLimits, Ban, Network } from "../../storage/contract/books/policy_book.ts";
import { tableText } from "../../common/table.ts";
import { networkText } from "../admission/networks.ts";
import { EXIT, ExitError, messageOf, usageError } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import type { Kind } from "../options/kinds.ts";
import { formatSize } from "../../common/size.ts";
import * as shared from "./command_data.ts";
import { adminCommand } from "./command.ts";

/** A value, `none`, or `default`: the server's own. */
function orDefault<T>(kind: Kind<T>): Kind<T | "default"> {
  return {
    placeholder: `${kind.placeholder}|default`,
    read: (text) => text === "default" ? text : kind.read(text),
  };
}

/** Networks, separated by commas. */
const networks: Kind<Network[]> = {
  placeholder: "CIDR,…",
  read: (text) => text.split(",").map((part) => kinds.network.read(part.trim())),
};

const RATE = orDefault(kinds.orNone(kinds.rate));
const COUNT = orDefault(kinds.orNone(kinds.integer("N", 1, 1_000_000)));
const NETWORKS = orDefault(networks);

/** Which member each flag sets. */
const MEMBERS = {
  "rate": "rate",
  "rate-up": "rateUp",
  "rate-down": "rateDown",
  "connections": "connections",
  "requests": "requests",
  "allow-ip": "allowed",
  "deny-ip": "denied",
} as const satisfies Record<string, keyof AccountLimits>;

const limit = adminCommand({
  name: "user limit",
  operands: ["NAME"],
  flags: {
    "rate": RATE,
    "rate-up": RATE,
    "rate-down": RATE,
    "connections": COUNT,
    "requests": COUNT,
    "allow-ip": NETWORKS,
    "deny-ip": NETWORKS,
  },
  summary:
    "show an account's limits, or set them: bytes per second, connections at once, requests " +
    "per minute, and where it may log in from",
  audited: ([subject = ""], flags) =>
    Object.keys(flags).length === 0
      ? undefined
      : { action: "limits", subject, value: Object.keys(flags).join() },
  async run(context, [name = ""], flags) {
    return await shared.withCatalog(context, async (catalog) => {
      await shared.existing(catalog, name);
      const limits: Record<string, unknown> = { ...await catalog.policy.limitsOf(name) };
      for (const [flag, value] of Object.entries(flags)) {
        const member = MEMBERS[flag as keyof typeof MEMBERS];
        if (value === "default") delete limits[member];
        else limits[member] = value;
      }
      if (Object.keys(flags).length > 0) await catalog.policy.setLimits(name, limits);
      return { text: describe(limits), data: { username: name, limits } };
    });
  },
});

function describe(limits: AccountLimits): string {
  const { rate, rateUp, rateDown, connections, requests, allowed, denied } = limits;
  const rateText = (bytes: number | null | undefined) =>
    bytes === undefined ? "default" : bytes === null ? "none" : `${formatSize(bytes)} per second`;
  const list = (networks: readonly Network[] | undefined) =>
    networks === undefined ? "default" : networks.map(networkText).join(", ");
  return `Rate             ${rateText(rate)}\n` +
    `  up             ${rateText(rateUp)}\n` +
    `  down           ${rateText(rateDown)}\n` +
    `Connections      ${connections ?? "none"}\n` +
    `Requests         ${requests == null ? "none" : `${requests} per minute`}\n` +
    `Logs in from     ${list(allowed)}\n` +
    `  and not from   ${list(denied)}\n`;
}

/** The limits of an account's own in a few words, for a table. */
export function limitsInShort(limits: AccountLimits): string {
  const { rate, rateUp, rateDown, connections, requests, allowed, denied } = limits;
  const said: string[] = [];
  const speed = (what: string, bytes: number | null | undefined) => {
    if (bytes !== undefined) {
      said.push(`${what} ${bytes === null ? "any" : `${formatSize(bytes)}/s`}`);
    }
  };
  speed("rate", rate);
  speed("up", rateUp);
  speed("down", rateDown);
  if (connections != null) said.push(`${connections} connections`);
  if (requests != null) said.push(`${requests} requests/min`);
  if (allowed !== undefined || denied !== undefined) said.push("networks");
  return said.length === 0 ? "none" : said.join(", ");
}

/** An address or network that is an operand. */
function operandNetwork(text: string): Network {
  try {
    return kinds.network.read(text);
  } catch (error) {
    throw usageError(`The address is ${JSON.stringify(text)} but must be ${messageOf(error)}`);
  }
}

const ban = adminCommand({
  name: "ban",
  operands: ["CIDR"],
  flags: { "for": kinds.duration, "reason": kinds.text("TEXT") },
  summary: "refuse connections from an address or network, and end those there are",
  audited: ([subject = ""], { reason }) => ({
    action: "ban",
    subject,
    ...(reason === undefined ? {} : { value: reason }),
  }),
  async run(context, [text = ""], flags) {
    const network = operandNetwork(text);
    const { reason = "" } = flags;
    const expiresMs = await shared.withCatalog(context, async (catalog) => {
      await resumeClock(catalog);
      const createdMs = clock.earliest();
      const expiresMs = flags.for === undefined ? null : createdMs + flags.for;
      await catalog.policy.ban({ ...network, reason, createdMs, expiresMs });
      return expiresMs;
    });
    const until = expiresMs === null ? "" : ` until ${new Date(expiresMs).toISOString()}`;
    return {
      text: `${networkText(network)} is banned${until}\n`,
      data: { network: networkText(network), reason, expires: expiresMs },
    };
  },
});

const unban = adminCommand({
  name: "unban",
  operands: ["CIDR"],
  flags: {},
  summary: "lift a ban",
  audited: ([subject = ""]) => ({ action: "unban", subject }),
  async run(context, [text = ""]) {
    const network = operandNetwork(text);
    const found = await shared.withCatalog(context, (catalog) => catalog.policy.unban(network));
    if (!found) throw new ExitError(EXIT.notFound, `${networkText(network)} is not banned`);
    return {
      text: `${networkText(network)} is no longer banned\n`,
      data: { network: networkText(network) },
    };
  },
});

const bans = adminCommand({
  name: "bans",
  operands: [],
  flags: {},
  summary: "list the bans",
  async run(context) {
    const found = await shared.withCatalog(context, async (catalog) => {
      await resumeClock(catalog);
      return await Array.fromAsync(
        eachOf<Ban>((page) => catalog.policy.bans(clock.earliest(), page)),
      );
    });
    const shown = found.map((ban) => ({
      network: networkText(ban),
      reason: ban.reason,
      created: ban.createdMs,
      expires: ban.expiresMs,
    }));
    const rows = shown.map(({ network, reason, created, expires }) => [
      network,
      new Date(created).toISOString(),
      expires === null ? "never" : new Date(expires).toISOString(),
      reason,
    ]);
    const headings = ["network", "since", "until", "reason"];
    return {
      text: rows.length === 0 ? "Nothing is banned\n" : tableText(rows, { headings }),
      data: { bans: shown },
    };
  },
});

/** The commands on limits and bans. */
export const LIMIT_COMMANDS = [limit, ban, unban, bans];
