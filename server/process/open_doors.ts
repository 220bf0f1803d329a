/** Opens the doors of a worker. */
import type { AllLimits } from "../admission/door_limits.ts";
import type { Door, DoorOptions } from "../door/door.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { doorOf, type DoorPlace, listenError } from "./doors.ts";
import type { Openers } from "./openers/opener.ts";

/**
 * Opens doors at their places.
 *
 * @param openers of these doors
 * @throws {ExitError} one sentence that says why a door cannot listen; none is left open then
 */
export async function openDoors(
  places: readonly DoorPlace[],
  options: Omit<DoorOptions, "host" | "port" | "limits"> & { limits: AllLimits },
  server: ServerOptions,
  openers: Openers,
): Promise<Door[]> {
  const doors: Door[] = [];
  try {
    for (const place of places) {
      const open = openers[place.name]!;
      const { host, port } = place;
      const limits = options.limits.at(doorOf(place.name));
      doors.push(await open({ ...options, limits, host, port }, server));
    }
    return doors;
  } catch (error) {
    await Promise.all(doors.map((door) => door.close(0)));
    throw listenError(error, places[doors.length]!);
  }
}
