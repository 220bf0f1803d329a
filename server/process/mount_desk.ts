/** Has mounts made and ended for workers, which may use no other directory, and has them follow. */
import { getLogger } from "@logtape/logtape";
import type { MountAnswer, MountChange, MountedPlace } from "../data/mount_change.ts";
import { messageOf } from "../options/error.ts";
import { type ThreadSettings, WorkerThread } from "./worker_thread.ts";
import type { Workers } from "./workers.ts";

const log = getLogger(["towpath", "mounts"]);

/** Permissions of a thread that makes a mount: it reads a directory that no worker may read yet. */
const ALL_FILES: Deno.PermissionOptionsObject = { read: true, write: true, net: false };

/** Follows the mounts of the catalog, and changes them. */
export class MountDesk {
  #following: Promise<void>;

  /** @param places the mounts that the catalog has now: the workers that start next follow them */
  constructor(
    private readonly place: ThreadSettings,
    private readonly workers: Workers,
    places: readonly MountedPlace[],
  ) {
    workers.onMount = (change) => this.#change(change);
    this.#following = workers.setMounts(this.#served(places));
  }

  /** Has the workers follow the mounts that the catalog has now; one call after the other. */
  follow(): Promise<void> {
    const following = this.#following.then(async () => {
      using thread = new WorkerThread(this.place, -1);
      await this.workers.setMounts(this.#served(await thread.take("mountedPlaces")));
    });
    this.#following = following.catch(() => {});
    return following;
  }

  /** Carries out what an administrator asks a worker for; the workers follow soon after. */
  async #change(change: MountChange): Promise<MountAnswer> {
    try {
      if ("add" in change) {
        const { directory } = change.add;
        if (!directory.startsWith("/") || !isBelow(this.#roots, directory)) {
          return outside(directory);
        }
      }
      using thread = new WorkerThread(this.place, -1, ALL_FILES);
      const answer = await thread.take("changeMounts", undefined, change);
      if (!("kind" in answer)) this.follow().catch(noteFailure);
      return answer;
    } catch (error) {
      noteFailure(error);
      return { kind: "io", message: "The mounts could not be changed: see the server's log" };
    }
  }

  get #roots(): readonly string[] {
    return this.place.options["mount-root"];
  }

  /**
   * Those mounts that workers may get permission for: where the operator names directories, nothing
   * that a worker writes into the catalog leads out of these.
   */
  #served(places: readonly MountedPlace[]): readonly MountedPlace[] {
    if (this.#roots.length === 0) return places;
    return places.filter(({ name, directory }) => {
      const isServed = isBelow(this.#roots, directory);
      const message = "The mount {name} is not served: {directory} is below no --mount-root";
      if (!isServed) log.warn(message, { name, directory });
      return isServed;
    });
  }
}

function noteFailure(error: unknown): void {
  log.error("The mounts could not be changed or followed: {reason}", { reason: messageOf(error) });
}

function outside(directory: string): MountAnswer {
  const message = `"${directory}" is below no directory that --mount-root names: mount it with ` +
    "admin at the server, or have its operator name one";
  return { kind: "denied", message };
}

/** Whether a directory, links resolved, lies in one of some others, or is one of them. */
function isBelow(roots: readonly string[], directory: string): boolean {
  const place = resolved(directory);
  return roots.map(resolved).some((root) =>
    place === root || place.startsWith(root === "/" ? root : `${root}/`)
  );
}

/** A mount's directory is kept with links resolved: one that is away is judged by its name. */
function resolved(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
