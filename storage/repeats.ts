import type { UploadRecord } from "./catalog.ts";
import type { Committed } from "./commit_job.ts";

/** How long a stored upload is remembered by its key, in ms. */
const MAX_AGE_MS = 3600 * 1000;
const MAX_UPLOADS = 10_000;

/** What is to be the same besides the key. */
type Place = Pick<UploadRecord, "account" | "owner" | "path">;

interface Kept extends Place {
  committed: Committed;
  atMs: number;
  /** Uploads to other places with the same key, which few clients make. */
  others?: Map<string, Kept>;
}

/**
 * Uploads that this worker stored lately, by the keys that their clients gave them. A client whose
 * connection was lost before the last reply sends the upload again with the same key; it is stored
 * once, whichever of the two comes to its end first.
 */
export class Repeats {
  /** Of the time now, and of the time before: the older ones are dropped all at once. */
  #kept = new Map<string, Kept>();
  #before = new Map<string, Kept>();
  #count = 0;
  #sinceMs = performance.now();

  /** @param maxUploads at least so many are remembered, and at most twice as many */
  constructor(readonly maxUploads = MAX_UPLOADS) {}

  /** Notes that an upload was stored. */
  note({ account, owner, path }: Place, key: string, committed: Committed): void {
    const atMs = performance.now();
    if (this.#count >= this.maxUploads || atMs - this.#sinceMs >= MAX_AGE_MS) {
      this.#before = this.#kept;
      this.#kept = new Map();
      this.#count = 0;
      this.#sinceMs = atMs;
    }
    this.#count++;
    const kept: Kept = { account, owner, path, committed, atMs };
    const first = this.#kept.get(key);
    if (first === undefined) this.#kept.set(key, kept);
    else if (isSamePlace(first, kept)) Object.assign(first, kept);
    else (first.others ??= new Map()).set(nameOf(kept), kept);
  }

  /** The file that an upload with this key and checksum became; undefined where none is known. */
  find(place: Place, key: string, hash: string): Committed | undefined {
    const kept = findIn(this.#kept, place, key) ?? findIn(this.#before, place, key);
    if (kept === undefined || performance.now() - kept.atMs >= MAX_AGE_MS) return undefined;
    return kept.committed.hash === hash ? kept.committed : undefined;
  }
}

/** Looks for the key alone first: this is on the way of every small file. */
function findIn(uploads: Map<string, Kept>, place: Place, key: string): Kept | undefined {
  const first = uploads.get(key);
  if (first === undefined || isSamePlace(first, place)) return first;
  return first.others?.get(nameOf(place));
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.path === other.path && one.owner === other.owner && one.account === other.account;
}

function nameOf({ account, owner, path }: Place): string {
  return `${account}/${owner}${path}`;
}
