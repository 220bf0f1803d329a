/**
 * A worker that hashes files with SHA-256, one after the other. The hashing is WebAssembly of the
 * package hash-wasm, four times as quick as script: so this worker's own Content-Security-Policy
 * allows it, and the page's does not.
 */
import type { IHasher } from "hash-wasm";
import type { HashReport, HashRequest } from "./upload/hashing.ts";

/** Read and hashed at once; the next one is read meanwhile. */
const PIECE_BYTES = 4 * 1024 * 1024;

const scope = self as unknown as {
  postMessage(report: HashReport): void;
  onmessage: ((event: MessageEvent<HashRequest>) => void) | null;
};
const report = (message: HashReport) => scope.postMessage(message);

const loaded = load();
loaded.catch((error) => report({ type: "unable", message: String(error) }));
let before: Promise<unknown> = loaded;
scope.onmessage = ({ data }) => {
  before = before.then(async () => await hashFile(await loaded, data), () => {});
};

async function load(): Promise<IHasher> {
  await import(new URL("./hash-wasm.js", import.meta.url).href);
  const { hashwasm } = globalThis as unknown as { hashwasm: typeof import("hash-wasm") };
  return await hashwasm.createSHA256();
}

async function hashFile(hasher: IHasher, { id, file, proveAt }: HashRequest): Promise<void> {
  try {
    hasher.init();
    let offset = 0;
    let reading = read(file, 0, proveAt);
    while (true) {
      if (offset === proveAt) {
        const state = hasher.save();
        report({ type: "prefix", id, hash: hasher.digest() });
        hasher.load(state);
      }
      if (offset === file.size) break;
      const bytes = await reading;
      offset += bytes.length;
      if (offset < file.size) reading = read(file, offset, proveAt);
      hasher.update(bytes);
    }
    report({ type: "whole", id, hash: hasher.digest() });
  } catch {
    report({ type: "failed", id, message: "The file was changed or removed while it was read" });
  }
}

/** The piece from `offset` on; none goes over `border`. */
async function read(file: Blob, offset: number, border = 0): Promise<Uint8Array> {
  const end = Math.min(offset + PIECE_BYTES, offset < border ? border : file.size);
  return new Uint8Array(await file.slice(offset, end).arrayBuffer());
}
