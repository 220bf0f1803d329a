/** A disk that takes its time: what is copied within the server is what was there, byte by byte. */
import assert from "node:assert/strict";
import type { PartContent, Store } from "../../storage/store.ts";
import { holds, is, MIB, onDisk, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

/** Every write to a part looks at its bytes some turns of the event loop after it was called. */
function slowDown(store: Store): void {
  const create = store.createPart.bind(store);
  store.createPart = (account, uploadId) => {
    const part = create(account, uploadId) as PartContent;
    const write = part.write.bind(part);
    part.write = async (bytes, offset) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await write(bytes, offset);
    };
    return part;
  };
}

holds("a copy on a slow disk has the content of its source", async ({ server, alice }) => {
  const content = randomBytes(3 * MIB + 3);
  is(await alice.upload("a", content), "OK", 226);
  slowDown(server.store);
  is(await alice.ask("COPY", { from: "a", to: "b" }), "OK");
  assert.equal(sha256(Deno.readFileSync(onDisk(server, "b"))), sha256(content));
});

holds("an append on a slow disk keeps what it appends to", async ({ server, alice }) => {
  const [content, more] = [randomBytes(3 * MIB + 3), randomBytes(MIB)];
  is(await alice.upload("a", content), "OK", 226);
  slowDown(server.store);
  is(await alice.ask("APPE", { filename: "a" }), "OK", 150);
  await alice.data(more);
  const whole = new Uint8Array([...content, ...more]);
  await alice.send("END", { file_hash: sha256(whole) });
  is(await alice.reply(), "OK", 226);
  assert.equal(sha256(Deno.readFileSync(onDisk(server, "a"))), sha256(whole));
});
