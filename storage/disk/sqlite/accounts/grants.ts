import type { VirtualPath } from "../../../contract/path.ts";

/**
 * Grants on files, such as shares: they end and move with the files. For use within transactions of
 * the catalog.
 */
export interface Grants {
  /** All that an account grants, or is granted. */
  forgetAccount(name: string): void;
  /**
   * For large tables: ends some of the grants that `forgetAccount` ends. @returns whether more are
   * left
   */
  forgetAccountSome?(name: string): boolean;
  /**
   * A query that has rows where something is granted at or below a path, which is not the root: ?1
   * is the owner, ?2 the path, ?3 its directory and ?4 its name. Left out where nothing is granted
   * on paths.
   */
  readonly atPath?: string;
  /** Whether they are of a name, and stay when another file takes it. @default false */
  readonly ofNames?: boolean;
  /** Ends the grants at and below a path. */
  forget(owner: string, path: VirtualPath): void;
  /** Moves the grants at and below a path along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void;
  /**
   * For large tables: ends up to `count` grants at and below a path. @returns whether more are left
   */
  forgetSome?(owner: string, path: VirtualPath, count: number): boolean;
  /** As `forgetSome`, for what goes along with a path. */
  moveSome?(owner: string, from: VirtualPath, to: VirtualPath, count: number): boolean;
}
