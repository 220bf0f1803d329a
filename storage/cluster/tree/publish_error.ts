/** Refusals of the function that publishes uploads, as errors. */
import { lockedError } from "../../common/locked.ts";
import { otherForm } from "../../common/spelling.ts";
import { StoreError } from "../../contract/error.ts";
import { nameOf, type VirtualPath } from "../../contract/path.ts";
import { takenOver } from "../../contract/taken_over.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { parseVersionName, versionName } from "../../contract/version_name.ts";
import { refusal } from "./nodes.ts";
import type { PublishAnswer } from "./publisher.ts";

/** The error of an upload that was not published. */
export function publishError(
  { error, version, locked }: PublishAnswer,
  record: UploadRecord,
): StoreError {
  const { id, path, shownPath } = record;
  switch (error) {
    case "aborted":
      return takenOver(id);
    case "changed":
      return new StoreError("changed", `"${shownPath}" was changed during the upload`);
    case "locked":
      return lockedError(shownPath, path, locked!);
    case "form":
      return otherForm(shownPath);
    case "quota":
      return new StoreError("quota", `"${shownPath}" does not fit the account's quota`);
    case "bad-name":
      return nameError(path, version!);
    case "exists":
    case "is-directory":
      return refusal(error, shownPath);
    default:
      return refusal(error!, path);
  }
}

/** The error for a name of a version that no file can have. */
function nameError(path: VirtualPath, version: number): StoreError {
  try {
    versionName(parseVersionName(nameOf(path)), version);
  } catch (error) {
    if (error instanceof StoreError) return error;
  }
  return new StoreError("bad-name", `"${path}" can have no further version`);
}
