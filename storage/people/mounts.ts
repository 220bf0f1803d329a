/** Mounts, for administrators and for `admin`. */
import type { Access } from "../access/access.ts";
import type { Engine } from "../contract/engine.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import type { MountRecord, Mounts, NewMount } from "../contract/mount.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { type Action, asAdministrator } from "./as_administrator.ts";

/** A mount with what it holds now. */
export interface MountInfo extends MountRecord {
  readonly usedBytes: number;
  readonly reservedBytes: number;
  /** Whether its directory is not there at the moment. */
  readonly isAway: boolean;
}

/** The part of an engine that makes and ends mounts. @throws {StoreError} `bad-request` where the engine has none */
export function mountsOf({ mounts }: Pick<Engine, "mounts">): Mounts {
  if (mounts !== undefined) return mounts;
  throw new StoreError(
    "bad-request",
    "Directories are mounted only by a server that keeps its files on its own disk, not by several " +
      "nodes that share a database",
  );
}

/** All mounts by name. */
export async function listMounts({ catalog, tree }: Engine): Promise<MountInfo[]> {
  const infos: MountInfo[] = [];
  for (const mount of await catalog.mounts?.all() ?? []) {
    const usage = await catalog.usage(mount.owner);
    infos.push({ ...mount, ...usage, isAway: await isAway(tree, mount.owner) });
  }
  return infos;
}

async function isAway(tree: Engine["tree"], owner: string): Promise<boolean> {
  try {
    await tree.stat(owner, "/");
    return false;
  } catch (error) {
    if (isStoreError(error, "unreachable")) return true;
    throw error;
  }
}

/** Actions of an administrator on mounts; each requires the permission `t`. */
export class MountAdministration {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /** All mounts by name. */
  list(): Promise<MountInfo[]> {
    return this.#does({ action: "users" }, () => listMounts(this.core.engine));
  }

  /** Mounts a directory. @throws {StoreError} `exists`, `not-found`, `denied`, `bad-request` */
  add(mount: NewMount): Promise<MountRecord> {
    const { name: subject, directory: value } = mount;
    return this.#does({ action: "mount", subject, value }, () => {
      this.access.requirePassword(); // a mount outlives the token
      return this.#mounts.add(mount);
    });
  }

  /** Ends a mount; the files of the host stay. @throws {StoreError} `not-found` */
  remove(name: string): Promise<void> {
    return this.#does({ action: "unmount", subject: name }, () => {
      this.access.requirePassword();
      return this.#mounts.remove(name);
    });
  }

  get #mounts(): Mounts {
    return this.core.options.mounts ?? mountsOf(this.core.engine);
  }

  #does<T>(action: Action, run: () => Promise<T>): Promise<T> {
    return asAdministrator(this.core, this.access, action, run);
  }
}
