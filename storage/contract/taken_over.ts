import { StoreError } from "./error.ts";

/** The error of a writer whose upload is another's by now, or has ended. */
export function takenOver(uploadId: string): StoreError {
  return new StoreError("aborted", "The upload was taken over or has ended", { uploadId });
}
