import type { Membership } from "./group_book.ts";
import type { MountRecord } from "../values/mount_record.ts";

/** An account that sees mounts, by itself or as the member of groups. */
export interface Viewer {
  readonly name: string;
  readonly groups: readonly Membership[];
}

/** Mounts of an engine. Part of a catalog; absent where files are not on a disk of the host. */
export interface MountBook {
  /** The mounts that an account sees, by name; changes are seen as those of accounts. */
  of(account: Viewer): Promise<readonly MountRecord[]>;
  /** All mounts by name. */
  all(): Promise<readonly MountRecord[]>;
  /**
   * Durable: notes a mount, with the quota of its owner.
   *
   * @returns false where the name is taken
   */
  add(mount: MountRecord): Promise<boolean>;
  /** Durable: no account sees the mount from now on. @returns it; undefined where there is none */
  end(name: string): Promise<MountRecord | undefined>;
  /** Mounts that have ended and still have records. */
  ended(): Promise<readonly MountRecord[]>;
  /** Durable: removes what is recorded of a mount that has ended. */
  remove(name: string): Promise<void>;
}
