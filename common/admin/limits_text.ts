/** The limits of an account in words, for tables and lines of administrators. */
import { formatSize } from "../size.ts";

/** An account's own limits; what it lacks is the server's. */
export interface LimitsInfo {
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
  /** Where it may log in from, and where not; networks in CIDR notation. */
  allow_ip?: string[];
  deny_ip?: string[];
}

/** The limits as lines, one for each. */
export function limitsText(limits: LimitsInfo): string {
  const { rate, rate_up, rate_down, connections, requests, allow_ip, deny_ip } = limits;
  const rateText = (bytes: number | null | undefined) =>
    bytes === undefined ? "default" : bytes === null ? "none" : `${formatSize(bytes)} per second`;
  const list = (networks: readonly string[] | undefined) => networks?.join(", ") ?? "default";
  return `Rate             ${rateText(rate)}\n` +
    `  up             ${rateText(rate_up)}\n` +
    `  down           ${rateText(rate_down)}\n` +
    `Connections      ${connections ?? "none"}\n` +
    `Requests         ${requests == null ? "none" : `${requests} per minute`}\n` +
    `Logs in from     ${list(allow_ip)}\n` +
    `  and not from   ${list(deny_ip)}\n`;
}

/** The limits of an account's own in a few words, for a table. */
export function limitsInShort(limits: LimitsInfo): string {
  const { rate, rate_up, rate_down, connections, requests, allow_ip, deny_ip } = limits;
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
  if (allow_ip !== undefined || deny_ip !== undefined) said.push("networks");
  return said.length === 0 ? "none" : said.join(", ");
}
