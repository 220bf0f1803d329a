import type { Engine } from "../contract/engine.ts";
import type { OtherEntry } from "../contract/entry.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { Listed, NamesPage } from "../contract/tree.ts";

/** Names in one page. */
const PAGE_NAMES = 1000;
/** Names that are described together. */
export const BATCH_NAMES = 250;

/** All names of a directory by kind. */
export interface AllNames {
  readonly directories: string[];
  readonly files: string[];
  readonly others: OtherEntry[];
}

/** Reads all names of a directory. */
export async function allNames(
  { tree }: Pick<Engine, "tree">,
  owner: string,
  directory: VirtualPath,
): Promise<AllNames> {
  const names: AllNames = { directories: [], files: [], others: [] };
  let page: NamesPage | undefined;
  do {
    page = await tree.names(owner, directory, { after: page, limit: PAGE_NAMES });
    names.directories.push(...page.directories);
    names.files.push(...page.files);
    names.others.push(...page.others ?? []);
  } while (page.more);
  return names;
}

/** Names in batches. */
export function* inBatches(names: readonly string[]): Generator<string[]> {
  for (let i = 0; i < names.length; i += BATCH_NAMES) yield names.slice(i, i + BATCH_NAMES);
}

/** Whether two sides have the same file, with all that is recorded of it. */
export function isSameFile(one: Listed, other: Listed | undefined): boolean {
  if (other === undefined || other.entry.type !== "file") return false;
  const [a, b] = [one.record, other.record];
  return a !== undefined && b !== undefined && a.size === b.size && a.hash === b.hash &&
    a.mtimeMs === b.mtimeMs && a.storedMs === b.storedMs && a.tag === b.tag && !b.damaged &&
    one.mode === other.mode && one.entry.spelling === other.entry.spelling;
}
