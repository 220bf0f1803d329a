/** Headers of the PROXY protocol, and a relay that sends them. */
import { connect, createServer, type Socket } from "node:net";

/** Bytes of a text of Latin-1 characters. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A header of version 2. */
export function binaryHeader(
  command: number,
  family: number,
  content: readonly number[],
): Uint8Array {
  const length = [content.length >> 8, content.length & 255];
  return new Uint8Array([
    ...latin1("\r\n\r\n\0\r\nQUIT\n"),
    ...[command, family, ...length, ...content],
  ]);
}

/** The header of version 1 for a client. */
export function textHeader(client: string, family = client.includes(":") ? 6 : 4): Uint8Array {
  const own = family === 6 ? "::1" : "192.0.2.1";
  return latin1(`PROXY TCP${family} ${client} ${own} 1234 443\r\n`);
}

/** The header of version 2 for a client with an IPv4 address, with an extension. */
export function binaryFor(client: string): Uint8Array {
  const own = [192, 0, 2, 1];
  const ports = [4, 210, 1, 187];
  return binaryHeader(0x21, 0x11, [...client.split(".").map(Number), ...own, ...ports, 4, 0, 0]);
}

/** A relay: what connects to its port is handed to the server as a proxy does. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts a relay.
 *
 * @param from address that it connects from
 * @param pieces sent before the client's bytes, one after the other
 */
export async function startRelay(
  to: number,
  from: string,
  pieces: readonly Uint8Array[],
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect({ host: "127.0.0.1", port: to, localAddress: from });
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => (client.destroy(), onward.destroy()));
    }
    for (const piece of pieces) onward.write(piece);
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
