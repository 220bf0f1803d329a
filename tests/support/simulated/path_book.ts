import type { PathBook } from "../../../storage/disk/interfaces/path_book.ts";
import { nameOf, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { PathValue } from "./path_values.ts";
import type { Table } from "../../../storage/memory/accounts/table.ts";
import type { Run } from "../../../storage/memory/accounts/tokens.ts";

/** Values of paths in memory. */
export class MemoryPathBook<Value> implements PathBook<Value> {
  constructor(private readonly table: Table<PathValue<Value>>, private readonly run: Run) {}

  get(owner: string, path: VirtualPath): Promise<Value | undefined> {
    return this.run(false, () => this.table.get(owner + path)?.value);
  }

  in(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Value>> {
    return this.run(false, () => {
      const within = this.table.values()
        .filter((at) => at.owner === owner && parentOf(at.path) === directory)
        .filter(({ path }) => names.includes(nameOf(path)));
      return new Map(within.map(({ path, value }) => [nameOf(path), value]));
    });
  }

  set(owner: string, path: VirtualPath, value: Value): Promise<void> {
    return this.run(false, () => void this.table.set(owner + path, { owner, path, value }));
  }
}
