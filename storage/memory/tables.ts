import type { Usage } from "../contract/catalog.ts";
import type { FileRecord } from "../contract/file_record.ts";
import type { SafePrefix } from "../contract/parts.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import { AccountBooks } from "./accounts/account_books.ts";
import type { Segment } from "./segments.ts";
import { Table, type UndoLog } from "./accounts/table.ts";

/** Common part of files and directories. Children refer to their directory by its id. */
interface NamedNode {
  readonly id: string;
  readonly owner: string;
  /** Id of the directory that it is in; empty for the root of an account's tree. */
  readonly parent: string;
  readonly name: string;
  mtimeMs: number;
  /** The name in the Unicode form that its client gave it. */
  readonly spelling?: string;
  readonly mode?: number;
}

/** A directory of an account. */
export interface DirectoryNode extends NamedNode {
  readonly type: "directory";
}

/** A file of an account; its content is an object. */
export interface FileNode extends NamedNode, FileRecord {
  readonly type: "file";
  readonly content: string;
  /** CRC-32 of the content, where it is known. */
  readonly crc?: number | undefined;
  /** The number that its last byte took, or the rename that gave it its name. */
  readonly arrival: number;
}

/** A file or directory. */
export type Node = DirectoryNode | FileNode;

/** Content of one file; it never changes. */
export interface ContentRow {
  readonly id: string;
  readonly segments: readonly Segment[];
}

/** An unfinished upload with what is safe of it. */
export interface UploadRow extends UploadRecord {
  readonly segments: readonly Segment[];
  /** Shortest first. */
  readonly safe: readonly SafePrefix[];
  /** Bytes not reserved, as the file that the upload overwrites gives them back. */
  readonly coveredBytes: number;
}

/** A path that is not renamed or removed for a while. */
export interface Hold {
  readonly id: string;
  readonly owner: string;
  readonly path: VirtualPath;
  readonly holder: string;
}

/** A path at which something was removed, and the number that the removal took. */
export interface Removal {
  readonly owner: string;
  readonly path: VirtualPath;
  readonly arrival: number;
}

/** Tables of one database: accounts, names, content and unfinished uploads. */
export class MemoryTables extends AccountBooks {
  /** By parent and name, which makes names unique; see {@linkcode nodeKey}. */
  readonly nodes;
  readonly contents;
  readonly uploads;
  readonly holds;
  /** The latest removals, by owner and path. */
  readonly removals;
  /** Objects that no row names any more, and since when. */
  readonly garbage;

  constructor(undo: UndoLog) {
    super(undo);
    this.nodes = new Table<Node>(undo);
    this.contents = new Table<ContentRow>(undo);
    this.uploads = new Table<UploadRow>(undo);
    this.holds = new Table<Hold>(undo);
    this.removals = new Table<Removal>(undo);
    this.garbage = new Table<{ object: string; atMs: number }>(undo);
  }

  isUnfinished(uploadId: string): boolean {
    return this.uploads.has(uploadId);
  }

  usage(owner: string): Usage {
    let [usedBytes, reservedBytes] = [0, 0];
    for (const node of this.nodes.values()) {
      if (node.type === "file" && node.owner === owner) usedBytes += node.size;
    }
    for (const upload of this.uploads.values()) {
      if (upload.owner === owner) reservedBytes += upload.reservedBytes;
    }
    return { usedBytes, reservedBytes };
  }

  protected forgetContent(name: string): void {
    for (const upload of this.uploads.values()) {
      if (upload.owner === name || upload.account === name) this.dropUpload(upload);
    }
    for (const node of this.nodes.values()) if (node.owner === name) this.dropNode(node);
    this.holds.deleteWhere(({ owner }) => owner === name);
    this.removals.deleteWhere(({ owner }) => owner === name);
  }

  /** Removes the row of a name; its content goes with it. */
  dropNode(node: Node): void {
    this.nodes.delete(nodeKey(node.parent, node.name));
    if (node.type === "directory") return;
    const content = this.contents.get(node.content);
    this.contents.delete(node.content);
    this.discard(content?.segments ?? []);
  }

  /** Removes an unfinished upload with its content. */
  dropUpload({ id, segments }: UploadRow): void {
    this.uploads.delete(id);
    this.discard(segments);
  }

  /** Notes objects as garbage. */
  discard(segments: readonly Segment[]): void {
    for (const { object } of segments) this.garbage.set(object, { object, atMs: Date.now() });
  }

  /** The unfinished upload of a writer; undefined where it has another one, or has ended. */
  ofWriter({ id, writer }: Pick<UploadRecord, "id" | "writer">): UploadRow | undefined {
    const upload = this.uploads.get(id);
    return upload?.writer === writer ? upload : undefined;
  }

  /** Changes an unfinished upload. @returns whether it is this writer's */
  changeUpload(token: Pick<UploadRecord, "id" | "writer">, change: Partial<UploadRow>): boolean {
    const upload = this.ofWriter(token);
    if (upload) this.uploads.set(token.id, { ...upload, ...change });
    return upload !== undefined;
  }
}

/** The key of a name in a directory. */
export function nodeKey(parent: string, name: string): string {
  return `${parent}/${name}`;
}
