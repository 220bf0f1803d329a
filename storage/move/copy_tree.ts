/** Copies an account's tree. */
import type { Engine } from "../contract/engine.ts";
import type { Entry } from "../contract/entry.ts";
import { isStoreError, StoreError } from "../contract/error.ts";
import { childOf, type VirtualPath } from "../contract/path.ts";
import type { Listed, Spot } from "../contract/tree.ts";
import { copyFile, SourceFault } from "./copy_file.ts";
import type { Lanes } from "./lanes.ts";
import { type AllNames, allNames, inBatches, isSameFile } from "./names.ts";
import type { LeftOuts, MoveProgress } from "./report.ts";

/** A tree that is being copied. */
export interface TreeToCopy {
  readonly from: Engine;
  readonly to: Engine;
  readonly owner: string;
  readonly lanes: Lanes;
  readonly leftOut: LeftOuts;
  readonly progress: MoveProgress;
  readonly copied: { files: number; bytes: number };
}

/** Makes the tree of an account in the target the same as in the source. */
export async function copyTree(tree: TreeToCopy): Promise<void> {
  const { finished } = await new TreeCopy(tree).directory("/", undefined, false);
  await finished;
}

class TreeCopy {
  constructor(private readonly job: TreeToCopy) {}

  /**
   * Copies what is in a directory.
   *
   * @param isNew whether the target's directory was made just now
   * @returns once all of it has begun; `finished` resolves when it is done
   */
  async directory(
    path: VirtualPath,
    listed: Listed | undefined,
    isNew: boolean,
  ): Promise<{ finished: Promise<void> }> {
    const { from, to, owner, lanes } = this.job;
    const names = await this.#names(path);
    if (names === undefined) return { finished: Promise.resolve() };
    for (const { name, kind } of names.others) {
      this.#leaveOut("file", childOf(path, name), `it is a ${kind}`, false);
    }
    const there = isNew ? undefined : await this.#removeOthers(path, names);
    const working: Promise<void>[] = [];
    for (const some of inBatches(names.files)) {
      const here = await from.tree.list(owner, path, some);
      const known = await this.#listed(path, some.filter((name) => there?.files.has(name)));
      for (const file of here) {
        const { done } = await this.#file(childOf(path, file.entry.name), file, known);
        working.push(done);
      }
    }
    for (const some of inBatches(names.directories)) {
      for (const below of await from.tree.list(owner, path, some)) {
        lanes.assertSound();
        const { name, spelling } = below.entry;
        const at = childOf(path, name);
        const isMade = !there?.directories.has(name);
        if (isMade && !await this.#make(at, () => to.tree.makeDirectory(owner, at, spelling))) {
          continue;
        }
        working.push((await this.directory(at, below, isMade)).finished);
      }
    }
    const finished = Promise.all(working).then(() => this.#finish(path, listed));
    finished.catch(() => {}); // awaited later
    return { finished };
  }

  /** Names of a directory of the source; undefined where it cannot be read. */
  async #names(path: VirtualPath): Promise<AllNames | undefined> {
    const { from, owner } = this.job;
    try {
      return await allNames(from, owner, path);
    } catch (error) {
      if (!isStoreError(error, "io", "bad-name", "denied")) throw error;
      this.#leaveOut("directory", path, error.message, isStoreError(error, "io"));
      return undefined;
    }
  }

  /** Removes names that the source does not have, or has as another kind. @returns those that stay */
  async #removeOthers(path: VirtualPath, names: AllNames) {
    const { to, owner } = this.job;
    const there = await allNames(to, owner, path);
    const files = new Set(names.files);
    const directories = new Set(names.directories);
    const stay = { files: new Set<string>(), directories: new Set<string>() };
    for (const name of there.files) {
      if (files.has(name)) stay.files.add(name);
      else await to.tree.remove(this.#spot(childOf(path, name)));
    }
    for (const name of there.directories) {
      if (directories.has(name)) stay.directories.add(name);
      else await to.tree.removeDirectory(this.#spot(childOf(path, name)), { recursive: true });
    }
    return stay;
  }

  async #listed(path: VirtualPath, names: readonly string[]): Promise<Map<string, Listed>> {
    if (names.length === 0) return new Map();
    const listed = await this.job.to.tree.list(this.job.owner, path, names);
    return new Map(listed.map((one) => [one.entry.name, one]));
  }

  /** Begins to copy a file, unless the target has it. */
  async #file(
    path: VirtualPath,
    listed: Listed,
    known: ReadonlyMap<string, Listed>,
  ): Promise<{ done: Promise<void> }> {
    const { from, to, owner, lanes, progress, copied } = this.job;
    const before = known.get(listed.entry.name);
    if (isSameFile(listed, before)) {
      progress.files++;
      progress.bytes += listed.record!.size;
      return { done: Promise.resolve() };
    }
    return await lanes.begin(async () => {
      if (before !== undefined && before.entry.spelling !== listed.entry.spelling) {
        await to.tree.remove(this.#spot(path));
      }
      let bytes = 0;
      const isCopied = await this.#make(path, async () => {
        bytes = await copyFile({ from, to, owner, path, listed });
      });
      if (!isCopied) return await this.#forget(path, before);
      progress.files++;
      progress.bytes += bytes;
      copied.files++;
      copied.bytes += bytes;
    });
  }

  /** A file that is left out is not there in an older state either. */
  async #forget(path: VirtualPath, before: Listed | undefined): Promise<void> {
    if (before === undefined) return;
    await this.job.to.tree.remove(this.#spot(path)).catch((error) => {
      if (!isStoreError(error, "not-found")) throw error;
    });
  }

  /** Makes a file or directory. @returns false where it was left out */
  async #make(path: VirtualPath, make: () => Promise<void>): Promise<boolean> {
    try {
      await make();
      return true;
    } catch (error) {
      if (error instanceof SourceFault) {
        this.#leaveOut("file", path, error.message, error.isLost);
      } else if (error instanceof StoreError && isStoreError(error, "bad-name", "denied")) {
        this.#leaveOut("file", path, `the target cannot have it: ${error.message}`, false);
      } else {
        throw error;
      }
      return false;
    }
  }

  /** Sets permission bits and time of a directory whose content is complete. */
  async #finish(path: VirtualPath, listed: Listed | undefined): Promise<void> {
    const { from, to, owner } = this.job;
    const wanted: Entry | undefined = listed?.entry ?? await from.tree.stat(owner, path);
    const now = await to.tree.look(owner, path);
    if (wanted === undefined || now === undefined) return;
    const mode = listed?.mode;
    if (mode !== undefined && await to.tree.mode(owner, path) !== mode) {
      await to.tree.setMode(this.#spot(path), mode);
    }
    if (now.entry.mtimeMs !== wanted.mtimeMs) {
      await to.tree.retime(this.#spot(path), wanted.mtimeMs);
    }
  }

  #spot(path: VirtualPath): Spot {
    return { owner: this.job.owner, path, shown: path };
  }

  #leaveOut(kind: "file" | "directory", path: VirtualPath, reason: string, isLost: boolean) {
    this.job.leftOut.add({ kind, username: this.job.owner, filename: path, reason, isLost });
  }
}
