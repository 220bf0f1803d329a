/**
 * Unicode forms of names. A path has one, composed (NFC); a client that tells the forms apart, as
 * FTP clients do, says how it spells the path. What it spells in another form than the listing
 * shows is another file to the client, and never replaces the one that is there.
 */
import { StoreError } from "../contract/error.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { Entry } from "../contract/entry.ts";
import type { Tree } from "../contract/tree.ts";

/** What is spelled: a path in an owner's tree, and as the one who asks knows it. */
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
 * How an entry's name is spelled.
 *
 * @param noted what the catalog has noted of its path
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
