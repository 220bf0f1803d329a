/** Changes of names: each is one transaction. */
import { StoreError } from "../contract/error.ts";
import { isWithin, nameOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { Changed, Spot } from "../contract/tree.ts";
import { assertFree } from "./accounts/locks.ts";
import { childrenOf, directoryAt, existing, find, put, subtree, touch } from "./names.ts";
import { uncover } from "./uploads.ts";
import { type FileNode, type MemoryTables, type Node, nodeKey } from "./tables.ts";

/** Makes a directory. */
export function makeDirectory(
  tables: MemoryTables,
  owner: string,
  path: VirtualPath,
  spelling: string | undefined,
): void {
  if (find(tables, owner, path)) throw exists(path);
  const parent = directoryAt(tables, owner, parentOf(path), path);
  const id = crypto.randomUUID();
  const named = { id, owner, parent: parent.id, name: nameOf(path) };
  put(tables, {
    ...named,
    type: "directory",
    mtimeMs: Date.now(),
    ...(spelling !== undefined && { spelling }),
  });
}

/** Removes a directory, with `recursive` and all that is in it. */
export function removeDirectory(
  tables: MemoryTables,
  { owner, path, account }: Spot,
  recursive: boolean,
  arrival: number,
): Changed {
  const node = existing(tables, owner, path);
  if (node.type === "file") throw new StoreError("not-directory", `"${path}" is not a directory`);
  if (path === "/") throw rootStays();
  if (!recursive && childrenOf(tables, node).length > 0) {
    throw new StoreError("not-empty", `"${path}" is not empty`);
  }
  assertFree(tables, owner, [path], account);
  tables.removals.set(`${owner}:${path}`, { owner, path, arrival });
  return drop(tables, owner, path, node);
}

/** Whether a path, or a directory above it, was removed after a number was taken. */
export function wasRemoved(
  tables: MemoryTables,
  owner: string,
  path: VirtualPath,
  arrival: number,
): boolean {
  for (let at = path; at !== "/"; at = parentOf(at)) {
    if ((tables.removals.get(`${owner}:${at}`)?.arrival ?? 0) > arrival) return true;
  }
  return false;
}

/** The file at a path that is to be removed. @throws {StoreError} `is-directory`, `locked` */
export function removableFile(tables: MemoryTables, { owner, path, account }: Spot): FileNode {
  const node = existing(tables, owner, path);
  assertFree(tables, owner, [path], account);
  if (node.type === "file") return node;
  throw new StoreError("is-directory", `"${path}" is a directory`);
}

/**
 * Removes what is at a path with all below it; their shares, links and locks end.
 *
 * @param replaced another file takes the name, whose locks stay
 */
export function drop(
  tables: MemoryTables,
  owner: string,
  path: VirtualPath,
  node: Node,
  replaced = false,
): Changed {
  const shares = tables.sharesIn(owner, path).length > 0;
  for (const at of subtree(tables, node)) tables.dropNode(at);
  tables.endGrants(owner, path, replaced);
  touch(tables, node.parent);
  uncover(tables, owner);
  return { shares };
}

/** Renames the entry at a path: changes one row, independent of the content below it. */
export function move(
  tables: MemoryTables,
  from: Spot,
  to: Spot,
  { replace, spelling }: { replace: boolean; spelling?: string | undefined },
  arrival: number,
): Changed {
  const { owner } = from;
  const node = existing(tables, owner, from.path);
  if (from.path === "/") throw rootStays();
  assertFree(tables, owner, [from.path, to.path], from.account);
  if (from.path !== to.path && isWithin(to.path, from.path)) {
    throw new StoreError("bad-request", `"${from.shown}" cannot be moved into itself`);
  }
  const { spelling: _, ...plain } = node;
  const spelled = spelling === undefined ? {} : { spelling: nameOf(spelling) };
  const parent = directoryAt(tables, owner, parentOf(to.path), to.path);
  if (from.path === to.path) {
    if (spelling !== undefined) put(tables, { ...plain, ...spelled });
    return { shares: false };
  }
  const taken = find(tables, owner, to.path);
  if (taken && !(replace && taken.type === "file" && node.type === "file")) throw exists(to.shown);
  const within = [from.path, to.path].map((path) => tables.sharesIn(owner, path).length > 0);
  if (taken) drop(tables, owner, to.path, taken, true);
  tables.nodes.delete(nodeKey(node.parent, node.name));
  touch(tables, node.parent);
  put(tables, { ...plain, ...spelled, parent: parent.id, name: nameOf(to.path) });
  arrive(tables, find(tables, owner, to.path)!, arrival);
  tables.moveGrants(owner, from.path, to.path);
  moveUploads(tables, owner, from.path, to.path);
  uncover(tables, owner);
  return { shares: within.includes(true) };
}

/** Gives a renamed subtree the number of the rename as its arrival. */
function arrive(tables: MemoryTables, node: Node, renamed: number): void {
  for (const at of subtree(tables, node)) {
    if (at.type === "directory") continue;
    const arrival = Math.max(at.arrival, renamed);
    tables.nodes.set(nodeKey(at.parent, at.name), { ...at, arrival });
  }
}

/** Uploads to names below a directory follow it. */
function moveUploads(tables: MemoryTables, owner: string, from: VirtualPath, to: VirtualPath) {
  for (const upload of tables.uploads.values()) {
    const { path, shownPath } = upload;
    if (upload.owner !== owner || path === from || !isWithin(path, from)) continue;
    const moved = to + path.slice(from.length);
    const seenFrom = shownPath.slice(0, shownPath.length - path.length);
    tables.uploads.set(upload.id, { ...upload, path: moved, shownPath: seenFrom + moved });
  }
}

function exists(path: VirtualPath): StoreError {
  return new StoreError("exists", `"${path}" exists already`);
}

function rootStays(): StoreError {
  return new StoreError("denied", `"/" stays where it is`);
}
