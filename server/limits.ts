/** Who may connect, and how many at once, over all doors and workers. */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { plainAddress } from "./auth/origin.ts";
import type { Admission, DoorLimits } from "./door.ts";
import type { ServerOptions } from "./options/definitions.ts";

/**
 * Memory in which the workers of a server count its connections, each in its own place: what a
 * worker that failed had open is forgotten with its place.
 */
export function connectionCounter(workers = 1): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT);
}

/** Memory in which all workers of a server note what their uploads have still to write. */
export function expectedBytes(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * BigInt64Array.BYTES_PER_ELEMENT);
}

type Networks = ServerOptions["allow-ip"];

function blockList(networks: Networks): BlockList {
  const list = new BlockList();
  for (const { address, prefixLength } of networks) {
    list.addSubnet(address, prefixLength, isIPv4(address) ? "ipv4" : "ipv6");
  }
  return list;
}

/**
 * The limits that the options set, counted in memory that all workers share.
 *
 * @param worker the index of this one
 */
export function doorLimits(
  options: ServerOptions,
  counter: SharedArrayBuffer,
  worker = 0,
): DoorLimits {
  const counts = new Int32Array(counter);
  const allowed = blockList(options["allow-ip"]);
  const denied = blockList(options["deny-ip"]);
  const everyone = options["allow-ip"].length === 0;
  const most = options["max-connections"];

  const mayConnect = (address: string): boolean => {
    const plain = plainAddress(address).replace(/%.*$/s, "");
    const family = isIPv6(plain) ? "ipv6" : "ipv4";
    if (denied.check(plain, family)) return false;
    return everyone || allowed.check(plain, family);
  };

  return {
    idleTimeoutMs: options["idle-timeout"],
    bytesPerSecond: options["limit-rate"],
    admit(address): Admission {
      if (!mayConnect(address)) return { admitted: false, reason: "address" };
      // Counted first and given back: two workers at the last place must not both take it.
      Atomics.add(counts, worker, 1);
      if (total(counts) > most) {
        Atomics.sub(counts, worker, 1);
        return { admitted: false, reason: "full" };
      }
      let held = true;
      return {
        admitted: true,
        release() {
          if (held) Atomics.sub(counts, worker, 1);
          held = false;
        },
      };
    },
  };
}

function total(counts: Int32Array): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) sum += Atomics.load(counts, at);
  return sum;
}
