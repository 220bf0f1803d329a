/** Connections that are gone before they are accepted. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { afterFailedAccept } from "../../../server/listener/acceptor.ts";
import { PassivePort } from "../../../server/ftp/data/passive.ts";

/**
 * Connects from another process and resets the connection. This thread waits for the process, so
 * that nothing here can accept the connection before it is reset.
 */
function connectAndReset(port: number): void {
  const program = `import net from "node:net";
    const socket = net.connect(${port}, "127.0.0.1", () => socket.resetAndDestroy());`;
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", program],
  }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("a connection that is reset before it is accepted lowers no limit", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  connectAndReset(listener.addr.port);
  const error = await listener.accept().then(() => undefined, (error: unknown) => error);
  assert(error instanceof Deno.errors.NotConnected, String(error));
  let relieved = 0;
  await afterFailedAccept(error, () => relieved++);
  assertEquals(relieved, 0);
  await afterFailedAccept(new Error("Too many open files (os error 24)"), () => relieved++);
  assertEquals(relieved, 1);
});

Deno.test("a passive port waits on where a connection is reset before it is accepted", async () => {
  const passive = await PassivePort.open("127.0.0.1", { address: "127.0.0.1" }, null);
  connectAndReset(passive.port);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: passive.port });
  using connection = await passive.connection();
  assertStrictEquals(
    (connection.remoteAddr as Deno.NetAddr).port,
    (client.localAddr as Deno.NetAddr).port,
  );
  passive.close();
});
