import type { UploadRecord } from "./catalog.ts";
import type { Committed } from "./commit_job.ts";

/** How long a stored upload is remembered by its key, in ms. */
const MAX_AGE_MS = 3600 * 1000;
const MAX_UPLOADS = 10_000;

/**
 * Uploads that this worker stored lately, by the keys that their clients gave them. A client whose
 * connection was lost before the last reply sends the upload again with the same key; it is stored
 * once, whichever of the two comes to its end first.
 */
export class Repeats {
  readonly #stored = new Map<string, { committed: Committed; atMs: number }>();

  /** @param maxUploads how many are remembered; the oldest are forgotten first */
  constructor(readonly maxUploads = MAX_UPLOADS) {}

  /** Notes that an upload was stored. */
  note(record: UploadRecord, key: string, committed: Committed): void {
    const atMs = performance.now();
    this.#stored.set(place(record, key), { committed, atMs });
    for (const [oldest, { atMs: storedMs }] of this.#stored) {
      if (this.#stored.size <= this.maxUploads && atMs - storedMs < MAX_AGE_MS) break;
      this.#stored.delete(oldest);
    }
  }

  /** The file that an upload with this key and checksum became; undefined where none is known. */
  find(
    upload: Pick<UploadRecord, "account" | "owner" | "path">,
    key: string,
    hash: string,
  ): Committed | undefined {
    const stored = this.#stored.get(place(upload, key));
    if (stored === undefined || performance.now() - stored.atMs >= MAX_AGE_MS) return undefined;
    return stored.committed.hash === hash ? stored.committed : undefined;
  }
}

function place(
  { account, owner, path }: Pick<UploadRecord, "account" | "owner" | "path">,
  key: string,
): string {
  return `${account}/${owner}${path}\0${key}`;
}
