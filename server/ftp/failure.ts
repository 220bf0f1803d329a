/** Translates errors of storage and login into FTP replies. */
import { isConnectionEnd } from "../listener/connection.ts";
import { getLogger } from "@logtape/logtape";
import { StoreError, type StoreErrorKind } from "../../storage/contract/error.ts";
import { AuthError } from "../auth/authenticator.ts";
import { TooManyError } from "../admission/too_many.ts";
import { type Reply, reply, ReplyError } from "./context/reply.ts";
import { logFailure, logInternalFailure } from "../door/internal_failure.ts";

const log = getLogger(["towpath", "ftp"]);

/** The code of each kind of storage error; a kind forgotten here does not compile. */
export const CODE_OF = {
  "not-found": 550,
  "exists": 550,
  "is-directory": 550,
  "not-directory": 550,
  "not-empty": 550,
  "bad-name": 553,
  "denied": 550,
  "session-over": 530,
  "bad-request": 501,
  "checksum": 551,
  "locked": 450,
  "changed": 551,
  "transfer-not-found": 550,
  "offset": 554,
  "quota": 552,
  "no-space": 452,
  "aborted": 426,
  "shutting-down": 421,
  "busy": 450,
  "read-only": 451,
  "unreachable": 451,
  "io": 451,
} as const satisfies Record<StoreErrorKind, number>;

/** A data connection that ended before its time. */
export class DataConnectionError extends Error {
  override readonly name = "DataConnectionError";
}

/**
 * Translates the error of a command into a reply. Internal errors are logged under a reference,
 * which the reply contains.
 *
 * @param naming whether the command gives a name: then an invalid name is 553, otherwise "not
 * found"
 */
export function failureReply(error: unknown, naming = true): Reply {
  if (error instanceof ReplyError) return reply(error.code, error.message);
  if (error instanceof DataConnectionError) return reply(426, error.message);
  if (error instanceof StoreError && error.kind !== "io") {
    logFailure(log, error);
    const { offset } = error.details;
    const at = offset === undefined ? "" : `; restart at ${offset}`;
    const code = error.kind === "bad-name" && !naming ? 550 : CODE_OF[error.kind];
    return reply(code, error.message + at);
  }
  // 450: not now; the connection continues.
  if (error instanceof TooManyError) return reply(450, error.message);
  // 530 and not 421: the connection continues. Clients try again where they read "Too many".
  if (error instanceof AuthError) return reply(530, error.message);
  if (isConnectionEnd(error)) {
    return reply(426, "The connection has ended");
  }
  const reference = logInternalFailure(log, error);
  return reply(451, `The server failed; its log has the reason under the reference ${reference}`);
}
