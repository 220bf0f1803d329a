/** Files and directories as the database's functions answer with them. */
import type { Entry } from "../../contract/entry.ts";
import { noDirectory, notFound, StoreError } from "../../contract/error.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { Found } from "../../contract/tree.ts";
import type { PieceRow } from "../content/piece.ts";

/** A file or directory. */
export interface NodeRow {
  readonly id: number;
  readonly name: string;
  /** Absent for a directory. */
  readonly content?: string;
  readonly size: number;
  readonly hash?: string;
  readonly crc?: number;
  readonly mtimeMs: number;
  readonly storedMs?: number;
  readonly damaged: boolean;
  readonly tag?: string;
  readonly mode?: number;
  readonly spelling?: string;
}

/** Where a path leads. */
export interface Located {
  readonly state: "found" | "missing" | "no-directory" | "in-file";
  readonly node: NodeRow | null;
}

/** A file with its content. */
export interface OpenedRow extends Located {
  readonly pieces: readonly PieceRow[] | null;
}

/** A node as a listing shows it. */
export function entryOf({ name, content, size, mtimeMs, spelling }: NodeRow): Entry {
  const entry: Entry = { name, type: content === undefined ? "directory" : "file", size, mtimeMs };
  return spelling?.normalize("NFC") === name && spelling !== name ? { ...entry, spelling } : entry;
}

/** The record of a file; undefined for a directory. */
export function recordOf(node: NodeRow): FileRecord | undefined {
  const { content, size, mtimeMs, hash, storedMs, damaged, tag } = node;
  if (content === undefined) return undefined;
  const record = { size, mtimeMs, hash: hash!, storedMs: storedMs!, damaged };
  return tag === undefined ? record : { ...record, tag };
}

/** A node with its record. */
export function foundOf(node: NodeRow): Found {
  return { entry: entryOf(node), record: recordOf(node) };
}

/** The node at a path, if there is one. @throws {StoreError} `not-directory` where a file is above it */
export function nodeIfThere({ state, node }: Located, path: VirtualPath): NodeRow | undefined {
  if (state === "in-file") throw inFile(path);
  return node ?? undefined;
}

/** The node at a path. @throws {StoreError} `not-found`, `not-directory` */
export function nodeAt(located: Located, path: VirtualPath): NodeRow {
  const node = nodeIfThere(located, path);
  if (node === undefined) throw notFound(path);
  return node;
}

/** The directory at a path. @throws {StoreError} `not-found`, `not-directory` */
export function directoryAt(located: Located, path: VirtualPath): NodeRow {
  const node = nodeAt(located, path);
  if (node.content === undefined) return node;
  throw new StoreError("not-directory", `"${path}" is not a directory`);
}

/** The error for a path on which a file is in the place of a directory. */
export function inFile(path: VirtualPath): StoreError {
  return new StoreError("not-directory", `A part of "${path}" is a file`);
}

/** The error for a directory in the place of a file. */
export function isDirectory(path: VirtualPath): StoreError {
  return new StoreError("is-directory", `"${path}" is a directory`);
}

/** The error for a name that is taken. */
export function exists(path: VirtualPath): StoreError {
  return new StoreError("exists", `"${path}" exists already`);
}

/** Refusals of the functions that change names, as errors. */
export function refusal(error: string, path: VirtualPath): StoreError {
  switch (error) {
    case "exists":
      return exists(path);
    case "is-directory":
      return isDirectory(path);
    case "not-directory":
      return new StoreError("not-directory", `"${path}" is not a directory`);
    case "in-file":
      return inFile(path);
    case "collected":
      return new StoreError("io", `The content of "${path}" waited too long: send it again`);
    case "not-empty":
      return new StoreError("not-empty", `"${path}" is not empty`);
    case "root":
      return new StoreError("denied", `"/" stays where it is`);
    case "into-itself":
      return new StoreError("bad-request", `"${path}" cannot be moved into itself`);
    case "no-directory":
      return noDirectory(path);
    default:
      return notFound(path);
  }
}
