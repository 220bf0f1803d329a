/** Messages between the page and its hashing worker. */

/** To the worker: hash a file; the state after `proveAt` bytes is reported on the way. */
export interface HashRequest {
  id: number;
  file: Blob;
  proveAt?: number;
}

/** From the worker. Hashes are SHA-256 in hex. */
export type HashReport =
  | { type: "unable"; message: string }
  | { type: "prefix"; id: number; hash: string }
  | { type: "whole"; id: number; hash: string }
  | { type: "failed"; id: number; message: string };

/** A file being hashed beside its transfer. */
export interface FileHash {
  /** The hash of the first `proveAt` bytes. */
  readonly prefix: Promise<string>;
  /** The hash of all of it. */
  readonly whole: Promise<string>;
  /** Ends the work; no further message follows. */
  stop(): void;
}

/** Begins to hash a file. */
export type HashFile = (file: Blob, proveAt?: number) => FileHash;
