import { isWithin, type VirtualPath } from "../../../storage/contract/path.ts";
import type { Table } from "../../../storage/memory/accounts/table.ts";

/** The value of one path. */
export interface PathValue<Value> {
  owner: string;
  path: VirtualPath;
  value: Value;
}

/** Values at and below a path go along with it. */
export function moveValues<Value>(
  table: Table<PathValue<Value>>,
  owner: string,
  from: VirtualPath,
  to: VirtualPath,
): void {
  for (const at of table.values()) {
    if (at.owner !== owner || !isWithin(at.path, from)) continue;
    const path = to + at.path.slice(from.length);
    table.delete(owner + at.path);
    table.set(owner + path, { ...at, path });
  }
}
