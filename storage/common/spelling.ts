/**
 * Unicode forms of names. Each path has one composed form (NFC). A client that distinguishes forms,
 * as FTP clients do, states how it spells the path. To such a client a name in another form than
 * the listing's is another file, so it never replaces the existing file.
 */
import { StoreError } from "../contract/error.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { Entry } from "../contract/entry.ts";
import type { Tree } from "../contract/tree.ts";

/** A path in an owner's tree, and in the form that the client wrote. */
export interface Spelled {
  readonly owner: string;
  readonly path: VirtualPath;
  readonly shown: VirtualPath;
}

/**
 * Checks how a client spells a path that it is about to write.
 *
 * @param spelling the path as the client writes it; undefined: in the one form that there is
 * @throws {StoreError} `bad-name` where a name on the way, or the last one, is there in another form
 */
export async function assertSpelled(
  tree: Pick<Tree, "stat">,
  { owner, path, shown }: Spelled,
  spelling: string | undefined,
): Promise<void> {
  const asked = spelling?.split("/") ?? [];
  for (let at = path; at !== "/"; at = parentOf(at)) {
    const name = asked.pop();
    if (name === undefined) return;
    if (/^[ -~]*$/.test(name)) continue;
    const entry = await tree.stat(owner, at);
    if (entry !== undefined && (entry.spelling ?? entry.name) !== name) throw otherForm(shown);
  }
}

/** How a client spells the last name of a path. */
export function lastOf(spelling: string | undefined): string | undefined {
  return spelling === undefined ? undefined : nameOf(spelling);
}

/**
 * Returns how an entry's name is spelled.
 *
 * @param noted spelling that the catalog has recorded for its path
 */
export function spellingOf(
  { name, spelling = name }: Pick<Entry, "name" | "spelling">,
  noted: string | undefined,
): string {
  return noted?.normalize("NFC") === name ? noted : spelling;
}

/** The spelling that the catalog has to note of a new entry; undefined where the disk keeps it. */
export function toNote(spelling: string | undefined, path: VirtualPath): string | undefined {
  const name = nameOf(path);
  if (spelling?.normalize("NFC") !== name || formOf(spelling, name) === spelling) return undefined;
  return spelling;
}

/** The form that the disk keeps a name in: composed, unless it is wholly decomposed (NFD). */
export function formOf(spelling: string, composed: string): string {
  return composed.normalize("NFD") === spelling ? spelling : composed;
}

/** The error for a name that is there in another form. */
export function otherForm(shown: string): StoreError {
  return new StoreError(
    "bad-name",
    `"${shown}" is there in another Unicode form, and may be another file: ` +
      "use the form that the listing shows, or rename it first",
  );
}
