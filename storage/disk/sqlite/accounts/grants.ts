import type { VirtualPath } from "../../../contract/path.ts";

/** What is granted on files: it ends, and moves, with them. Within transactions of the catalog. */
export interface Grants {
  /** All that an account grants, or is granted. */
  forgetAccount(name: string): void;
  /** Of what can be very much: ends some of what `forgetAccount` does. @returns whether more is left */
  forgetAccountSome?(name: string): boolean;
  /**
   * A query that has rows where something is granted at or below a path, which is not the root: ?1
   * is the owner, ?2 the path, ?3 its directory and ?4 its name. Left out where nothing is granted
   * on paths.
   */
  readonly atPath?: string;
  /** What is granted at and below a path ends. */
  forget(owner: string, path: VirtualPath): void;
  /** What is granted at and below a path goes along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void;
  /** Of what can be as much as the files: ends up to `count` at and below a path. @returns whether more is left */
  forgetSome?(owner: string, path: VirtualPath, count: number): boolean;
  /** As `forgetSome`, for what goes along with a path. */
  moveSome?(owner: string, from: VirtualPath, to: VirtualPath, count: number): boolean;
}
