/** The doors there are, and which options open them. */
import { reasonOf } from "../../common/os_reason.ts";
import type { AllLimits } from "../admission/door_limits.ts";
import type { DoorName } from "../../storage/contract/principal.ts";
import type { Door, DoorOptions, ListenerName } from "../door/door.ts";
import type { FtpSettings } from "../ftp/door.ts";
import { failure, usageError } from "../options/error.ts";
import type { ServerOptions } from "../options/definitions.ts";

interface DoorKind {
  name: ListenerName;
  door: DoorName;
  /** The option whose port opens it. */
  option: "port" | "ftp-port" | "ftps-port" | "web-port";
  open(options: DoorOptions, server: ServerOptions): Promise<Door>;
}

/**
 * Each is loaded where it is wanted: the main thread, which opens none, and workers without it start
 * quicker, in less memory.
 */
const KINDS: readonly DoorKind[] = [
  {
    name: "native",
    door: "native",
    option: "port",
    open: async (options) => (await import("../native/door.ts")).openNativeDoor(options),
  },
  {
    name: "ftp",
    door: "ftp",
    option: "ftp-port",
    open: async (options, server) =>
      (await import("../ftp/door.ts")).openFtpDoor(options, ftpSettings(server, false)),
  },
  {
    name: "ftps",
    door: "ftp",
    option: "ftps-port",
    open: async (options, server) =>
      (await import("../ftp/door.ts")).openFtpDoor(options, ftpSettings(server, true)),
  },
  {
    name: "web",
    door: "web",
    option: "web-port",
    open: async (options, server) =>
      (await import("../web/door.ts")).openWebDoor(options, {
        corsOrigins: server["cors-origin"],
        isPlain: server["web-plain"],
        basePath: server["web-base-path"],
      }),
  },
];

function ftpSettings(server: ServerOptions, implicitTls: boolean): FtpSettings {
  return {
    implicitTls,
    allowPlain: server["ftp-allow-plain"],
    overwrite: server["ftp-overwrite"],
    removal: server["ftp-rmd"],
    makeDirectories: server["ftp-make-dirs"],
    compression: server["ftp-mode-z"],
    passivePorts: server["ftp-passive-ports"],
    publicAddress: server["ftp-public-address"],
  };
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
 * Opens doors at their places.
 *
 * @throws {ExitError} one sentence that says why a door cannot listen; none is left open then
 */
export async function openDoors(
  places: readonly DoorPlace[],
  options: Omit<DoorOptions, "host" | "port" | "limits"> & { limits: AllLimits },
  server: ServerOptions,
): Promise<Door[]> {
  const doors: Door[] = [];
  try {
    for (const place of places) {
      const kind = KINDS.find(({ name }) => name === place.name)!;
      const { host, port } = place;
      const limits = options.limits.at(kind.door);
      doors.push(await kind.open({ ...options, limits, host, port }, server));
    }
    return doors;
  } catch (error) {
    await Promise.all(doors.map((door) => door.close(0)));
    throw listenError(error, places[doors.length]!);
  }
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

function listenError(error: unknown, { host, port }: DoorPlace): Error {
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
