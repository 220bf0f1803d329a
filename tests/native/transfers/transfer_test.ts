import { assertEquals } from "@std/assert";
import { openInProcess, PASSWORD } from "../../support/in_process.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";

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
    assertEquals(final.status, "OK", JSON.stringify(final));
    assertEquals(final.code, 226);
    assertEquals(final.data.hash, sha256(content));
    assertEquals(final.data.size, size);
    const back = await client.download(`f${size}.bin`);
    assertEquals(back.final.code, 226, JSON.stringify(back.final));
    assertEquals(back.head.data.file_hash, sha256(content));
    assertEquals(back.content, content);
  }
  const parts = await client.ask("PARTS");
  assertEquals(parts.data.parts, []);
});
