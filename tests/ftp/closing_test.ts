import { assertEquals } from "@std/assert";
import { openFtp } from "../support/ftp.ts";

Deno.test("the door closes while commands come: after the 421 no reply follows", async () => {
  const bench = await openFtp();
  const connections: Deno.TcpConn[] = [];
  try {
    for (let count = 0; count < 200; count++) {
      const connection = await Deno.connect({ port: bench.port });
      connections.push(connection);
      await connection.read(new Uint8Array(1024)); // the greeting
    }
    const sent = connections.map((connection) =>
      connection.write(new TextEncoder().encode("AUTH TLS\r\n"))
    );
    const closing = bench.door.close(0);
    await Promise.all(sent);
    for (const connection of connections) {
      const text = await new Response(connection.readable).text();
      const codes = text.split("\r\n").slice(0, -1).map((line) => line.slice(0, 3));
      assertEquals(codes.slice(codes.indexOf("421")), ["421"], text);
    }
    await closing;
  } finally {
    for (const connection of connections) {
      try {
        connection.close();
      } catch {
        // The stream has closed it.
      }
    }
    await bench[Symbol.asyncDispose]();
  }
});
