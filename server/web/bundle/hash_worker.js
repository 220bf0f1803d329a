// web/hash_worker.ts
var PIECE_BYTES = 4 * 1024 * 1024;
var scope = self;
var report = (message) => scope.postMessage(message);
var loaded = load();
loaded.catch((error) => report({
  type: "unable",
  message: String(error)
}));
var before = loaded;
scope.onmessage = ({ data }) => {
  before = before.then(async () => await hashFile(await loaded, data), () => {
  });
};
async function load() {
  await import(new URL("./hash-wasm.js", import.meta.url).href);
  const { hashwasm } = globalThis;
  return await hashwasm.createSHA256();
}
async function hashFile(hasher, { id, file, proveAt }) {
  try {
    hasher.init();
    let offset = 0;
    let reading = read(file, 0, proveAt);
    while (true) {
      if (offset === proveAt) {
        const state = hasher.save();
        report({
          type: "prefix",
          id,
          hash: hasher.digest()
        });
        hasher.load(state);
      }
      if (offset === file.size) break;
      const bytes = await reading;
      offset += bytes.length;
      if (offset < file.size) reading = read(file, offset, proveAt);
      hasher.update(bytes);
    }
    report({
      type: "whole",
      id,
      hash: hasher.digest()
    });
  } catch {
    report({
      type: "failed",
      id,
      message: "The file was changed or removed while it was read"
    });
  }
}
async function read(file, offset, border = 0) {
  const end = Math.min(offset + PIECE_BYTES, offset < border ? border : file.size);
  return new Uint8Array(await file.slice(offset, end).arrayBuffer());
}
