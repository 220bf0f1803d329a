/** Several listeners on one port. */
import { delay } from "@std/async";
import { assertEquals, assertRejects } from "@std/assert";
import { Listeners } from "../../../server/listener/listeners.ts";

const hostname = "127.0.0.1";

function open(count: number): Listeners<Deno.TcpConn> {
  return new Listeners(0, count, (port) => Deno.listen({ hostname, port, reusePort: true }));
}

for (const count of [1, 8]) {
  Deno.test(`each connection is accepted once by ${count} listener${count > 1 ? "s" : ""}`, async () => {
    const listeners = open(count);
    const { port } = listeners;
    const clients = await Promise.all(
      Array.from({ length: 40 }, () => Deno.connect({ hostname, port })),
    );
    const expected = clients.map(({ localAddr }) => localAddr.port).sort();
    const found: number[] = [];
    for (const _ of clients) {
      const connection = await listeners.accept();
      found.push(connection.remoteAddr.port);
      connection.close();
    }
    assertEquals(found.sort(), expected);
    const waiting = listeners.accept();
    listeners.close();
    await assertRejects(() => waiting, Deno.errors.BadResource);
    for (const client of clients) client.close();
    await assertRejects(() => Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  });
}

Deno.test("accepted connections that were not taken are closed with their listeners", async () => {
  const listeners = open(8);
  const { port } = listeners;
  const first = Deno.connect({ hostname, port });
  (await listeners.accept()).close();
  // Most listeners have accepted one that no caller took; others wait in the kernel.
  const clients = await Promise.all(
    Array.from({ length: 40 }, () => Deno.connect({ hostname, port })),
  );
  await delay(0);
  listeners.close();
  for (const client of [await first, ...clients]) {
    // At their end or reset, as the kernel has it.
    assertEquals(await client.read(new Uint8Array(1)).catch(() => null), null);
    client.close();
  }
});
