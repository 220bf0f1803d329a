/** Workers that hash, kept for the next file. */
import { UploadFailure } from "./failure.ts";
import type { FileHash, HashFile, HashReport, HashRequest } from "./hashing.ts";

/** The part of a worker that a pool uses. */
export interface HashWorker {
  postMessage(request: HashRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<HashReport>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Gives each file a worker of its own; those that are through wait for the next file. */
export function hashPool(start: () => HashWorker): HashFile {
  const idle: HashWorker[] = [];
  let lastId = 0;
  return (file, proveAt): FileHash => {
    const worker = idle.pop() ?? start();
    const id = ++lastId;
    const prefix = Promise.withResolvers<string>();
    const whole = Promise.withResolvers<string>();
    let through = false;
    const fail = (failure: UploadFailure) => {
      through = true;
      worker.terminate();
      prefix.reject(failure);
      whole.reject(failure);
    };
    worker.onmessage = ({ data }) => {
      if (data.type === "unable") return fail(unable());
      if (data.id !== id) return;
      if (data.type === "failed") return fail(new UploadFailure("unreadable", data.message));
      if (data.type === "prefix") return prefix.resolve(data.hash);
      through = true;
      whole.resolve(data.hash);
      idle.push(worker);
    };
    worker.onerror = () => fail(unable());
    // Without a waiter, an error must not appear as an unhandled rejection of the page.
    prefix.promise.catch(() => {});
    whole.promise.catch(() => {});
    worker.postMessage({ id, file, ...(proveAt !== undefined && { proveAt }) });
    return {
      prefix: prefix.promise,
      whole: whole.promise,
      stop() {
        if (!through) worker.terminate();
      },
    };
  };
}

function unable(): UploadFailure {
  return new UploadFailure("refused", "This browser cannot compute checksums: load the page again");
}
