/** Networks in CIDR notation, and addresses, which are networks of one. */
import { isIP, isIPv4 } from "node:net";

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

/** Reads a network or an address; undefined where the text is neither. */
export function parseNetwork(text: string): NetworkAddress | undefined {
  const [address = "", length, more] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const prefixLength = length === undefined
    ? most
    : /^[0-9]{1,3}$/.test(length)
    ? Number(length)
    : most + 1;
  if (most < 0 || prefixLength > most || more !== undefined) return undefined;
  return { address, prefixLength };
}

/** A network as it is written: a prefix of full length is left out. */
export function networkText({ address, prefixLength }: NetworkAddress): string {
  if (address === ANY_NETWORK.address) return address;
  const full = prefixLength === (isIPv4(address) ? 32 : 128);
  return full ? address : `${address}/${prefixLength}`;
}

/** Description of a valid text, for the sentence of an error. */
export const NETWORK_FORM = "a network such as 192.168.0.0/16 or 2001:db8::/32, or an address";
