/** `user limit`, `limit`, `limits`, `ban`, `unban`, `bans`: who may connect, and how fast. */
import { resumeClock } from "../../storage/common/clock_marks.ts";
import {
  banNetwork,
  changeLimits,
  changeNetworkLimits,
  currentBans,
  liftBan,
  limitedNetworks,
  limitsOf,
  networkLimitsOf,
} from "../../storage/people/restrictions.ts";
import type { Network } from "../../storage/contract/books/policy_book.ts";
import { networkText, parseNetworkOrAny } from "../../common/network.ts";
import { messageOf, usageError } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import type { Kind } from "../options/kinds.ts";
import {
  LIMIT_KINDS,
  LIMIT_MEMBERS,
  type LimitName,
  NETWORK_LIMIT_KINDS,
} from "../options/limit_kinds.ts";
import { limitsText, networkLimitsText } from "../../common/admin/limits_text.ts";
import { banInfo, limitsInfo, networkInfo } from "../door/restriction_info.ts";
import * as shared from "./command_data.ts";
import { adminCommand } from "./command.ts";
import { banLines, networkLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";
import { formatTime } from "../../common/time.ts";

/** A value, `none`, or `default`: the server's own. */
function orDefault<T>(kind: Kind<T>): Kind<T | "default"> {
  return {
    placeholder: `${kind.placeholder}|default`,
    read: (text) => text === "default" ? text : kind.read(text),
  };
}

function allOrDefault<K extends string>(
  known: Readonly<Record<K, Kind<unknown>>>,
): Record<K, Kind<unknown>> {
  const entries = Object.entries<Kind<unknown>>(known);
  return Object.fromEntries(entries.map(([name, kind]) => [name, orDefault(kind)])) as Record<
    K,
    Kind<unknown>
  >;
}

const limit = adminCommand("user limit", {
  flags: allOrDefault(LIMIT_KINDS),
  audited: ([subject = ""], flags) =>
    Object.keys(flags).length === 0
      ? undefined
      : { action: "limits", subject, value: Object.keys(flags).join() },
  async run(context, [name = ""], flags) {
    const changes = changesOf(flags);
    return await shared.onAccounts(context, async ({ catalog }) => {
      const limits = Object.keys(changes).length === 0
        ? await limitsOf(catalog, name)
        : await changeLimits(catalog, name, changes);
      const shown = limitsInfo(limits);
      return { text: limitsText(shown), data: { username: name, limits: shown } };
    });
  },
});

/** New limits by the members that the flags mean. */
function changesOf(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).map(([flag, value]) => [LIMIT_MEMBERS[flag as LimitName], value]),
  );
}

const networkLimit = adminCommand("limit", {
  flags: allOrDefault(NETWORK_LIMIT_KINDS),
  audited: ([subject = ""], flags) =>
    Object.keys(flags).length === 0
      ? undefined
      : { action: "limits", subject, value: Object.keys(flags).join() },
  async run(context, [text = ""], flags) {
    const network = parseNetworkOrAny(text) ?? operandNetwork(text, ", or any");
    const changes = changesOf(flags);
    return await shared.onAccounts(context, async ({ catalog }) => {
      const limits = Object.keys(changes).length === 0
        ? await networkLimitsOf(catalog, network)
        : await changeNetworkLimits(catalog, network, changes);
      const data = networkInfo({ ...network, limits });
      return { text: networkLimitsText(data.limits), data };
    });
  },
});

const networkLimits = adminCommand("limits", {
  flags: {},
  async run(context) {
    const found = await shared.withCatalog(
      context,
      (catalog) => Array.fromAsync(limitedNetworks(catalog)),
    );
    const networks = found.map(networkInfo);
    const lines = networks.length === 0
      ? ["No network has limits"]
      : networkLines(networks, context.terminal.columns);
    return { text: linesText(lines), data: { networks } };
  },
});

/** An address or network that is an operand. @param more further forms, for the error */
function operandNetwork(text: string, more = ""): Network {
  try {
    return kinds.network.read(text);
  } catch (error) {
    throw usageError(
      `The address is ${JSON.stringify(text)} but must be ${messageOf(error)}${more}`,
    );
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
    const until = expiresMs === null
      ? " until it is lifted"
      : ` until ${formatTime(expiresMs)} UTC`;
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
    const lines = shown.length === 0
      ? ["Nothing is banned"]
      : banLines(shown, context.terminal.columns);
    return { text: linesText(lines), data: { bans: shown } };
  },
});

/** The commands on limits and bans. */
export const LIMIT_COMMANDS = [limit, networkLimit, networkLimits, ban, unban, bans];
