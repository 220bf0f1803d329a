// Memory of connections that have transferred something and are idle now.

import { assertEquals } from "@std/assert";
import { assertIdleMemory } from "../support/measure/idle_memory.ts";
import { KIB, MIB, randomBytes } from "../support/native.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** One takes about 25 with its TLS; with a buffer of a transfer it would be 600. */
const LIMIT = { connections: 80, maxKibEach: 80 };

/** Uploads, downloads and a large request, on connections that stay open. */
async function useAndKeep(server: TestServer, count: number, name: string): Promise<RawClient[]> {
  const content = randomBytes(MIB);
  const file_hash = sha256(content);
  const padding = "x".repeat(60 * KIB);
  const clients: RawClient[] = [];
  for (let at = 0; at < count; at++) {
    const client = await RawClient.login(server, "admin", server.password);
    clients.push(client);
    const filename = `${name}-${at % 10}`;
    const data = { filename, file_size: MIB, file_hash, overwrite: true };
    assertEquals((await client.ask("UPLOAD", data)).code, 150);
    await client.data(content);
    assertEquals((await client.reply())!.code, 226);
    assertEquals((await client.ask("DOWNLOAD", { filename })).code, 150);
    await client.content(MIB);
    assertEquals((await client.reply())!.code, 226);
    assertEquals((await client.ask("NOOP", { padding })).status, "OK");
  }
  return clients;
}

Deno.test("an idle connection holds no buffer of its transfers", async () => {
  await using server = await startServer({ args: ["--durability", "relaxed"] });
  const clients: RawClient[] = [];
  try {
    await assertIdleMemory(server, LIMIT, async (count) => {
      clients.push(...await useAndKeep(server, count, `${clients.length}`));
    });
  } finally {
    for (const client of clients) client.connection.close();
  }
});
