/** Memory of web connections that have transferred something and are idle now. */
import { assert, assertMatch } from "@std/assert";
import { assertIdleMemory } from "../support/measure/idle_memory.ts";
import { MIB, randomBytes } from "../support/native.ts";
import { startServer } from "../support/server.ts";

/** One takes about 25 with its TLS; with the buffers of a transfer it would be 600. */
const LIMIT = { connections: 80, maxKibEach: 80 };

Deno.test("an idle web connection holds no buffer of its transfers", async () => {
  await using server = await startServer({ web: true, args: ["--durability", "relaxed"] });
  const { port } = server.info.web!;
  const authorization = `authorization: Basic ${btoa(`admin:${server.password}`)}`;
  const content = randomBytes(MIB);
  const buffer = new Uint8Array(256 * 1024);
  const open: Deno.TlsConn[] = [];
  try {
    await assertIdleMemory(server, LIMIT, async (count) => {
      for (let at = 0; at < count; at++) {
        const connection = await Deno.connectTls({
          hostname: "localhost",
          port,
          caCerts: [server.caText],
        });
        open.push(connection);
        const ask = async (method: string, body: Uint8Array): Promise<number> => {
          const head = `${method} /api/v1/files/f${at % 10} HTTP/1.1\r\nhost: localhost\r\n` +
            `${authorization}\r\ncontent-length: ${body.length}\r\n\r\n`;
          for (const bytes of [new TextEncoder().encode(head), body]) {
            for (let sent = 0; sent < bytes.length;) {
              sent += await connection.write(bytes.subarray(sent));
            }
          }
          let [text, came, length] = ["", 0, Infinity];
          while (came < length) {
            const read = await connection.read(buffer);
            assert(read !== null);
            came += read;
            if (length < Infinity) continue;
            text += new TextDecoder("latin1").decode(buffer.subarray(0, read));
            const end = text.indexOf("\r\n\r\n");
            if (end < 0) continue;
            assertMatch(text, /^HTTP\/1.1 20/);
            length = end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
          }
          return length;
        };
        await ask("PUT", content);
        assert(await ask("GET", new Uint8Array(0)) > MIB);
      }
    });
  } finally {
    for (const connection of open) connection.close();
  }
});
