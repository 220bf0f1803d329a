/** Names in the tables: paths lead from directory to directory by ids. */
import type { Entry } from "../contract/entry.ts";
import { notFound, StoreError } from "../contract/error.ts";
import type { FileRecord } from "../contract/file_record.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { Found } from "../contract/tree.ts";
import { parseVersionName, sameFamily, versionName } from "../contract/version_name.ts";
import {
  type DirectoryNode,
  type FileNode,
  type MemoryTables,
  type Node,
  nodeKey,
} from "./tables.ts";

/**
 * Finds the node at a path; undefined where its directory does not contain it.
 *
 * @throws {StoreError} `not-found` where a directory above is missing, `not-directory` for a file there
 */
export function find(tables: MemoryTables, owner: string, path: VirtualPath): Node | undefined {
  if (path === "/") return tables.nodes.get(nodeKey("", owner));
  return tables.nodes.get(
    nodeKey(directoryAt(tables, owner, parentOf(path), path).id, nameOf(path)),
  );
}

/** Finds the node at a path; undefined also where a directory above is missing. */
export function findIfThere(tables: MemoryTables, owner: string, path: VirtualPath) {
  try {
    return find(tables, owner, path);
  } catch (error) {
    if (error instanceof StoreError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** Finds the node at a path. @throws {StoreError} `not-found` */
export function existing(tables: MemoryTables, owner: string, path: VirtualPath): Node {
  const node = find(tables, owner, path);
  if (node === undefined) throw notFound(path);
  return node;
}

/** The directory at a path. @param shown names the path in errors */
export function directoryAt(
  tables: MemoryTables,
  owner: string,
  path: VirtualPath,
  shown: VirtualPath = path,
): DirectoryNode {
  let node = tables.nodes.get(nodeKey("", owner));
  for (const name of path.split("/").filter((name) => name !== "")) {
    if (node === undefined || node.type === "file") break;
    node = tables.nodes.get(nodeKey(node.id, name));
  }
  if (node === undefined) throw notFound(shown);
  if (node.type === "directory") return node;
  throw new StoreError("not-directory", `A part of "${shown}" is a file`);
}

/** Files and directories in a directory. */
export function childrenOf(tables: MemoryTables, { id }: DirectoryNode): Node[] {
  return tables.nodes.values().filter(({ parent }) => parent === id);
}

/** A node and all below it. */
export function subtree(tables: MemoryTables, node: Node): Node[] {
  if (node.type === "file") return [node];
  return [node, ...childrenOf(tables, node).flatMap((child) => subtree(tables, child))];
}

/** Puts a node in its place, and dates its directory. */
export function put(tables: MemoryTables, node: Node, mtimeMs = Date.now()): void {
  tables.nodes.set(nodeKey(node.parent, node.name), node);
  touch(tables, node.parent, mtimeMs);
}

/** Dates a directory whose names changed. */
export function touch(tables: MemoryTables, id: string, mtimeMs = Date.now()): void {
  const directory = tables.nodes.values().find((node) => node.id === id);
  if (directory === undefined) return;
  tables.nodes.set(nodeKey(directory.parent, directory.name), { ...directory, mtimeMs });
}

/** The name with one more than the highest version number in use. */
export function nextVersion(tables: MemoryTables, directory: DirectoryNode, name: string): string {
  const wanted = parseVersionName(name);
  let highest = 1;
  for (const child of childrenOf(tables, directory)) {
    const other = parseVersionName(child.name);
    if (sameFamily(wanted, other)) highest = Math.max(highest, other.version);
  }
  return versionName(wanted, highest + 1);
}

/** A node as a listing shows it. */
export function entryOf({ name, type, mtimeMs, spelling, ...node }: Node): Entry {
  const size = "size" in node ? node.size : 0;
  const entry: Entry = { name, type, size, mtimeMs };
  return spelling?.normalize("NFC") === name && spelling !== name ? { ...entry, spelling } : entry;
}

/** The record of a file; undefined for a directory. */
export function recordOf(node: Node): FileRecord | undefined {
  if (node.type === "directory") return undefined;
  const { size, mtimeMs, hash, storedMs, damaged, tag }: FileNode = node;
  const record = { size, mtimeMs, hash, storedMs, damaged };
  return tag === undefined ? record : { ...record, tag };
}

/** A node with its record. */
export function foundOf(node: Node): Found {
  return { entry: entryOf(node), record: recordOf(node) };
}

/** The error for a directory in the place of a file. */
export function isDirectory(path: VirtualPath): StoreError {
  return new StoreError("is-directory", `"${path}" is a directory`);
}
