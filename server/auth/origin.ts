/** Origin of a login. */
import { isIPv4, isIPv6 } from "node:net";
import type { Entrance } from "../../common/entrances.ts";
import type { AuditActor } from "../../storage/monitor/audit.ts";
import type { DoorName } from "../../storage/contract/principal.ts";

/** Address and door of a login. */
export interface Origin {
  /** The peer's address, without its port. */
  readonly address: string;
  readonly door: DoorName;
  /** The part of the web door that it uses. @default the door itself */
  readonly entrance?: Entrance;
  readonly sessionId: string;
}

/** A stranger as the audit log names him; `name` where an account could have it. */
export function strangerAt({ address, door, sessionId }: Origin, name: string | null): AuditActor {
  return { account: name, door, address, session: sessionId };
}

/** An IPv4 address as such, where a socket for both families shows it as `::ffff:1.2.3.4`. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : address;
}

/**
 * Network under which failures of an address are counted: an IPv4 address itself, the /64 network
 * of an IPv6 address, since one machine can use all addresses of it.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address.replace(/%.*$/s, "").toLowerCase());
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  // A dotted end counts as two groups.
  const count = groups.length + behind.length + (plain.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? [] : Array<string>(8 - count).fill("0");
  const network = [...groups, ...zeros, ...behind].slice(0, 4);
  return `${network.map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}
