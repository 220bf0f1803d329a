/** Output of a channel within TLS, and the memory it leaves behind. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { secureContexts } from "../../server/ftp/context/settings.ts";
import { TlsChannel } from "../../server/tls/tls_channel.ts";
import { isTried, sendUncopied } from "../../server/tls/uncopied.ts";
import { makeAuthority, makeLeaf } from "../../server/certificates/make_certificates.ts";

const PIECE_BYTES = 256 * 1024;
const PIECES = 32;

Deno.test("8 MiB leave through TLS as they are, and leave no copies to be collected", async () => {
  const authority = await makeAuthority();
  const { cert, key } = await makeLeaf(authority, ["localhost"]);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connecting = Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const [accepted, plain] = await Promise.all([listener.accept(), connecting]);
  const accepting = TlsChannel.accept(accepted, secureContexts(cert, key).data, {
    timeoutMs: 20_000,
  });
  using client = await Deno.startTls(plain, { hostname: "localhost", caCerts: [authority.cert] });
  await client.handshake();
  const channel = await accepting;

  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  const sent = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < sent.length; at += piece.length) sent.set(piece, at);
  const came = new Uint8Array(PIECES * PIECE_BYTES);
  const reading = (async () => {
    for (let at = 0; at < came.length;) {
      const count = await client.read(came.subarray(at));
      if (count === null) break;
      at += count;
    }
  })();
  const before = Deno.memoryUsage().external;
  for (let n = 0; n < PIECES; n++) await channel.write(sent);
  const grown = Deno.memoryUsage().external - before;
  await reading;
  channel.drop();

  for (let n = 0; n < PIECES; n++) {
    const part = came.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES);
    assertEquals(Buffer.compare(part, sent), 0, `piece ${n}`);
  }
  // With another Deno they are copied, until its version is added to the list and this holds.
  if (!isTried(Deno.version.deno)) return;
  assert(grown < came.length / 4, `${grown} bytes wait for the garbage collector`);
});

Deno.test("encrypted bytes are handed on without a copy by versions of Deno that were tried only", () => {
  const piece = new Uint8Array(8);
  const drained = (version: string, drainEncOut: () => unknown) => {
    const engine = { drainEncOut };
    sendUncopied({ _handle: engine } as never, version);
    return engine.drainEncOut();
  };
  assertStrictEquals(drained("2.9.6", () => piece), piece.buffer);
  const part = piece.subarray(1);
  assertStrictEquals(drained("2.9.6", () => part), part);
  assertStrictEquals(drained("99.0.0", () => piece), piece);
  sendUncopied({ _handle: null } as never, "2.9.6");
});
