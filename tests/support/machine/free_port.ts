import { freePorts } from "../../../demo/cluster/ports.ts";

/**
 * A TCP port of 127.0.0.1 that was free just now, for programs that take no port 0. It is none that an
 * outgoing connection of another test gets meanwhile.
 */
export function freePort(): number {
  return freePorts(1);
}
