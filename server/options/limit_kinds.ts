/** How limits of accounts and addresses are written: in the options of `admin`, in the limits file. */
import { DOORS_FORM, type Entrance, parseDoors } from "../../common/entrances.ts";
import type { NetworkAddress } from "../../common/network.ts";
import * as kinds from "./kinds.ts";
import type { Kind } from "./kinds.ts";

/** Networks, separated by commas. */
const networks: Kind<NetworkAddress[]> = {
  placeholder: "CIDR,…",
  read: (text) => text.split(",").map((part) => kinds.network.read(part.trim())),
};

/** Doors, separated by commas. */
const doors: Kind<Entrance[]> = {
  placeholder: "DOOR,…",
  read(text) {
    const read = parseDoors(text);
    if (read === undefined) throw new TypeError(DOORS_FORM);
    return read;
  },
};

const rate = kinds.orNone(kinds.rate);
const count = kinds.orNone(kinds.integer("N", 1, 1_000_000));

/** Limits of each address of a network. */
export const NETWORK_LIMIT_KINDS = {
  "rate": rate,
  "rate-up": rate,
  "rate-down": rate,
  "connections": count,
  "requests": count,
  "doors": doors,
};

/** Limits of an account. */
export const LIMIT_KINDS = {
  ...NETWORK_LIMIT_KINDS,
  "allow-ip": networks,
  "deny-ip": networks,
};

/** Name of a limit. */
export type LimitName = keyof typeof LIMIT_KINDS;

/** The member of the limits that each name means. */
export const LIMIT_MEMBERS = {
  "rate": "rate",
  "rate-up": "rateUp",
  "rate-down": "rateDown",
  "connections": "connections",
  "requests": "requests",
  "doors": "doors",
  "allow-ip": "allowed",
  "deny-ip": "denied",
} as const satisfies Record<LimitName, string>;
