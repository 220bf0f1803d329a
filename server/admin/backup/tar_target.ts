/** A backup in one tar, which any `tar` unpacks. */
import { MANIFEST, type ManifestLine, writeManifest } from "./contents.ts";
import { readStable } from "./stable_read.ts";
import type { BackupTarget } from "./take.ts";
import { TarWriter } from "./tar_writer.ts";
import type { TreeEntry } from "./tree.ts";

const OWN_MODE = 0o600;

/** Writes a backup to a tar. A file that changed is added again: the last entry of a name counts. */
export class TarTarget implements BackupTarget {
  readonly #tar: TarWriter;

  /** @param path a new file */
  constructor(path: string) {
    this.#tar = new TarWriter(path);
  }

  addOwn(name: string, path: string) {
    return this.#add(name, path, OWN_MODE);
  }

  addFile({ name, mode }: TreeEntry, path: string) {
    return this.#add(name, path, mode);
  }

  async addDirectory({ name, mode, mtimeMs }: TreeEntry): Promise<void> {
    const mtime = new Date(mtimeMs);
    await this.#tar.add({ name: `${name}/`, type: "directory", size: 0, mode, mtime }, []);
  }

  async finish(manifest: readonly ManifestLine[] | undefined): Promise<number> {
    if (manifest !== undefined) {
      const pieces = writeManifest(manifest);
      const size = pieces.reduce((sum, { length }) => sum + length, 0);
      await this.#tar.add({ name: MANIFEST, size, mode: OWN_MODE, mtime: new Date() }, pieces);
    }
    return await this.#tar.finish();
  }

  #add(name: string, path: string, mode: number) {
    return readStable(path, (info, pieces) => this.#tar.add({ name, mode, ...info }, pieces));
  }
}
