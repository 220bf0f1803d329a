import type { VirtualPath } from "../contract/path.ts";
import type { MountRecord } from "../contract/mount.ts";
import type { Published } from "../contract/principal.ts";
import type { LiveShare } from "./shares.ts";

/** A place in some account's tree, as one principal sees it. */
export interface Place {
  /** The account whose tree it is. */
  owner: string;
  /** Path in the owner's tree. */
  path: VirtualPath;
  /** Path as the principal writes it. */
  shown: VirtualPath;
  /** The account that asks: locks of others forbid it changes. */
  account: string;
  /** In another's tree: the shares that it was reached by; of a mount, the mount as one. */
  shares?: readonly LiveShare[];
}

/** Permissions and mounts of a principal, and until when they hold. */
export interface FoundAccess {
  letters: string;
  mounts: readonly MountRecord[];
  /** The root of a session without an account. */
  published: Published | undefined;
  epoch: number;
  untilMs: number;
}
