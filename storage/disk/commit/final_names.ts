import type { DiskCatalog, UploadRecord } from "../interfaces/disk_catalog.ts";
import { StoreError } from "../../contract/error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../contract/path.ts";
import type { Store } from "../interfaces/store.ts";
import { parseVersionName, sameFamily, versionName } from "../../contract/version_name.ts";

/** Names for versions, for one batch of uploads: each directory is read once. */
export class FinalNames {
  readonly #names = new Map<string, string[]>();

  constructor(readonly store: Store, readonly catalog: DiskCatalog) {}

  /**
   * Returns the path with one more than the highest version number in use; from then on it counts
   * as in use.
   *
   * @param refused highest version whose name was found to exist, as a file of any kind
   * @throws {StoreError} `is-directory` where the requested name is a directory, `bad-name` where
   * the version numbers are exhausted
   */
  async nextVersion(record: UploadRecord, refused: number): Promise<VirtualPath> {
    const { owner, path } = record;
    if ((await this.store.stat(owner, path))?.type === "directory") {
      throw new StoreError("is-directory", `"${record.shownPath}" is a directory`);
    }
    const directory = parentOf(path);
    const names = await this.#namesIn(owner, directory);
    const wanted = parseVersionName(nameOf(path));
    let highest = refused;
    for (const name of names) {
      if (!name.startsWith(wanted.stem)) continue; // most of 100,000 names are no versions of it
      const other = parseVersionName(name);
      if (sameFamily(wanted, other)) highest = Math.max(highest, other.version);
    }
    const chosen = versionName(wanted, highest + 1);
    names.push(chosen);
    return childOf(directory, chosen);
  }

  /** Existing names, and those that running uploads are about to get. */
  async #namesIn(owner: string, directory: VirtualPath): Promise<string[]> {
    const key = `${owner}:${directory}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const names = await this.store.names(owner, directory);
    for (const intent of await this.catalog.commitIntents(owner)) {
      if (parentOf(intent.path) === directory) names.push(nameOf(intent.path));
    }
    this.#names.set(key, names);
    return names;
  }
}
