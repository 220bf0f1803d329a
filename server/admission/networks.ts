/** Sets of networks in which addresses are looked up. */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { canonicalNetwork } from "../../common/network.ts";
import type { Network } from "../../storage/contract/books/policy_book.ts";
import { plainAddress } from "../auth/origin.ts";

/** Whether an address is in one of some networks. */
export type Includes = (address: string) => boolean;

/** Prepares the look-up; IPv4 addresses in IPv6 form and scoped addresses are found too. */
export function networkSet(networks: readonly Network[]): Includes {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) {
    const { address, prefixLength } = canonicalNetwork(network);
    list.addSubnet(address, prefixLength, isIPv4(address) ? "ipv4" : "ipv6");
  }
  return (address) => {
    const plain = plainAddress(address).replace(/%.*$/s, "");
    return list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  };
}

/** Whether listening at an address is listening at all of them. */
export function isEveryAddress(host: string): boolean {
  return host === "0.0.0.0" || /^[0:]+$/.test(host);
}
