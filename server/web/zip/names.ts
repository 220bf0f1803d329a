/** Names of entries in an archive: below the place of unpacking on any system, and distinct. */
import { CONTROL } from "../../../common/printable.ts";
import { nameOf, type VirtualPath } from "../../../storage/contract/path.ts";

/** The name of the archive of a directory. */
export function archiveName(path: VirtualPath): string {
  return `${nameOf(path) || "files"}.zip`;
}

/** A file's or directory's name as it can be unpacked anywhere: no part of it leads elsewhere. */
function safeName(name: string): string {
  const plain = name.split(CONTROL).join("_").replace(/[/\\]/g, "_");
  // Windows drops dots and spaces at the end of a name: `.. ` would be the directory above.
  if (/^[. ]*$/.test(plain)) return "_".repeat(plain.length || 1);
  return plain.replace(/^([A-Za-z]):/, "$1_");
}

/**
 * The names given in one directory of an archive. Texts that Unicode holds to be equal (NFC and NFD)
 * count as one name, as they do on file systems of Apple. Names that differ in case alone stay as
 * they are: most systems keep them apart, and programs ask before they overwrite.
 */
export class DirectoryNames {
  readonly #used = new Set<string>();

  /** Takes a name as it is. @returns whether it was free, and safe to unpack */
  takeAsIs(name: string): boolean {
    const key = name.normalize("NFC");
    if (safeName(name) !== name || this.#used.has(key)) return false;
    this.#used.add(key);
    return true;
  }

  /** Takes a safe name near the one that is wanted: `a_b.txt`, `a_b (2).txt`, … */
  takeNear(name: string): string {
    const safe = safeName(name);
    const dot = safe.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [safe.slice(0, dot), safe.slice(dot)] : [safe, ""];
    // The search begins where the last one for this name ended: many alike are no quadratic work.
    const first = this.#next.get(safe) ?? 1;
    for (let number = first;; number++) {
      const wanted = number === 1 ? safe : `${stem} (${number})${extension}`;
      if (!this.takeAsIs(wanted)) continue;
      this.#next.set(safe, number + 1);
      return wanted;
    }
  }
  readonly #next = new Map<string, number>();
}
