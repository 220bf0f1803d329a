/** Failures of the server itself, which clients learn of by a reference alone. */
import type { Logger } from "@logtape/logtape";
import { osCode } from "../../common/os_error.ts";
import { reasonOf } from "../../common/os_reason.ts";
import { FAILURES, isStoreError, StoreError } from "../../storage/contract/error.ts";
import { messageOf } from "../options/error.ts";

/**
 * Logs a failure that is no answer to a client, with the place and the remedy where the operating
 * system refused something.
 *
 * @returns the reference that the client gets and the log holds
 */
export function logInternalFailure(log: Logger, error: unknown): string {
  const reference = crypto.randomUUID().slice(0, 8);
  // The object store's errors name the store and the remedy themselves.
  const isExplained = error instanceof StoreError && error.knowsReason &&
    !/^E[A-Z0-9]+$/.test(osCode(error.cause) ?? "");
  const cause = error instanceof StoreError && !isExplained ? error.cause ?? error : error;
  // Errors about an open file name no place, and those of the catalog no file.
  const where = cause !== error && !reasonOf(cause).startsWith("/") ? `${messageOf(error)}: ` : "";
  const reason = where + reasonOf(cause);
  const stack = isExplained || osCode(cause) !== undefined ? {} : { cause };
  log.error("Request failed: {reason} ({reference})", { reference, reason, ...stack });
  return reference;
}

/** Logs a failure of the storage itself whose reply names it in words of its own. */
export function logFailure(log: Logger, error: StoreError): void {
  if (!isStoreError(error, ...FAILURES)) return;
  log.error("Request failed: {reason}", { reason: reasonOf(error) });
}
