import { ReasonedError, type ReasonOptions } from "../../common/reasoned_error.ts";

/**
 * All errors of the storage, as a closed set of kinds. Doors (protocols) translate kinds into
 * replies.
 *
 * The engine throws: `no-space`, there is no room for content or metadata; `read-only`, nothing can
 * be written; `unreachable`, a system that it needs does not answer, but may later; `checksum`, the
 * content is damaged; `io`, every other failure, which no user can repair.
 */
export type StoreErrorKind =
  | "not-found"
  | "exists"
  | "is-directory"
  | "not-directory"
  | "not-empty"
  | "bad-name"
  | "denied"
  | "session-over"
  | "bad-request"
  | "checksum"
  | "locked"
  | "changed"
  | "transfer-not-found"
  | "offset"
  | "quota"
  | "no-space"
  | "aborted"
  | "shutting-down"
  | "busy"
  | "read-only"
  | "unreachable"
  | "io";

/** Kinds of failures of the storage itself, which the operator has to learn of. */
export const FAILURES = ["read-only", "unreachable", "io"] as const;

/** Retry time after a refusal with `busy`, ms. */
export const BUSY_RETRY_MS = 2000;

/** Details of an error for programs, beyond its kind. */
export interface StoreErrorDetails {
  /** The checksum announced or recorded. */
  expected?: string;
  /** The checksum found. */
  actual?: string;
  /** The offset in bytes that is acceptable, or safe. */
  offset?: number;
  /** The unfinished upload concerned. */
  uploadId?: string;
  /** The lock that forbids the change: its holder, and when it ends, ms since the Unix epoch. */
  lock?: { by: string; untilMs: number };
  /** The missing directory, in which something was to be put. */
  missing?: string;
}

/** An error of storage: one sentence for people, without a final period, and a kind for programs. */
export class StoreError extends ReasonedError {
  override readonly name = "StoreError";

  /**
   * Creates an error.
   *
   * @param kind kind of the error
   * @param message one sentence without internals: no path on disk, no stack
   * @param options `cause` is for the log only; `reason` is for the operator
   */
  constructor(
    readonly kind: StoreErrorKind,
    message: string,
    readonly details: StoreErrorDetails = {},
    options?: ReasonOptions,
  ) {
    super(message, options);
  }
}

/** The error for an entry whose name on disk is not UTF-8, so that no call reaches it. */
export class UnreachableName extends StoreError {
  /**
   * Creates an error for a name that cannot be used.
   *
   * @param shown name as listings show it
   * @param type type as listings show it
   */
  constructor(readonly shown: string, readonly type: "file" | "directory" | "other") {
    super(
      "bad-name",
      `"${shown}" cannot be opened, renamed or removed by itself: its name on the server's disk is ` +
        "not UTF-8; move or remove its directory, or have the server's operator rename it",
    );
  }
}

/** The error for a virtual path that is not there. */
export function notFound(path: string): StoreError {
  return new StoreError("not-found", `"${path}" does not exist`);
}

/** The error for a place in a directory that is not there. */
export function noDirectory(path: string): StoreError {
  return new StoreError("not-found", `The directory "${path}" does not exist`, { missing: path });
}

/** Whether an error is a {@linkcode StoreError} of one of these kinds. */
export function isStoreError(error: unknown, ...kinds: StoreErrorKind[]): error is StoreError {
  return error instanceof StoreError && (kinds.length === 0 || kinds.includes(error.kind));
}
