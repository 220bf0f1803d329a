import { notFound, StoreError } from "../../../storage/contract/error.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../../storage/contract/path.ts";
import type { Entry } from "../../../storage/contract/entry.ts";
import { DirectoryNode, FileNode, type Node } from "./inode.ts";

/** The tree of one account in memory. */
export class MemoryTree {
  constructor(readonly root: DirectoryNode) {}

  /** As `find`, also where a directory above is gone. */
  findIfThere(path: VirtualPath): Node | undefined {
    try {
      return this.find(path);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Finds the node at a path. @throws {StoreError} where it is missing, or a file is on its way */
  find(path: VirtualPath): Node | undefined {
    return path === "/" ? this.root : this.parent(path).entries.get(nameOf(path));
  }

  /** The directory that holds `path`. */
  parent(path: VirtualPath): DirectoryNode {
    return this.#walk(parentOf(path), path);
  }

  /** The directory at `path`. */
  directory(path: VirtualPath): DirectoryNode {
    return this.#walk(path, path);
  }

  /** The file at `path`. */
  file(path: VirtualPath): FileNode {
    const node = this.existing(path);
    if (node instanceof FileNode) return node;
    throw new StoreError("is-directory", `"${path}" is a directory`);
  }

  existing(path: VirtualPath): Node {
    const node = this.find(path);
    if (!node) throw notFound(path);
    return node;
  }

  /** Gives a node a name, or takes it away. */
  set(path: VirtualPath, node: Node | undefined): void {
    const { entries } = this.parent(path);
    if (node) entries.set(nameOf(path), node);
    else entries.delete(nameOf(path));
  }

  /** Removes a file, durably. */
  remove(path: VirtualPath): void {
    this.file(path);
    this.set(path, undefined);
    this.syncParent(path);
  }

  /** Removes files of one directory, durably as a whole. */
  removeAll(directory: VirtualPath, names: readonly string[]): void {
    for (const path of names.map((name) => childOf(directory, name))) {
      if (this.find(path) === undefined) continue;
      this.file(path);
      this.set(path, undefined);
    }
    this.directory(directory).sync();
  }

  /** Makes the names in the directory that holds `path` durable. */
  syncParent(path: VirtualPath): void {
    this.parent(path).sync();
  }

  #walk(directory: VirtualPath, shown: VirtualPath): DirectoryNode {
    let node: Node = this.root;
    for (const name of directory.split("/").filter((name) => name !== "")) {
      if (node instanceof FileNode) break;
      const next: Node | undefined = node.entries.get(name);
      if (!next) throw notFound(shown);
      node = next;
    }
    if (node instanceof DirectoryNode) return node;
    throw new StoreError("not-directory", `A part of "${shown}" is a file`);
  }
}

/** Describes a node as a store does. */
export function entryOf(name: string, node: Node): Entry {
  const { mtimeMs } = node;
  if (node instanceof FileNode) return { name, type: "file", size: node.size, mtimeMs };
  return { name, type: "directory", size: 0, mtimeMs };
}

/** Data of an account in a store. */
export interface Account {
  tree: MemoryTree;
  /** Parts (`ID.part`), their checkpoints (`ID.json`), and what `publish` replaced (`ID.old`). */
  parts: DirectoryNode;
}
