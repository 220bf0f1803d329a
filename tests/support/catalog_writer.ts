/** A worker that writes to a catalog without a pause, as a busy server does, until it is ended. */
import { delay } from "@std/async";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<{ file: string }>) => void;
  postMessage(count: number): void;
};

scope.onmessage = async ({ data: { file } }) => {
  const catalog = SqliteCatalog.open(file, { durability: "relaxed" });
  for (let count = 1;; count++) {
    const record = { size: 1, mtimeMs: count, hash: "0", storedMs: count, damaged: false };
    await catalog.noteFile("bob", `/busy${count % 100}`, record);
    if (count % 100 === 0) scope.postMessage(count);
    if (count % 100 === 0) await delay(0);
  }
};
