import type { VirtualPath } from "../../contract/path.ts";

/**
 * One value for each of some files and directories. Part of a catalog: a value moves with its file
 * or directory, and ends with it.
 */
export interface PathBook<Value> {
  /** The value of a file or directory; undefined where it has none. */
  get(owner: string, path: VirtualPath): Promise<Value | undefined>;
  /** The values of some names of a directory, by name. */
  in(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Value>>;
  set(owner: string, path: VirtualPath, value: Value): Promise<void>;
}
