/** Changes of the mounts, as the threads of a server exchange them. */
import type { StoreErrorKind } from "../../storage/contract/error.ts";
import type { MountRecord, NewMount } from "../../storage/contract/mount.ts";

/** A mounted directory of the host, as the permissions of workers name it. */
export interface MountedPlace {
  readonly name: string;
  /** Links resolved. */
  readonly directory: string;
  readonly isWritable: boolean;
}

/** A change of the mounts, which the main thread has carried out for a worker. */
export type MountChange = { readonly add: NewMount } | { readonly remove: string };

/** Its result: the mount that was made, that one was ended, or why not. */
export type MountAnswer =
  | { readonly made: MountRecord }
  | { readonly done: true }
  | { readonly kind: StoreErrorKind; readonly message: string };
