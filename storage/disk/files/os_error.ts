import { osCode } from "../../../common/os_error.ts";
import { reasonOf } from "../../../common/os_reason.ts";
import { StoreError } from "../../contract/error.ts";

/**
 * Whether an operation failed because what it names is not there. A path that is longer than the
 * operating system takes names nothing either.
 */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || osCode(error) === "ENAMETOOLONG";
}

/**
 * Makes a StoreError of what the file system threw; its reason names the place on the host.
 *
 * @param shown the virtual path or thing that the operation was about, for the message
 */
export function toStoreError(error: unknown, shown: string): StoreError {
  if (error instanceof StoreError) return error;
  const options = {
    cause: error,
    reason: (place?: string | null) => reasonOf(error, place),
  };
  if (error instanceof Deno.errors.NotFound) {
    return new StoreError("not-found", `"${shown}" does not exist`, {}, options);
  }
  if (error instanceof Deno.errors.AlreadyExists) {
    return new StoreError("exists", `"${shown}" exists already`, {}, options);
  }
  switch (osCode(error)) {
    case "ENOTDIR":
      return new StoreError("not-directory", `A part of "${shown}" is a file`, {}, options);
    case "EISDIR":
      return new StoreError("is-directory", `"${shown}" is a directory`, {}, options);
    case "ENOTEMPTY":
      return new StoreError("not-empty", `"${shown}" is not empty`, {}, options);
    case "ENAMETOOLONG":
      return new StoreError("bad-name", `"${shown}" is too long for the file system`, {}, options);
    case "ENOSPC":
    case "EDQUOT":
      return new StoreError("no-space", "The server's disk is full", {}, options);
    case "EROFS":
      return new StoreError("read-only", "The server's disk is read-only", {}, options);
    case "ELOOP":
      return new StoreError("denied", `"${shown}" leads through a symbolic link`, {}, options);
  }
  return new StoreError("io", `The storage failed at "${shown}"`, {}, options);
}
