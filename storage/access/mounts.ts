/** Mounts as places: a mount is a tree of its own, which accounts have as a share of all of it. */
import {
  isMountOwner,
  mountAt,
  mountName,
  type MountRecord,
  pathInMount,
} from "../contract/mount.ts";
import { EVERYBODY } from "../contract/books/share_book.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { VirtualPath } from "../contract/path.ts";
import { sharedPath, type SharedSpot, spotAt } from "./shares.ts";

/** A path in a mount, with the mount in the place of a share. */
export function mountSpot(mount: MountRecord, shown: VirtualPath): SharedSpot {
  const { owner, letters, createdMs } = mount;
  const share = {
    id: owner,
    owner,
    path: "/",
    guest: EVERYBODY,
    letters,
    allowed: letters,
    directory: true,
    createdMs,
    expiresMs: null,
  };
  return { owner, path: pathInMount(mount, shown), covering: [share], leads: false, mount };
}

/** The foreign place of a path that an account wrote: in a mount, or in what others share. */
export async function foreignSpot(
  catalog: Catalog,
  account: string,
  shown: VirtualPath,
): Promise<SharedSpot | undefined> {
  const found = catalog.mounts && await catalog.account(account);
  const mount = found && mountAt(await catalog.mounts!.of(found), shown);
  return mount === undefined ? await spotAt(catalog, account, shown) : mountSpot(mount, shown);
}

/** A path in another tree as those write it who do not own the tree. */
export function foreignPath(owner: string, path: VirtualPath): VirtualPath {
  if (!isMountOwner(owner)) return sharedPath(owner, path);
  const root = `/${mountName(owner)}`;
  return path === "/" ? root : root + path;
}
