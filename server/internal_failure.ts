/** Failures of the server itself, which clients learn of by a reference alone. */
import type { Logger } from "@logtape/logtape";
import { osCode } from "../storage/common/os_error.ts";
import { reasonOf } from "../storage/common/os_reason.ts";
import { StoreError } from "../storage/contract/error.ts";

/**
 * Logs a failure that is no answer to a client, with the place and the remedy where the operating
 * system refused something.
 *
 * @returns the reference that the client gets and the log holds
 */
export function logInternalFailure(log: Logger, error: unknown): string {
  const reference = crypto.randomUUID().slice(0, 8);
  const cause = error instanceof StoreError ? error.cause ?? error : error;
  if (osCode(cause) !== undefined) {
    log.error("Request failed: {reason} ({reference})", { reference, reason: reasonOf(cause) });
  } else {
    const where = error instanceof StoreError && cause !== error ? `${error.message}: ` : "";
    const text = where + String(cause);
    log.error("Request failed: {text} ({reference})", { reference, text, cause });
  }
  return reference;
}
