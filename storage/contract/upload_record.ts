/** Unfinished uploads as the catalog keeps them. */
import type { VirtualPath } from "./path.ts";

/**
 * How an upload treats a name that is taken. `keep` replaces the file as `overwrite` does, and its
 * old content becomes the next version.
 */
export type IfExists = "version" | "overwrite" | "keep" | "skip" | "fail";

/** Whether an upload takes the place of a file. */
export function replaces(ifExists: IfExists): boolean {
  return ifExists === "overwrite" || ifExists === "keep";
}

/** An unfinished upload as requested. Its checkpoint records its safe bytes. */
export interface UploadRecord {
  id: string;
  /** The account whose tree it goes to, and whose quota it uses. */
  owner: string;
  /** The account that uploads: the owner, or a guest of a share. */
  account: string;
  /** The requested path, in the owner's tree. */
  path: VirtualPath;
  /** The requested path, as the uploader wrote it. */
  shownPath: VirtualPath;
  sizeBytes: number | null;
  hash: string | null;
  mtimeMs: number | null;
  /** Permission bits that the file is to be known with; absent: none are given. */
  mode?: number;
  /** The name's spelling, from clients that distinguish Unicode forms; absent: as in `path`. */
  spelling?: string;
  ifExists: IfExists;
  /**
   * SHA-256 of the only content that the upload may replace; "": only a new file; null: any
   * content.
   */
  appendsTo: string | null;
  createdMs: number;
  updatedMs: number;
  /** Bytes safe at the last checkpoint. */
  offsetBytes: number;
  /** SHA-256 of these bytes in hex; null where no checkpoint was noted. */
  offsetHash: string | null;
  /** Bytes reserved of the owner's quota. */
  reservedBytes: number;
  /** Number of the current writer: grows whenever the upload is taken (a fencing token). */
  writer: number;
  /** The worker that writes it now; null: it is suspended. */
  holder: string | null;
}

/** An upload that is about to begin: the engine gives it its id, and this worker as its writer. */
export type NewUpload = Omit<
  UploadRecord,
  "id" | "offsetBytes" | "offsetHash" | "writer" | "holder"
>;

/** One writer's turn at an upload. An {@linkcode UploadRecord} is one, too. */
export type WriterToken = Pick<UploadRecord, "id" | "writer">;

/**
 * The safe bytes of a checkpoint: the first `offset` bytes of a part, and their SHA-256 in hex if
 * there are any.
 */
export interface SafeBytes {
  offset: number;
  hash: string | null;
}

/**
 * Properties of the whole content, announced before it has arrived: its size, its SHA-256 in hex.
 */
export interface Announcement {
  readonly sizeBytes?: number;
  readonly hash?: string;
}

/** Some unfinished uploads of a long list, in its order. */
export interface UploadPage {
  /** Only those behind this one. */
  after?: Pick<UploadRecord, "id" | "updatedMs"> | undefined;
  /** Maximum number. @default all */
  count?: number;
}

/** A page with a maximum number of uploads. */
export type BoundedPage = UploadPage & { readonly count: number };

/** Why an upload was not taken: no such upload, another writer's turn, or it is being published. */
export type TakeRefusal = "unknown" | "taken" | "committing";

/** An upload that is done and whose part may still be there. */
export type FinishedUpload = Pick<UploadRecord, "id" | "owner" | "writer" | "holder">;
