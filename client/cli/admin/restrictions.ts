/** Limits and bans: `user limit`, `limit`, `limits`, `ban`, `unban`, `bans`. */
import { outputColumns } from "../../../common/output_columns.ts";
import {
  type LimitsInfo,
  limitsText,
  type NetworkLimitsInfo,
  networkLimitsText,
} from "../../../common/admin/limits_text.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { showTime } from "../terminal/show_time.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import { networkOf } from "./options.ts";
import { banLines, networkLines } from "../../../common/admin/tables.ts";

const LIMITS = [
  ...["rate", "rate-up", "rate-down", "connections", "requests", "doors"],
  ...["allow-ip", "deny-ip"],
] as const;

/** The limits that were given, by the names of the protocol. */
function changesOf({ values }: Parameters<AdminAction>[0]): Record<string, unknown> {
  return Object.fromEntries(
    LIMITS.filter((name) => values.given(name))
      .map((name) => [name.replaceAll("-", "_"), values.get(name)]),
  );
}

/** `user limit NAME` */
export const userLimit: AdminAction = async (context, client, [username = ""]) => {
  const { output } = context;
  const changes = changesOf(context);
  const action = Object.keys(changes).length === 0 ? "Cannot show" : "Cannot change";
  const reply = await client.request(
    "LIMITS",
    { username, ...changes },
    `${action} the limits of ${quoted(username)}`,
  );
  const limits = (reply.limits ?? {}) as LimitsInfo;
  output.event("done", { username, limits });
  for (const line of limitsText(limits).trimEnd().split("\n")) output.result(printable(line));
};

/** `limit CIDR` */
export const networkLimit: AdminAction = async (context, client, [text = ""]) => {
  const { output } = context;
  const network = text === "any" ? text : networkOf(text, "CIDR");
  const changes = changesOf(context);
  const action = Object.keys(changes).length === 0 ? "Cannot show" : "Cannot change";
  const reply = await client.request(
    "NETLIMIT",
    { network, ...changes },
    `${action} the limits of ${quoted(network)}`,
  );
  const limits = (reply.limits ?? {}) as NetworkLimitsInfo;
  output.event("done", { network, limits });
  for (const line of networkLimitsText(limits).trimEnd().split("\n")) {
    output.result(printable(line));
  }
};

/** `limits` */
export const networkLimits: AdminAction = async ({ output }, client) => {
  const data = await client.request("NETLIMITS", {}, "Cannot list the limits of networks");
  const found = (Array.isArray(data.networks) ? data.networks : []) as Record<string, unknown>[];
  output.event("done", { networks: found });
  if (found.length === 0) output.note("No network has limits.");
  else for (const line of networkLines(found, outputColumns())) output.result(line);
};

/** `ban CIDR` */
export const ban: AdminAction = async (context, client, [text = ""]) => {
  const { values } = context;
  const network = networkOf(text, "CIDR");
  const made = await client.request(
    "BAN",
    { network, for_ms: values.number("for"), reason: values.text("reason") },
    `Cannot ban ${quoted(network)}`,
  );
  const until = made.expires === null
    ? " until it is lifted"
    : ` until ${showTime(made.expires)} UTC`;
  done(context, made, `${made.network} is banned${until}`);
};

/** `unban CIDR` */
export const unban: AdminAction = async (context, client, [text = ""]) => {
  const network = networkOf(text, "CIDR");
  const lifted = await client.request("UNBAN", { network }, `Cannot lift the ban of ${network}`);
  done(context, lifted, `${lifted.network} is no longer banned`);
};

/** `bans` */
export const bans: AdminAction = async ({ output }, client) => {
  const data = await client.request("BANS", {}, "Cannot list the bans");
  const found = (Array.isArray(data.bans) ? data.bans : []) as Record<string, unknown>[];
  output.event("done", { bans: found });
  if (found.length === 0) output.note("Nothing is banned.");
  else for (const line of banLines(found, outputColumns())) output.result(line);
};
