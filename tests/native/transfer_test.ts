import assert from "node:assert/strict";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";

const MIB = 1024 * 1024;

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, length)));
  }
  return bytes;
}

Deno.test("UPLOAD then DOWNLOAD gives the same bytes, whatever the size", async () => {
  await using server = await openInProcess();
  using client = await RawClient.login(server, "alice", PASSWORD);
  for (const size of [0, 1, 16 * 1024, 256 * 1024, 256 * 1024 + 1, MIB, 3 * MIB + 7]) {
    const content = randomBytes(size);
    const final = await client.upload(`f${size}.bin`, content);
    assert.equal(final.status, "OK", JSON.stringify(final));
    assert.equal(final.code, 226);
    assert.equal(final.data.hash, sha256(content));
    assert.equal(final.data.size, size);
    const back = await client.download(`f${size}.bin`);
    assert.equal(back.final.code, 226, JSON.stringify(back.final));
    assert.equal(back.head.data.file_hash, sha256(content));
    assert.deepEqual(back.content, content);
  }
  const parts = await client.ask("PARTS");
  assert.deepEqual(parts.data.parts, []);
});
