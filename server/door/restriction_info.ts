/** Limits and bans as doors and `admin` show and read them, with networks as text. */
import type { Entrance } from "../../common/entrances.ts";
import type {
  AccountLimits,
  Ban,
  LimitedNetwork,
  Network,
} from "../../storage/contract/books/policy_book.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { LimitChanges } from "../../storage/people/restrictions.ts";
import type { LimitsInfo } from "../../common/admin/limits_text.ts";
import {
  NETWORK_FORM,
  networkText,
  parseNetwork,
  parseNetworkOrAny,
} from "../../common/network.ts";

/** New values, as requests give them. */
export interface LimitsRequest {
  rate?: LimitValue | undefined;
  rate_up?: LimitValue | undefined;
  rate_down?: LimitValue | undefined;
  connections?: LimitValue | undefined;
  requests?: LimitValue | undefined;
  doors?: readonly Entrance[] | "default" | undefined;
  allow_ip?: readonly string[] | "default" | undefined;
  deny_ip?: readonly string[] | "default" | undefined;
}
type LimitValue = number | "none" | "default";

/** The member of the limits that each name means. */
const MEMBERS = {
  rate: "rate",
  rate_up: "rateUp",
  rate_down: "rateDown",
  connections: "connections",
  requests: "requests",
  doors: "doors",
  allow_ip: "allowed",
  deny_ip: "denied",
} as const satisfies Record<keyof LimitsInfo, keyof AccountLimits>;

/** Limits as they are shown. */
export function limitsInfo(limits: AccountLimits): LimitsInfo {
  const shown: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(MEMBERS)) {
    const value = limits[member];
    if (value !== undefined) {
      shown[name] = name.endsWith("_ip") ? (value as Network[]).map(networkText) : value;
    }
  }
  return shown;
}

/** The limits of a network's addresses as they are shown. */
export function networkInfo(network: LimitedNetwork) {
  return { network: networkText(network), limits: limitsInfo(network.limits) };
}

/** New limits as the storage takes them. @throws {StoreError} `bad-request` for a bad network */
export function limitChanges(request: LimitsRequest): LimitChanges {
  const changes: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(MEMBERS)) {
    const value = request[name as keyof LimitsRequest];
    if (value === undefined) continue;
    if (name === "doors") changes[member] = value;
    else if (typeof value === "object") changes[member] = value.map(readNetwork);
    else changes[member] = value === "none" ? null : value;
  }
  return changes;
}

/** A ban as it is shown. */
export function banInfo(ban: Ban) {
  return {
    network: networkText(ban),
    reason: ban.reason,
    created: ban.createdMs,
    expires: ban.expiresMs,
  };
}

/** Reads an address or network. @throws {StoreError} `bad-request` */
export function readNetwork(text: string): Network {
  const network = parseNetwork(text.trim());
  if (network !== undefined) return network;
  throw new StoreError(
    "bad-request",
    `${JSON.stringify(text.slice(0, 64))} must be ${NETWORK_FORM}`,
  );
}

/** Reads an address, a network, or `any`. @throws {StoreError} `bad-request` */
export function readNetworkOrAny(text: string): Network {
  return parseNetworkOrAny(text.trim()) ?? readNetwork(text);
}
