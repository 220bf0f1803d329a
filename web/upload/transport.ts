/** How requests of an upload reach the server: an interface, so that its logic runs without a page. */

/** One request. Bodies are slices of a file, which the browser reads as it sends. */
export interface UploadRequest {
  method: "POST" | "HEAD" | "PATCH" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: Blob;
  /** Called with the number of body bytes sent so far. */
  onSent?: (bytes: number) => void;
}

/** One answer. */
export interface UploadReply {
  status: number;
  header(name: string): string | null;
  body: string;
}

/**
 * Sends a request.
 *
 * @throws {UploadFailure} `network` where no answer came; `unreadable` where the body could not be
 * read; the reason of `signal` once it is aborted
 */
export type Send = (request: UploadRequest, signal: AbortSignal) => Promise<UploadReply>;
