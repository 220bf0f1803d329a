/** Spellings of names: those that the disk keeps, and those that the catalog notes. */
import type { Entry } from "../../contract/entry.ts";
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import type { Tree } from "../../contract/tree.ts";
import { spellingOf, toNote } from "../../common/spelling.ts";
import type { DiskCatalog } from "../interfaces/disk_catalog.ts";
import type { Store } from "../interfaces/store.ts";

/** Names that have one spelling alone. */
const ASCII = /^[ -~]*$/;

/**
 * Adds the spelling of its name to an entry. @param noted spelling that the catalog has recorded
 * for its path
 */
export function withSpelling(entry: Entry, noted: string | undefined): Entry {
  const spelling = spellingOf(entry, noted);
  if (spelling === (entry.spelling ?? entry.name)) return entry;
  const { spelling: _, ...plain } = entry;
  return spelling === entry.name ? plain : { ...plain, spelling };
}

/** An entry at a path, with its spelling. */
export async function statSpelled(
  { store, catalog }: { readonly store: Store; readonly catalog: DiskCatalog },
  owner: string,
  path: VirtualPath,
): Promise<Entry | undefined> {
  const entry = await store.stat(owner, path);
  if (entry === undefined || ASCII.test(entry.name)) return entry;
  return withSpelling(entry, await catalog.spellings.get(owner, path));
}

/** Returns a tree whose entries have their spellings. */
export function spelledIn(
  places: { readonly store: Store; readonly catalog: DiskCatalog },
): Pick<Tree, "stat"> {
  return { stat: (owner, path) => statSpelled(places, owner, path) };
}

/** Notes how a file or directory is spelled that has just got its path. */
export async function noteSpelling(
  { spellings }: Pick<DiskCatalog, "spellings">,
  owner: string,
  path: VirtualPath,
  spelling: string | undefined,
): Promise<void> {
  if (spelling === undefined) return;
  const name = nameOf(spelling);
  const isNoted = toNote(name, path) !== undefined ||
    await spellings.get(owner, path) !== undefined;
  if (isNoted) await spellings.set(owner, path, name);
}
