/** Requests by XMLHttpRequest: `fetch` does not report how much of a body has been sent. */
import { UploadFailure } from "./failure.ts";
import type { Send } from "./transport.ts";

/** Timeout of a request without progress: the network may have failed silently. */
const SILENT_MS = 45_000;
/**
 * … and after all bytes were sent: they may still be on their way, and be verified at their end.
 */
const ANSWER_MS = 180_000;

/** Sends a request and reports its progress; see {@linkcode Send}. */
export const sendByXhr: Send = (request, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    let silent = 0;
    const moved = (waitMs: number) => {
      clearTimeout(silent);
      silent = setTimeout(() => give(up("The server does not answer")), waitMs);
    };
    const give = (reason: unknown) => {
      finish();
      xhr.abort();
      reject(reason);
    };
    const stop = () => give(signal.reason);
    const finish = () => {
      clearTimeout(silent);
      signal.removeEventListener("abort", stop);
    };
    signal.addEventListener("abort", stop);

    xhr.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded, total }) => {
      moved(loaded < total ? SILENT_MS : ANSWER_MS);
      request.onSent?.(loaded);
    };
    xhr.onerror = async () => {
      finish();
      reject(await isReadable(request.body) ? up("The connection was lost") : unreadable());
    };
    xhr.onload = () => {
      finish();
      resolve({
        status: xhr.status,
        header: (name) => xhr.getResponseHeader(name),
        body: xhr.responseText,
      });
    };
    moved(SILENT_MS);
    xhr.send(request.body ?? null);
  });

/** A file that was changed or removed since it was chosen looks like a failed request. */
async function isReadable(body: Blob | undefined): Promise<boolean> {
  try {
    await body?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function up(message: string): UploadFailure {
  return new UploadFailure("network", message);
}

function unreadable(): UploadFailure {
  return new UploadFailure("unreadable", "The file was changed or removed while it was sent");
}
