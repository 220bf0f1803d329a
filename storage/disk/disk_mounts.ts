import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { clock } from "../contract/clock.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import {
  checkedMountLetters,
  checkedMountName,
  MOUNT_INTERNAL,
  mountOwner,
  type MountRecord,
  type Mounts,
  type NewMount,
} from "../contract/mount.ts";
import { groupOf } from "../contract/books/group_book.ts";
import { EVERYBODY, guestsOf } from "../contract/books/share_book.ts";
import { eachAccount } from "../common/each_account.ts";
import { withAccountClaim } from "./commit/claim.ts";
import { forgetFiles } from "./commit/record_steps.ts";
import { isMissing } from "./files/os_error.ts";
import type { Places } from "./interfaces/places.ts";
import { identityOf } from "./files/mounted.ts";

/** Makes and ends mounts. Needs permission to read and write the directories. */
export class DiskMounts implements Mounts {
  /** @param data the data directory, links resolved */
  constructor(private readonly places: Places, private readonly data: string) {}

  async add(mount: NewMount): Promise<MountRecord> {
    const name = checkedMountName(mount.name);
    const owner = mountOwner(name);
    return await withAccountClaim(this.places, owner, async () => {
      const letters = checkedMountLetters(mount.letters ?? "r");
      const { directory, identity } = lookAtDirectory(mount.directory);
      await this.#assertApart(directory);
      const guests = [...new Set(mount.guests ?? [EVERYBODY])].sort();
      await this.#assertFree(name, guests);
      const record: MountRecord = {
        name,
        owner,
        directory,
        identity,
        letters,
        guests,
        quotaBytes: mount.quotaBytes ?? null,
        createdMs: clock.now(),
      };
      if (!await this.#book.add(record)) {
        throw new StoreError("exists", `There is a mount "${name}" already`);
      }
      try {
        await this.places.store.addAccount(owner); // where its uploads are to lie
      } catch (error) {
        await this.remove(name);
        const reason = error instanceof StoreError ? error.reason(null) : reasonOf(error, null);
        throw new StoreError(
          "bad-request",
          `The server cannot write to "${directory}": ${reason}; mount it with the permission r alone`,
          {},
          { cause: error },
        );
      }
      return record;
    });
  }

  async remove(name: string): Promise<void> {
    const mount = await this.#book.end(name);
    if (mount === undefined) {
      throw new StoreError("not-found", `There is no mount "${name}"`);
    }
    await this.settle(mount);
  }

  /** Removes all that is kept of a mount that has ended; safe to be interrupted and run again. */
  async settle({ name, owner, directory, identity }: MountRecord): Promise<void> {
    try {
      if (identityOf(Deno.lstatSync(directory)) === identity) {
        await Deno.remove(join(directory, MOUNT_INTERNAL), { recursive: true });
      }
    } catch {
      // The directory may be gone, or read-only by now: the mount ends all the same.
    }
    await forgetFiles(this.places.catalog, owner, "/");
    await this.#book.remove(name);
  }

  get #book() {
    return this.places.catalog.mounts!;
  }

  /** Refuses a directory that contains the data directory or another mount, or is in one. */
  async #assertApart(directory: string): Promise<void> {
    if (overlap(directory, this.data)) {
      throw new StoreError(
        "bad-request",
        `"${directory}" and the data directory "${this.data}" lie in each other: mount another one`,
      );
    }
    for (const mount of await this.#book.all()) {
      if (!overlap(directory, mount.directory)) continue;
      throw new StoreError(
        "bad-request",
        `"${directory}" and "${mount.directory}" of the mount "${mount.name}" lie in each other: ` +
          "mount another one",
      );
    }
  }

  /** Refuses a name that hides an entry of an account that is to see the mount. */
  async #assertFree(name: string, guests: readonly string[]): Promise<void> {
    const { store, catalog } = this.places;
    for (const guest of guests) {
      const group = groupOf(guest);
      const found = guest === EVERYBODY ||
        await (group === undefined ? catalog.account(guest) : catalog.groups.get(group));
      if (found) continue;
      const what = group === undefined ? `account "${guest}"` : `group "${group}"`;
      throw new StoreError("not-found", `There is no ${what}`);
    }
    for await (const account of eachAccount(catalog)) {
      const whom = guestsOf(account);
      if (
        !guests.some((guest) => whom.has(guest)) || !await isTaken(store, account.name, `/${name}`)
      ) continue;
      throw new StoreError(
        "exists",
        `The account ${account.name} has "/${name}" already: take another name for the mount`,
      );
    }
  }
}

/** Whether something of an account has a name, also a link or what no call reaches. */
async function isTaken(store: Places["store"], account: string, path: string): Promise<boolean> {
  try {
    return await store.stat(account, path) !== undefined;
  } catch (error) {
    if (isStoreError(error, "denied", "bad-name")) return true;
    throw error;
  }
}

function overlap(one: string, other: string): boolean {
  const within = (path: string, directory: string) =>
    path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
  return within(one, other) || within(other, one);
}

/** A directory on the host, links resolved. @throws {StoreError} where there is none */
function lookAtDirectory(wanted: string): { directory: string; identity: string } {
  try {
    const directory = Deno.realPathSync(wanted);
    const info = Deno.lstatSync(directory);
    if (info.isDirectory) return { directory, identity: identityOf(info) };
  } catch (error) {
    const kind = isMissing(error) ? "not-found" : "bad-request";
    throw new StoreError(kind, `"${wanted}" cannot be mounted: ${reasonOf(error, null)}`, {}, {
      cause: error,
    });
  }
  throw new StoreError("not-directory", `"${wanted}" cannot be mounted: it is no directory`);
}
