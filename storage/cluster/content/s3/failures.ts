import { StoreError, type StoreErrorKind } from "../../../contract/error.ts";
import { TimeLimitError } from "./time_limits.ts";

/** The error of a reply that is no S3 reply; its message completes "the store cannot be used:". */
export class UnusableReply extends Error {
  override readonly name = "UnusableReply";
}

/** The error of a reply with a status that is none of the expected ones. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  /**
   * @param status of the reply
   * @param code S3 error code; empty where the reply names none
   * @param retryAfterMs pause that the server wants; undefined: it names none
   */
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfterMs: number | undefined,
  ) {
    super([`status ${status}`, code, detail].filter((part) => part !== "").join(", "));
  }
}

/** Codes that are sent with a status below 500 for what may succeed at the next try. */
const TRANSIENT = new Set([
  "RequestTimeout",
  "SlowDown",
  "ConditionalRequestConflict",
  "OperationAborted",
  // The body was changed on its way.
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "IncompleteBody",
]);

/** Remedies by S3 error code. */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: "create the bucket, or name another one",
  InvalidAccessKeyId: "check the access key of the credentials",
  SignatureDoesNotMatch: "check the secret key of the credentials",
  AccessDenied: "grant these credentials reading, writing, deleting and listing of the bucket",
  ExpiredToken: "renew the temporary credentials",
  RequestTimeTooSkewed: "set the clocks of this machine and of the store",
  AuthorizationHeaderMalformed: "check the region of the store",
  QuotaExceeded: "raise the quota of the bucket, or make room in it",
};

/** Codes of a refusal for which other credentials may help. */
const CREDENTIALS = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "AccessDenied",
  "ExpiredToken",
  "InvalidToken",
]);

/** Whether the same request may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Refusal) {
    const { status, code } = error;
    return status >= 500 && status !== 501 && status !== 507 || status === 429 ||
      TRANSIENT.has(code);
  }
  return !(error instanceof UnusableReply || error instanceof StoreError) && !isUntrusted(error);
}

/** Whether the server refused the credentials, or what they may do. */
export function isCredentialRefusal(error: unknown): boolean {
  // The reply to a HEAD has no code.
  const isRefused = (status: number) => status === 401 || status === 403;
  return error instanceof Refusal &&
    (CREDENTIALS.has(error.code) || error.code === "" && isRefused(error.status));
}

/**
 * The error of storage for a request that failed at last.
 *
 * @param what was to be done, as in `storing "content/1"`
 * @param store the store, as messages to the operator show it
 */
export function storeErrorOf(error: unknown, what: string, store: string): StoreError {
  if (error instanceof StoreError) return error;
  const kind = kindOf(error);
  const message = kind === "no-space"
    ? "The server's content store is full"
    : kind === "unreachable"
    ? "The server's content store does not answer; try again later"
    : "The server's content store failed";
  return new StoreError(kind, message, {}, {
    cause: error,
    reason: () => `${what} in the store ${store} failed: ${reasonFor(error)}`,
  });
}

function kindOf(error: unknown): StoreErrorKind {
  if (error instanceof Refusal && (error.status === 507 || error.code === "QuotaExceeded")) {
    return "no-space";
  }
  return isTransient(error) ? "unreachable" : "io";
}

function reasonFor(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const advice = error instanceof Refusal
    ? ADVICE[error.code] ?? (error.status >= 500 ? "check the store" : undefined)
    : isUntrusted(error)
    ? "name the CA that signs the store's certificate"
    : error instanceof UnusableReply
    ? "check the endpoint and the region"
    : error instanceof TimeLimitError || isTransient(error)
    ? "check that the store runs and that its address is right"
    : undefined;
  return advice === undefined ? text : `${text}: ${advice}`;
}

function isUntrusted(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${error.cause ?? ""}` : "";
  return /certificate/i.test(text);
}
