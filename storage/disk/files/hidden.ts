/** Hides what the server itself keeps in the root of a mount. */
import type { Children } from "../../contract/entry.ts";
import { isMountOwner, MOUNT_INTERNAL } from "../../contract/mount.ts";

/** Whether a name in the root of an owner's tree is the server's own. */
export function isHidden(owner: string, name: string): boolean {
  // File systems that ignore case would find it by other spellings, too.
  return isMountOwner(owner) && name.toLowerCase() === MOUNT_INTERNAL;
}

/** Listings of the roots of mounts. */
export class MountRoots {
  /** By what is there: the same for the same. */
  readonly #shown = new WeakMap<Children, Children>();

  /** Those of some names in the root of an owner's tree that are not the server's own. */
  shownOf(owner: string, names: readonly string[]): readonly string[] {
    return isMountOwner(owner) ? names.filter((name) => !isHidden(owner, name)) : names;
  }

  /** The entries of the root of an owner's tree without the server's own. */
  shown(owner: string, children: Children): Children {
    if (!isMountOwner(owner)) return children;
    const known = this.#shown.get(children);
    if (known !== undefined) return known;
    const directories = [...this.shownOf(owner, children.directories)];
    const shown = { ...children, directories };
    this.#shown.set(children, shown);
    return shown;
  }
}
