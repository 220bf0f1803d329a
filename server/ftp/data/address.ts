/** Addresses as FTP writes them: `PASV`, `PORT` (RFC 959), `EPSV`, `EPRT` (RFC 2428). */
import { isIPv4, isIPv6 } from "node:net";
import { plainAddress } from "../../auth/origin.ts";

/** Where an active data connection goes. */
export interface HostPort {
  host: string;
  port: number;
}

/** `h1,h2,h3,h4,p1,p2` of an IPv4 address and a port. */
export function formatHostPort(host: string, port: number): string {
  return [...host.split("."), port >> 8, port & 255].join(",");
}

/** Reads `h1,h2,h3,h4,p1,p2`; undefined where it is none. */
export function parseHostPort(text: string): HostPort | undefined {
  const numbers = text.trim().split(",").map((part) => /^[0-9]{1,3}$/.test(part) ? +part : 256);
  if (numbers.length !== 6 || numbers.some((number) => number > 255)) return undefined;
  return { host: numbers.slice(0, 4).join("."), port: numbers[4]! * 256 + numbers[5]! };
}

/**
 * Reads `|1|192.0.2.1|1234|` or `|2|2001:db8::1|1234|`, with any delimiter.
 *
 * @returns undefined where it is none, "protocol" for another network protocol
 */
export function parseExtended(text: string): HostPort | "protocol" | undefined {
  const [before, protocol, host, port, after, ...more] = text.trim().split(text.trim()[0] ?? "|");
  if (before !== "" || after !== "" || more.length > 0) return undefined;
  if (protocol !== "1" && protocol !== "2") {
    return /^[0-9]+$/.test(protocol ?? "") ? "protocol" : undefined;
  }
  const fits = protocol === "1" ? isIPv4(host ?? "") : isIPv6(host ?? "");
  if (!fits || !/^[0-9]{1,5}$/.test(port ?? "") || Number(port) > 65_535) return undefined;
  return { host: host!, port: Number(port) };
}

/** Whether two texts name one address. */
export function sameAddress(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

function canonical(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  try {
    return new URL(`http://[${plain.replace(/%.*$/s, "")}]`).hostname;
  } catch {
    return plain;
  }
}
