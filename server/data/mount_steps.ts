/** Steps with mounts that threads take for the main thread, which loads no engine. */
import { isStoreError } from "../../storage/contract/error.ts";
import { isWritable } from "../../storage/contract/mount.ts";
import { mountsOf } from "../../storage/people/mounts.ts";
import type { MountAnswer, MountChange, MountedPlace } from "./mount_change.ts";
import { type OpenPlace, withPlace } from "./open_place.ts";

/** Lists the mounted directories by name; nodes have none. @throws {ExitError} */
export async function mountedPlaces(place: OpenPlace): Promise<MountedPlace[]> {
  if (place.cluster !== undefined) return [];
  const all = async () =>
    await withPlace(place, async ({ catalog }) => await catalog.mounts?.all() ?? [], {
      check: false,
    });
  return (await all()).map((mount) => ({
    name: mount.name,
    directory: mount.directory,
    isWritable: isWritable(mount),
  }));
}

/** Makes or ends a mount; needs permission for its directory. @throws {ExitError} */
export async function changeMounts(place: OpenPlace, change: MountChange): Promise<MountAnswer> {
  try {
    return await withPlace(place, async (engine) => {
      const mounts = mountsOf(engine);
      if ("add" in change) return { made: await mounts.add(change.add) };
      await mounts.remove(change.remove);
      return { done: true } as const;
    }, { check: false });
  } catch (error) {
    if (isStoreError(error)) return { kind: error.kind, message: error.message };
    throw error;
  }
}
