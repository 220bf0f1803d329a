/** The limits of an account in words, for tables and lines of administrators. */
import { doorsText } from "../entrances.ts";
import { formatSize } from "../size.ts";

/** Limits of a network's addresses; what they lack is the server's, or a wider network's. */
export interface NetworkLimitsInfo {
  /** Bytes per second in both directions together; null: no limit. */
  rate?: number | null;
  /** Bytes per second to the server. */
  rate_up?: number | null;
  /** Bytes per second from the server. */
  rate_down?: number | null;
  /** Connections at once. */
  connections?: number | null;
  /** Requests per minute. */
  requests?: number | null;
  /** Where it may come in. */
  doors?: string[];
}

/** An account's own limits; what it lacks is the server's. */
export interface LimitsInfo extends NetworkLimitsInfo {
  /** Where it may log in from, and where not; networks in CIDR notation. */
  allow_ip?: string[];
  deny_ip?: string[];
}

/** The limits of an account as lines, one for each. */
export function limitsText(limits: LimitsInfo): string {
  const list = (networks: readonly string[] | undefined) => networks?.join(", ") ?? "default";
  return networkLimitsText(limits, "none") +
    `Logs in from     ${list(limits.allow_ip)}\n` +
    `  and not from   ${list(limits.deny_ip)}\n`;
}

/**
 * The limits of a network's addresses as lines, one for each.
 *
 * @param unset what is shown for counts that have no own value
 */
export function networkLimitsText(limits: NetworkLimitsInfo, unset = "default"): string {
  const { rate, rate_up, rate_down, connections, requests, doors } = limits;
  const rateText = (bytes: number | null | undefined) =>
    bytes === undefined ? "default" : bytes === null ? "none" : `${formatSize(bytes)} per second`;
  const counted = (count: number | null | undefined) =>
    count === undefined ? unset : count ?? "none";
  return `Rate             ${rateText(rate)}\n` +
    `  up             ${rateText(rate_up)}\n` +
    `  down           ${rateText(rate_down)}\n` +
    `Connections      ${counted(connections)}\n` +
    `Requests         ${counted(requests)}${typeof requests === "number" ? " per minute" : ""}\n` +
    `Doors            ${doors === undefined ? "default" : doorsText(doors)}\n`;
}

/** The limits of an account's own in a few words, for a table. */
export function limitsInShort(limits: LimitsInfo): string {
  const { rate, rate_up, rate_down, connections, requests, doors, allow_ip, deny_ip } = limits;
  const said: string[] = [];
  const speed = (name: string, bytes: number | null | undefined) => {
    if (bytes !== undefined) {
      said.push(`${name} ${bytes === null ? "any" : `${formatSize(bytes)}/s`}`);
    }
  };
  speed("rate", rate);
  speed("up", rate_up);
  speed("down", rate_down);
  if (connections != null) said.push(`${connections} connections`);
  if (requests != null) said.push(`${requests} requests/min`);
  if (doors !== undefined) said.push(`doors ${doorsText(doors)}`);
  if (allow_ip !== undefined || deny_ip !== undefined) said.push("only from some networks");
  return said.length === 0 ? "none" : said.join(", ");
}
