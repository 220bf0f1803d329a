/** Errors of storage in words for the operator, who may know places on disk. */
import { join } from "@std/path";
import { isStoreError } from "../../storage/contract/error.ts";
import { PLACES } from "./data_directory.ts";
import { failure } from "../options/error.ts";

/**
 * Gives an error of storage the path and the advice that clients must not or need not have; other
 * errors stay as they are.
 */
export function forOperator(error: unknown, data: string): unknown {
  if (!isStoreError(error, "busy")) return error;
  return failure(
    `Another program holds ${join(data, PLACES.catalog)} (a database shell or a backup): ` +
      "end it or wait for it, and try again",
    error,
  );
}
