/** The doors there are, and which options ask for them. */
import { reasonOf } from "../../common/os_reason.ts";
import type { DoorName } from "../../storage/contract/principal.ts";
import type { ListenerName } from "../door/door.ts";
import { failure, usageError } from "../options/error.ts";
import type { ServerOptions } from "../options/definitions.ts";

interface Kind {
  name: ListenerName;
  door: DoorName;
  /** The option whose port opens it. */
  option: "port" | "ftp-port" | "ftps-port" | "web-port";
}

const KINDS: readonly Kind[] = [
  { name: "native", door: "native", option: "port" },
  { name: "ftp", door: "ftp", option: "ftp-port" },
  { name: "ftps", door: "ftp", option: "ftps-port" },
  { name: "web", door: "web", option: "web-port" },
];

/** The door that a listener belongs to. */
export function doorOf(listener: ListenerName): DoorName {
  return KINDS.find(({ name }) => name === listener)!.door;
}

/** Address on which a door listens, or is to listen. */
export interface DoorPlace {
  name: ListenerName;
  host: string;
  port: number;
}

/** An address as it is written before a port. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * The doors that the options ask for.
 *
 * @throws {ExitError} where two are to listen on one port: workers share ports, so that the
 * operating system would hand each connection to either
 */
export function wantedDoors(options: ServerOptions): DoorPlace[] {
  const optionsOfPorts = new Map<number, string>();
  return KINDS.flatMap(({ name, option }) => {
    const port = options[option];
    if (port === null) return [];
    const other = optionsOfPorts.get(port);
    if (other !== undefined && port !== 0) {
      throw usageError(`--${other} and --${option} are both ${port}: choose another for one`);
    }
    optionsOfPorts.set(port, option);
    return [{ name, host: options.host, port }];
  });
}

/**
 * Checks that no program listens at these places. Listeners that share a port among workers would
 * share it with another server as well, without a word.
 *
 * @throws {ExitError} where one does
 */
export function assertFree(places: readonly DoorPlace[]): void {
  for (const place of places) {
    try {
      Deno.listen({ hostname: place.host, port: place.port }).close();
    } catch (error) {
      throw listenError(error, place);
    }
  }
}

/** One sentence that says why a door cannot listen. */
export function listenError(error: unknown, { host, port }: DoorPlace): Error {
  const shown = bracketed(host);
  if (error instanceof Deno.errors.AddrInUse) {
    return failure(`Port ${port} on ${shown} is in use: stop what uses it, or choose another`);
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return failure(`${shown} is not an address of this machine`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return failure(`This user may not listen on port ${port}`);
  }
  return failure(`Cannot listen on ${shown}, port ${port}: ${reasonOf(error, null)}`, error);
}
