/** Networks in CIDR notation, and addresses, which are networks of one. */
import { isIP, isIPv4, isIPv6 } from "node:net";

/** A network. */
export interface NetworkAddress {
  readonly address: string;
  readonly prefixLength: number;
}

/** The network of every address, of both families. */
export const ANY_NETWORK: NetworkAddress = { address: "any", prefixLength: 0 };

/** Reads a network, an address, or `any`; undefined where the text is none of them. */
export function parseNetworkOrAny(text: string): NetworkAddress | undefined {
  return text === "any" ? ANY_NETWORK : parseNetwork(text);
}

/**
 * Reads a network or an address.
 *
 * @returns in its {@linkcode canonicalNetwork one form}; undefined where the text is neither
 */
export function parseNetwork(text: string): NetworkAddress | undefined {
  const [address = "", length, more] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const prefixLength = length === undefined
    ? most
    : /^[0-9]{1,3}$/.test(length)
    ? Number(length)
    : most + 1;
  if (most < 0 || prefixLength > most || more !== undefined) return undefined;
  return canonicalNetwork({ address, prefixLength });
}

/**
 * The one form of a network, so that each text of it names the same ban or limit: without a zone,
 * with zeros behind the prefix, IPv6 in its shortest text, and IPv4 in IPv6 form as IPv4.
 */
export function canonicalNetwork({ address, prefixLength }: NetworkAddress): NetworkAddress {
  const plain = address.replace(/%.*$/s, "");
  if (isIPv4(plain)) {
    const bytes = masked(plain.split(".").map(Number), 8, prefixLength);
    return { address: bytes.join("."), prefixLength };
  }
  if (!isIPv6(plain)) return { address, prefixLength };
  const groups = groupsOf(plain);
  const isIPv4InIt = groups.slice(0, 6).join() === "0,0,0,0,0,65535";
  if (isIPv4InIt && prefixLength >= 96) {
    const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return canonicalNetwork({ address: bytes.join("."), prefixLength: prefixLength - 96 });
  }
  const text = masked(groups, 16, prefixLength).map((group) => group.toString(16)).join(":");
  return { address: shortest(text), prefixLength };
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = shortest(address).split("::");
  const [before, behind] = [head, tail ?? ""].map((text) => text === "" ? [] : text.split(":"));
  const zeros = tail === undefined ? 0 : 8 - before!.length - behind!.length;
  return [...before!, ...Array<string>(zeros).fill("0"), ...behind!]
    .map((group) => parseInt(group, 16));
}

/** The text of an IPv6 address as RFC 5952 has it, with an IPv4 end as groups. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** Parts of so many bits each, with zeros behind the prefix. */
function masked(parts: readonly number[], bits: number, prefixLength: number): number[] {
  return parts.map((part, index) => {
    const lost = Math.min(bits, Math.max(0, (index + 1) * bits - prefixLength));
    return part >> lost << lost;
  });
}

/** A network as it is written: a prefix of full length is left out. */
export function networkText({ address, prefixLength }: NetworkAddress): string {
  if (address === ANY_NETWORK.address) return address;
  const full = prefixLength === (isIPv4(address) ? 32 : 128);
  return full ? address : `${address}/${prefixLength}`;
}

/** Description of a valid text, for the sentence of an error. */
export const NETWORK_FORM = "a network such as 192.168.0.0/16 or 2001:db8::/32, or an address";
