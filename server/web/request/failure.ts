/** Translates errors of storage and login into HTTP statuses and problem details (RFC 9457). */
import { isConnectionEnd } from "../../listener/connection.ts";
import { getLogger } from "@logtape/logtape";
import { BUSY_RETRY_MS, StoreError, type StoreErrorKind } from "../../../storage/contract/error.ts";
import { AuthError } from "../../auth/authenticator.ts";
import { TooManyError } from "../../admission/too_many.ts";
import { HttpError } from "../http/head.ts";
import { logFailure, logInternalFailure } from "../../door/internal_failure.ts";

const log = getLogger(["towpath", "web"]);

/** The status of each kind of storage error (RFC 9110, 4918); a kind forgotten does not compile. */
const STATUS_OF = {
  "not-found": 404,
  "exists": 409,
  "is-directory": 409,
  "not-directory": 409,
  "not-empty": 409,
  "bad-name": 400,
  "denied": 403,
  "session-over": 401,
  "bad-request": 400,
  "checksum": 422,
  "locked": 423,
  "changed": 412,
  "transfer-not-found": 404,
  "offset": 409,
  "quota": 507,
  "no-space": 507,
  "aborted": 409,
  "shutting-down": 503,
  "busy": 503,
  "read-only": 503,
  "unreachable": 503,
  "io": 500,
} as const satisfies Record<StoreErrorKind, number>;

/** `Retry-After` of the kinds that pass by themselves. */
const RETRY_SECONDS: Partial<Record<StoreErrorKind, number>> = {
  "shutting-down": 5,
  "busy": BUSY_RETRY_MS / 1000,
  "unreachable": 5,
};

/** Why a request cannot be carried out, decided by the door itself. */
export type WebErrorKind =
  | StoreErrorKind
  | "signed-out"
  | "cross-site"
  | "method"
  | "precondition"
  | "range"
  | "too-large"
  | "too-many"
  | "media-type"
  | "no-route";

/** A request that the door itself refuses: one sentence for people, without a final period. */
export class WebError extends Error {
  override readonly name = "WebError";
  constructor(
    readonly status: number,
    readonly kind: WebErrorKind,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** A failure as it is sent to the client. */
export interface Problem {
  readonly status: number;
  readonly kind: WebErrorKind;
  /** One sentence. */
  readonly detail: string;
  /** Further members, for programs. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Translates an error into a problem. Internal errors are logged under a reference. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WebError) {
    const { status, kind, message: detail, headers } = error;
    return { status, kind, detail, more: {}, headers };
  }
  if (error instanceof StoreError && error.kind !== "io") {
    logFailure(log, error);
    const { kind, message: detail, details } = error;
    const seconds = RETRY_SECONDS[kind];
    const headers: Record<string, string> = seconds ? { "retry-after": String(seconds) } : {};
    return { status: STATUS_OF[kind], kind, detail, more: { ...details }, headers };
  }
  if (error instanceof HttpError) {
    const { status, message: detail } = error;
    return { status, kind: "bad-request", detail, more: {}, headers: {} };
  }
  if (isConnectionEnd(error)) {
    const detail = "The connection ended within the request"; // the client is gone
    return { status: 400, kind: "aborted", detail, more: {}, headers: {} };
  }
  if (error instanceof AuthError && error.kind === "failed") {
    return { status: 401, kind: "signed-out", detail: error.message, more: {}, headers: {} };
  }
  if (error instanceof AuthError || error instanceof TooManyError) {
    const detail = error.message;
    const seconds = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
    const headers = { "retry-after": seconds };
    return { status: 429, kind: "too-many", detail, more: {}, headers };
  }
  const reference = logInternalFailure(log, error);
  const detail = "The server failed; its log has the reason under the reference " +
    reference;
  return { status: 500, kind: "io", detail, more: { reference }, headers: {} };
}

/** A problem as JSON (RFC 9457). */
export function problemJson({ status, kind, detail, more }: Problem): string {
  return JSON.stringify({ ...more, status, kind, title: TITLES[status] ?? "Failed", detail });
}

/** Title of each status. */
export const TITLES: Readonly<Record<number, string>> = {
  400: "The request is not possible",
  401: "Signed out",
  403: "Not allowed",
  404: "Not found",
  405: "Not possible here",
  409: "In conflict with the existing file or directory",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Not understood",
  416: "Nothing in that range",
  422: "The content does not match the announcement",
  423: "In use",
  429: "Too many requests",
  460: "The content does not match the announcement",
  500: "Something failed",
  503: "Not possible for the moment",
  507: "No room left",
};
