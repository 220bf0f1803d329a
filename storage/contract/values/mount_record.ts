/** A mount as the catalog keeps it. */
export interface MountRecord {
  /** Name at the root of the accounts' trees. */
  readonly name: string;
  /** Owner of its tree, of its quota and of uploads into it. */
  readonly owner: string;
  /** The directory on the host, links resolved. */
  readonly directory: string;
  /** Tells this directory from another one at the same place. */
  readonly identity: string;
  /** Permissions, of `rwcd`; `r` is always among them. */
  readonly letters: string;
  /** Accounts and, with `@`, groups that see it, by name, sorted; `*`: all accounts. */
  readonly guests: readonly string[];
  /** Most bytes that its recorded files and uploads may hold; null: no limit. */
  readonly quotaBytes: number | null;
  readonly createdMs: number;
}
