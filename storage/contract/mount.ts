/** Directories of the host that an administrator mounts in the trees of accounts. */
import { StoreError } from "./error.ts";
import { resolvePath, SHARED, type VirtualPath } from "./path.ts";
import { commonLetters } from "./permission.ts";
import type { MountRecord } from "./values/mount_record.ts";

export type { MountRecord };

/** Prefix of the owner of a mount's tree; no account's name has a colon. */
const OWNER_PREFIX = "mount:";

/** The directory in the root of a mount that holds its unfinished uploads; no path leads there. */
export const MOUNT_INTERNAL = ".towpath";

/** A mount to be made. */
export interface NewMount {
  readonly name: string;
  /** The directory on the host. */
  readonly directory: string;
  /** @default every account */
  readonly guests?: readonly string[];
  /** @default "r" */
  readonly letters?: string;
  /** @default no limit */
  readonly quotaBytes?: number | null;
}

/** Makes and ends mounts of an engine whose files are on a disk of the host. */
export interface Mounts {
  /**
   * Mounts a directory.
   *
   * @throws {StoreError} `exists`, `not-found`, `not-directory`, `bad-name`, `bad-request`
   */
  add(mount: NewMount): Promise<MountRecord>;
  /** Ends a mount; the files of the host stay. @throws {StoreError} `not-found` */
  remove(name: string): Promise<void>;
}

/** The owner of the tree of a mount. */
export function mountOwner(name: string): string {
  return OWNER_PREFIX + name;
}

/** Whether the owner of a tree is a mount, and no account. */
export function isMountOwner(owner: string): boolean {
  return owner.startsWith(OWNER_PREFIX);
}

/** The name of the mount that owns a tree. */
export function mountName(owner: string): string {
  return owner.slice(OWNER_PREFIX.length);
}

/** The owner of a tree, for sentences. */
export function ownerText(owner: string): string {
  return isMountOwner(owner) ? `mount ${mountName(owner)}` : `account ${owner}`;
}

/** Checks the name of a new mount. @throws {StoreError} `bad-name` */
export function checkedMountName(name: string): string {
  const path = name === "" ? "/" : resolvePath("/", name);
  if (name === "" || name.includes("/") || path !== `/${name}`) {
    throw new StoreError("bad-name", `The name of a mount is one name at the root, not "${name}"`);
  }
  if (name === SHARED) throw new StoreError("bad-name", `The name "${SHARED}" is reserved`);
  return name;
}

/** Checks the permissions of a new mount. @throws {StoreError} `bad-request` */
export function checkedMountLetters(letters: string): string {
  const wrong = [...letters].find((letter) => !"rwcd".includes(letter));
  if (wrong === undefined && letters.includes("r")) return commonLetters(letters, "rwcd");
  throw new StoreError("bad-request", "The permissions of a mount are r, or r with some of wcd");
}

/** Whether anything in a mount may be changed. */
export function isWritable({ letters }: Pick<MountRecord, "letters">): boolean {
  return letters !== "r";
}

/** The mount that a path lies in; undefined: none of these. */
export function mountAt(
  mounts: readonly MountRecord[],
  shown: VirtualPath,
): MountRecord | undefined {
  if (mounts.length === 0) return undefined;
  const end = shown.indexOf("/", 1);
  const name = shown.slice(1, end < 0 ? undefined : end);
  return mounts.find((mount) => mount.name === name);
}

/** A path in a mount, in the mount's own tree. */
export function pathInMount({ name }: Pick<MountRecord, "name">, shown: VirtualPath): VirtualPath {
  return shown.slice(name.length + 1) || "/";
}

/** The error where a mounted directory is gone; `reason` is for the operator. */
export function mountIsGone(name: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    "unreachable",
    `The mount "${name}" cannot be reached: its directory was unmounted, moved or replaced at the ` +
      "server; try again later, or ask the server's operator",
    {},
    { cause, reason: () => reason },
  );
}
