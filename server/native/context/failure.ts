/** Translates errors of storage and login into replies of the native protocol. */
import { isConnectionEnd } from "../../listener/connection.ts";
import { getLogger } from "@logtape/logtape";
import { makeReply, type Reply, type RequestId, type Status } from "../../../protocol/mod.ts";
import {
  BUSY_RETRY_MS,
  isStoreError,
  StoreError,
  type StoreErrorKind,
} from "../../../storage/contract/error.ts";
import { AuthError } from "../../auth/authenticator.ts";
import { TooManyError } from "../../admission/too_many.ts";
import { logFailure, logInternalFailure } from "../../door/internal_failure.ts";

const log = getLogger(["towpath", "native"]);

/** The status of each kind of storage error; a kind forgotten here does not compile. */
const STATUS_OF = {
  "not-found": "FILE_NOT_FOUND",
  "exists": "ALREADY_EXISTS",
  "is-directory": "IS_A_DIRECTORY",
  "not-directory": "NOT_A_DIRECTORY",
  "not-empty": "NOT_EMPTY",
  "bad-name": "BAD_NAME",
  "denied": "PERMISSION_DENIED",
  "session-over": "AUTH_REQUIRED",
  "bad-request": "BAD_REQUEST",
  "checksum": "CHECKSUM_FAILED",
  "locked": "LOCKED",
  "changed": "FILE_CHANGED",
  "transfer-not-found": "TRANSFER_NOT_FOUND",
  "offset": "OFFSET_MISMATCH",
  "quota": "QUOTA_EXCEEDED",
  "no-space": "QUOTA_EXCEEDED",
  "aborted": "ABORTED",
  "shutting-down": "SHUTTING_DOWN",
  "busy": "TOO_MANY",
  "read-only": "ERROR",
  "unreachable": "ERROR",
  "io": "ERROR",
} as const satisfies Record<StoreErrorKind, Status>;

/** A request that cannot be carried out, decided by the door itself. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  constructor(
    readonly status: Status,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Maximum length of an unknown command's name in a reply. */
const SHOWN_NAME_LENGTH = 32;

/** The refusal of a command that does not exist. */
export function unknownCommand(command: string): RequestError {
  const name = command.slice(0, SHOWN_NAME_LENGTH);
  return new RequestError("UNKNOWN_COMMAND", `There is no command "${name}"`);
}

/**
 * Translates the error of a request into a reply. Internal errors are logged under a reference,
 * which the reply contains.
 */
export function failureReply(error: unknown, id: RequestId | undefined): Reply {
  if (error instanceof RequestError) {
    return makeReply(error.status, { message: error.message, ...error.data }, id);
  }
  // 450: the connection continues, where 421 would announce its end (RFC 959 section 4.2).
  if (isStoreError(error, "busy")) {
    const data = { message: error.message, retry_after_ms: BUSY_RETRY_MS };
    return makeReply(STATUS_OF.busy, data, id, 450);
  }
  if (error instanceof StoreError && error.kind !== "io") {
    logFailure(log, error);
    const { uploadId, lock, ...details } = error.details;
    const data = {
      ...details,
      ...(uploadId === undefined ? {} : { temp_id: uploadId }),
      ...(lock === undefined ? {} : { lock: { by: lock.by, until: lock.untilMs } }),
      // Users can free space of their quota, and none of the disk.
      ...(error.kind === "no-space" ? { disk_full: true } : {}),
    };
    return makeReply(STATUS_OF[error.kind], { message: error.message, ...data }, id);
  }
  if (error instanceof TooManyError || error instanceof AuthError && error.kind === "too-many") {
    const { message, retryAfterMs } = error;
    return makeReply("TOO_MANY", { message, retry_after_ms: retryAfterMs }, id, 450);
  }
  if (error instanceof AuthError) return makeReply("AUTH_FAILED", { message: error.message }, id);
  if (isConnectionEnd(error)) {
    log.debug("The client left during a request: {error}", { error: String(error) });
    return makeReply("ABORTED", { message: "The connection has ended" }, id); // the client is gone
  }
  const reference = logInternalFailure(log, error);
  const message = "The server failed; its log has the reason under this reference";
  return makeReply("ERROR", { message, reference }, id);
}
