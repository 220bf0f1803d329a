/** The bits of a mode that are kept: read, write and execute, for owner, group and others. */
export const MODE_BITS = 0o777;

/** Permission bits that an engine knows by the way. */
export interface WithMode {
  /** Recorded permission bits, null where there are none; absent: `Tree.mode` has them. */
  readonly mode?: number | null;
}
