/** One upload as the user sees it: its state and its possible actions. */
import { isRetried, type UploadFailure } from "./failure.ts";
import type { Resumed, Transfer } from "./transfer.ts";
import type { NewUpload, Stored } from "./tus.ts";

/** State of a job. Only `done` and `cancelled` are final. */
export type JobState = "waiting" | "active" | "paused" | "failed" | "done" | "cancelled";

/** State and actions of one upload. */
export class Job {
  state: JobState = "waiting";
  /** Why it failed, or was paused by itself. */
  failure: UploadFailure | undefined;
  /** The stored file. */
  stored: Stored | undefined;
  /** Whether the server got the request once: see {@linkcode Transfer.asked}. */
  asked = false;
  /** The running transfer. */
  transfer: Transfer | undefined;
  /** Ends the running transfer. */
  stop: AbortController | undefined;
  #sent = 0;

  constructor(
    readonly file: Blob,
    readonly upload: NewUpload,
    /** The unfinished upload at the server, where there is one. */
    public resumed?: Resumed,
  ) {}

  get name(): string {
    return this.upload.path.slice(this.upload.path.lastIndexOf("/") + 1);
  }

  /** Address of the unfinished upload at the server. */
  get url(): string | undefined {
    return this.resumed?.url;
  }

  get size(): number {
    return this.upload.sizeBytes;
  }

  /** Bytes that are through, as far as known. */
  get sent(): number {
    if (this.state === "done") return this.size;
    return this.#sent = this.transfer?.sent ?? this.#sent;
  }

  /** Whether anything is still to be done by itself. */
  get pending(): boolean {
    return this.state === "waiting" || this.state === "active";
  }

  /** Whether the user can resume it. */
  get resumable(): boolean {
    return this.state === "paused" || this.state === "failed";
  }

  /** Whether it continues where it stopped, so that it is resumed together with others. */
  get continues(): boolean {
    return this.resumable && (this.failure === undefined || isRetried(this.failure));
  }
}
