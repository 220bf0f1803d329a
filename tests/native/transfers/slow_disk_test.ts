/** A disk that takes its time: what is stored is what came, byte by byte. */
import { assertEquals } from "@std/assert";
import { holdsOnDisk, is, MIB, onDisk, randomBytes } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { slowDown } from "../../support/slow/slow_parts.ts";

holdsOnDisk("a copy on a slow disk has the content of its source", async ({ server, alice }) => {
  const content = randomBytes(3 * MIB + 3);
  is(await alice.upload("a", content), "OK", 226);
  slowDown(server.disk.store);
  is(await alice.ask("COPY", { from: "a", to: "b" }), "OK");
  assertEquals(sha256(Deno.readFileSync(onDisk(server, "b"))), sha256(content));
});

holdsOnDisk("an append on a slow disk keeps what it appends to", async ({ server, alice }) => {
  const [content, more] = [randomBytes(3 * MIB + 3), randomBytes(MIB)];
  is(await alice.upload("a", content), "OK", 226);
  slowDown(server.disk.store);
  is(await alice.ask("APPE", { filename: "a" }), "OK", 150);
  await alice.data(more);
  const whole = new Uint8Array([...content, ...more]);
  await alice.send("END", { file_hash: sha256(whole) });
  is(await alice.reply(), "OK", 226);
  assertEquals(sha256(Deno.readFileSync(onDisk(server, "a"))), sha256(whole));
});

holdsOnDisk("pipelined uploads on a slow disk have the content that was hashed", async (world) => {
  const { server, alice } = world;
  const disk = slowDown(server.disk.store, 30);
  const files = Array.from({ length: 24 }, (_, at) => randomBytes(65_536 + 9_973 * at));
  for (const [at, content] of files.entries()) {
    const data = { filename: `f${at}`, file_size: content.length, pipelined: true };
    await alice.send("UPLOAD", data);
    await alice.data(content);
    await alice.send("END", { file_hash: sha256(content) });
  }
  for (const content of files) {
    assertEquals(is(await alice.reply(), "OK", 226).hash, sha256(content));
  }
  for (const [at, content] of files.entries()) {
    assertEquals(sha256(Deno.readFileSync(onDisk(server, `f${at}`))), sha256(content), `f${at}`);
  }
  assertEquals(disk.changed, 0);
});
