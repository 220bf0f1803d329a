/** `user limit`, `ban`, `unban`, `bans`: who may connect, and how fast. */
import { resumeClock } from "../../storage/common/clock_marks.ts";
import {
  banNetwork,
  changeLimits,
  currentBans,
  liftBan,
  limitsOf,
} from "../../storage/people/restrictions.ts";
import type { AccountLimits, Network } from "../../storage/contract/books/policy_book.ts";
import { networkText } from "../../common/network.ts";
import { messageOf, usageError } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import type { Kind } from "../options/kinds.ts";
import { limitsText } from "../../common/admin/limits_text.ts";
import { banInfo, limitsInfo } from "../door/restriction_info.ts";
import * as shared from "./command_data.ts";
import { adminCommand } from "./command.ts";
import { banLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";

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

const limit = adminCommand("user limit", {
  flags: {
    "rate": RATE,
    "rate-up": RATE,
    "rate-down": RATE,
    "connections": COUNT,
    "requests": COUNT,
    "allow-ip": NETWORKS,
    "deny-ip": NETWORKS,
  },
  audited: ([subject = ""], flags) =>
    Object.keys(flags).length === 0
      ? undefined
      : { action: "limits", subject, value: Object.keys(flags).join() },
  async run(context, [name = ""], flags) {
    const changes = Object.fromEntries(
      Object.entries(flags).map(([flag, value]) => [MEMBERS[flag as keyof typeof MEMBERS], value]),
    );
    return await shared.onAccounts(context, async ({ catalog }) => {
      const limits = Object.keys(changes).length === 0
        ? await limitsOf(catalog, name)
        : await changeLimits(catalog, name, changes);
      const shown = limitsInfo(limits);
      return { text: limitsText(shown), data: { username: name, limits: shown } };
    });
  },
});

/** An address or network that is an operand. */
function operandNetwork(text: string): Network {
  try {
    return kinds.network.read(text);
  } catch (error) {
    throw usageError(`The address is ${JSON.stringify(text)} but must be ${messageOf(error)}`);
  }
}

const ban = adminCommand("ban", {
  flags: { "for": kinds.duration, "reason": kinds.text("TEXT") },
  audited: ([subject = ""], { reason }) => ({
    action: "ban",
    subject,
    ...(reason === undefined ? {} : { value: reason }),
  }),
  async run(context, [text = ""], flags) {
    const network = operandNetwork(text);
    const { reason, expiresMs } = await shared.withCatalog(context, async (catalog) => {
      await resumeClock(catalog);
      return await banNetwork(catalog, { ...network, reason: flags.reason, forMs: flags.for });
    });
    const until = expiresMs === null ? "" : ` until ${new Date(expiresMs).toISOString()}`;
    return {
      text: `${networkText(network)} is banned${until}\n`,
      data: { network: networkText(network), reason, expires: expiresMs },
    };
  },
});

const unban = adminCommand("unban", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "unban", subject }),
  async run(context, [text = ""]) {
    const network = operandNetwork(text);
    await shared.onAccounts(context, ({ catalog }) => liftBan(catalog, network));
    return {
      text: `${networkText(network)} is no longer banned\n`,
      data: { network: networkText(network) },
    };
  },
});

const bans = adminCommand("bans", {
  flags: {},
  async run(context) {
    const found = await shared.withCatalog(context, async (catalog) => {
      await resumeClock(catalog);
      return await Array.fromAsync(currentBans(catalog));
    });
    const shown = found.map(banInfo);
    const lines = shown.length === 0 ? ["Nothing is banned"] : banLines(shown);
    return { text: linesText(lines), data: { bans: shown } };
  },
});

/** The commands on limits and bans. */
export const LIMIT_COMMANDS = [limit, ban, unban, bans];
