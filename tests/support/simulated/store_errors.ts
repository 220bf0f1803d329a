/** Errors of the store in memory. */
import { StoreError } from "../../../storage/contract/error.ts";

export function exists(path: string): StoreError {
  return new StoreError("exists", `"${path}" exists already`);
}

export function noPart(uploadId: string): StoreError {
  return new StoreError("transfer-not-found", `There is no unfinished upload "${uploadId}"`);
}

export function notDirectory(path: string): StoreError {
  return new StoreError("not-directory", `"${path}" is not a directory`);
}

export function rootStays(): StoreError {
  return new StoreError("denied", `"/" stays where it is`);
}

/** Does the work at once; what it throws is the promise's rejection. */
export function call<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
