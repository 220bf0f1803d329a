/** Requests of one connection that wait for each other: what it sent last is what stays. */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { holdsOnDisk, is } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

/** How long the disk stalls at least, ms: a delay that matters. */
const STALL_MS = 300;

/** Changes of `/f` that the upload of `/f` behind them waits for. */
const BEFORE: Record<string, [command: string, data: Record<string, unknown>]> = {
  "a removal": ["DELE", { filename: "/f" }],
  "a rename to the name": ["RENAME", { from: "/g", to: "/f", overwrite: true }],
  "a copy to the name": ["COPY", { from: "/g", to: "/f", if_exists: "overwrite" }],
};

for (const [what, [command, data]] of Object.entries(BEFORE)) {
  for (const pipelined of [true, false]) {
    const how = pipelined ? "pipelined upload" : "upload";
    holdsOnDisk(
      `${how} sent right behind ${what} on a slow disk is there`,
      async ({ server, alice }) => {
        is(await alice.upload("/f", "old"), "OK", 226);
        is(await alice.upload("/g", "other"), "OK", 226);
        const { store } = server.disk;
        const { remove, rename, createPart } = store;
        store.remove = async (...args) => {
          await delay(STALL_MS);
          await remove.apply(store, args);
        };
        store.rename = async (...args) => {
          await delay(STALL_MS);
          return await rename.apply(store, args);
        };
        store.createPart = async (...args) => {
          await delay(STALL_MS);
          return await createPart.apply(store, args);
        };
        const newer = new TextEncoder().encode("newer");
        const announced = { file_size: newer.length, file_hash: sha256(newer) };
        await alice.send(command, data);
        await alice.send("UPLOAD", {
          filename: "/f",
          if_exists: "overwrite",
          pipelined,
          ...announced,
        });
        if (pipelined) {
          await alice.data(newer);
          await alice.send("END");
        }
        is(await alice.reply(), "OK");
        if (!pipelined) {
          is(await alice.reply(), "OK", 150);
          await alice.data(newer);
        }
        is(await alice.reply(), "OK", 226);
        const { content } = await alice.download("/f");
        assertEquals(content && new TextDecoder().decode(content), "newer");
      },
    );
  }
}
