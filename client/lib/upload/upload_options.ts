/** How an existing name is treated. */
export type IfExists = "version" | "overwrite" | "skip" | "fail";

/** How to upload. */
export interface UploadOptions {
  /** How an existing name is treated. @default "version" */
  ifExists?: IfExists;
  /** Makes missing parents. @default false */
  makeDirs?: boolean;
  /** Continues this unfinished upload first, if it still exists and fits. */
  unfinished?: { tempId: string; mtime?: number; key?: string | undefined };
  /** Names this upload to the server, which stores it once however often it is sent. */
  key?: string | undefined;
  /** Called with the id under which the server keeps it until it is finished. */
  onBegin?(tempId: string): void;
  /** Called with the offset from which it continues an earlier try. */
  onResume?(offset: number): void;
  /** Called with the number of bytes sent. */
  onProgress?(offset: number): void;
}

/** A file that is stored and verified. */
export interface UploadResult {
  /** Its final path at the server. */
  filename: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hex. */
  hash: string;
  /** Bytes that an earlier try had sent; 0 where nothing was resumed. */
  resumedFrom: number;
  /** Whether nothing was sent, as the newest version is the same. */
  skipped: boolean;
}
