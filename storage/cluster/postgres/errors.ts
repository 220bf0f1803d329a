/** Errors of PostgreSQL and of connections to it, as kinds of the storage. */
import { StoreError } from "../../contract/error.ts";

/** Errors of the driver that mean: there is no answer, and the statement may have been carried out. */
const LOST = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** SQLSTATE of errors after which a server is reached again later: it stops, starts or is full. */
const LATER = /^(08...|57P0.|53300|57014|55P03|25006)$/;

/** SQLSTATE of a transaction that lost against another one and may simply be repeated. */
const REPEATABLE = /^(40001|40P01)$/;

/** The code of an error of the driver or the server. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Whether a connection was lost before the answer came. */
export function isLost(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: unknown };
  const code = codeOf(error) || codeOf(cause);
  return LOST.has(code) || /^(08...|57P0[123])$/.test(code);
}

/** Whether the server has no connection left: the statement was not carried out. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === "53300" || codeOf((error as { cause?: unknown })?.cause) === "53300";
}

/** Whether a transaction was rolled back for another one, and may be repeated as it was. */
export function isRepeatable(error: unknown): boolean {
  return REPEATABLE.test(codeOf(error));
}

/** Whether the server could not be reached, or serves no one for now. */
export function isUnreachable(error: unknown): boolean {
  return isLost(error) || LATER.test(codeOf(error));
}

/** Translates an error of the driver or the server. */
export function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = codeOf(cause);
  if (isUnreachable(cause)) return unreachable(cause);
  if (/^53[12]00$/.test(code)) {
    return new StoreError("no-space", "The database has no room left", {}, { cause });
  }
  const text = textOf(cause);
  const reason = () =>
    /certificate/i.test(text)
      ? `The database's certificate is not trusted (${text}): name the authority that signs it ` +
        "with --catalog-ca, and its own name in --catalog"
      : `The database refuses: ${text}`;
  return new StoreError("io", "The database cannot be read or written", {}, { cause, reason });
}

/** The error of a call that the database did not answer. */
export function unreachable(cause: unknown): StoreError {
  const reason = () =>
    `The database does not answer (${textOf(cause)}): check that PostgreSQL runs and is reachable`;
  const message = "The server's database does not answer; try again later";
  return new StoreError("unreachable", message, {}, { cause, reason });
}

/** Why a call failed, in the words of the driver or the server. */
function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
