/** Limits and bans: `user limit`, `ban`, `unban`, `bans`. */
import { type LimitsInfo, limitsText } from "../../../common/admin/limits_text.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { showTime } from "../terminal/show_time.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import { networkOf } from "./options.ts";
import { banLines } from "../../../common/admin/tables.ts";

const LIMITS = [
  ...["rate", "rate-up", "rate-down", "connections", "requests", "allow-ip", "deny-ip"],
] as const;

/** `user limit NAME` */
export const userLimit: AdminAction = async ({ values, output }, client, [username = ""]) => {
  const changes = LIMITS.filter((name) => values.given(name))
    .map((name) => [name.replaceAll("-", "_"), values.get(name)]);
  const action = changes.length === 0 ? "Cannot show" : "Cannot change";
  const reply = await client.request(
    "LIMITS",
    { username, ...Object.fromEntries(changes) },
    `${action} the limits of ${quoted(username)}`,
  );
  const limits = (reply.limits ?? {}) as LimitsInfo;
  output.event("done", { username, limits });
  for (const line of limitsText(limits).trimEnd().split("\n")) output.result(printable(line));
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
  const until = made.expires === null ? "" : ` until ${showTime(made.expires)} UTC`;
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
  else for (const line of banLines(found)) output.result(line);
};
