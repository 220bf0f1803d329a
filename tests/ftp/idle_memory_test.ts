/** Memory of FTP connections that have transferred something and are idle now. */
import { FtpClient } from "../support/ftp_client.ts";
import { assertIdleMemory } from "../support/measure/idle_memory.ts";
import { MIB, randomBytes } from "../support/native.ts";
import { startServer } from "../support/server.ts";

/** One takes 40 to 55 with its TLS; with the buffers of a transfer it would be 900. */
const LIMIT = { connections: 60, maxKibEach: 100 };

Deno.test("an idle FTP connection holds no buffer of its transfers", async () => {
  await using server = await startServer({ ftp: true, args: ["--durability", "relaxed"] });
  const target = { port: server.info.ftp!.port, caText: server.caText };
  const content = randomBytes(MIB);
  const clients: FtpClient[] = [];
  try {
    await assertIdleMemory(server, LIMIT, async (count) => {
      for (let at = 0; at < count; at++) {
        const client = await FtpClient.login(target, "admin", server.password);
        clients.push(client);
        await client.store(`STOR f${at % 10}`, content);
        await client.retrieve(`RETR f${at % 10}`);
      }
    });
  } finally {
    for (const client of clients) client.close();
  }
});
