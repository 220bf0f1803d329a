/** A TLS port in both of its ways of accepting, and on its way from one to the other. */
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { Connection } from "../../../server/listener/connection.ts";
import type { DoorLimits } from "../../../server/admission/door_limits.ts";
import { HeldDescriptors } from "../../../server/admission/held_descriptors.ts";
import { closeNow } from "../../../server/listener/linger.ts";
import { TlsListener } from "../../../server/tls/tls_listener.ts";
import { makeCertificates, NO_LIMITS, testCertificates } from "../../support/in_process.ts";
import { MIB, randomBytes, until } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";

const ALPN = "test/1";
/** Descriptors that peers may hold here. */
const MAX_HELD = 12;

interface Bench {
  listener: TlsListener;
  held: HeldDescriptors;
  caText: string;
  /** Connects, and has bytes sent back. */
  echo(content?: Uint8Array, options?: { caText?: string; alpn?: string }): Promise<void>;
  /** Sets the clock of what is held ahead. */
  pass(ms: number): void;
  /** Connects, and sends so many bytes of a handshake that does not go on. */
  silent(bytes?: number): Promise<Deno.TcpConn>;
}

/** Serves bytes back until the peer ends, then ends too. */
async function echoAll(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(100_000);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) break;
    for (let at = 0; at < count;) at += await connection.write(buffer.subarray(at, count));
  }
  await connection.closeWrite();
  connection.close();
}

function holds(
  name: string,
  run: (bench: Bench) => Promise<void>,
  { serve = echoAll, reviewMs = 3_600_000, limits = {} as Partial<DoorLimits> } = {},
): void {
  Deno.test(name, async () => {
    const { caText, cert, key } = await testCertificates();
    let aheadMs = 0;
    const held = new HeldDescriptors(MAX_HELD, () => performance.now() + aheadMs);
    const listener = new TlsListener({
      host: "127.0.0.1",
      port: 0,
      cert,
      key,
      alpn: ALPN,
      limits: { ...NO_LIMITS, ...limits, held },
      reviewMs,
    }, { serve, refuse: serve });
    const open: Deno.TcpConn[] = [];
    try {
      await run({
        listener,
        held,
        caText,
        pass: (ms) => aheadMs += ms,
        async echo(content = randomBytes(1000), options = {}) {
          using connection = await Deno.connectTls({
            hostname: "localhost",
            port: listener.port,
            caCerts: [options.caText ?? caText],
            alpnProtocols: [options.alpn ?? ALPN],
          });
          assertStrictEquals((await connection.handshake()).alpnProtocol, ALPN);
          const sending = (async () => {
            for (let at = 0; at < content.length;) {
              at += await connection.write(content.subarray(at));
            }
            await connection.closeWrite();
          })();
          const hash = createHash("sha256");
          const buffer = new Uint8Array(100_000);
          for (let count; (count = await connection.read(buffer)) !== null;) {
            hash.update(buffer.subarray(0, count));
          }
          await sending;
          assertEquals(hash.digest("hex"), sha256(content));
        },
        async silent(bytes = 0) {
          const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
          open.push(connection);
          const hello = Uint8Array.of(22, 3, 1, 1, 0, 1, 0, 0, 252);
          if (bytes > 0) await connection.write(hello.subarray(0, bytes));
          return connection;
        },
      });
    } finally {
      listener.close();
      for (const connection of open) closeNow(connection);
      await until("nothing is held", () => held.count === 0);
    }
  });
}

/** Takes the port to guarded accepting. @returns what is silent */
async function guard({ listener, silent }: Bench): Promise<Deno.TcpConn[]> {
  const all: Deno.TcpConn[] = [];
  await until("the port is guarded", async () => {
    if (listener.guarded) return true;
    // One that meets the change of listeners is reset, at once or later, and is made again.
    if (all.length <= 3 * MAX_HELD) {
      await silent(all.length % 2 * 5).then((one) => all.push(one), () => {});
    }
    return false;
  });
  return all;
}

async function isClosed(connection: Deno.TcpConn): Promise<boolean> {
  return await connection.read(new Uint8Array(1)).catch(() => null) === null;
}

holds("content, protocol and certificate are the same in both ways", async (bench) => {
  const content = randomBytes(3 * MIB + 1);
  let { caText } = bench;
  for (const guarded of [false, true]) {
    if (guarded) await guard(bench);
    assertStrictEquals(bench.listener.guarded, guarded);
    await bench.echo(content, { caText });
    assertMatch(
      String(await assertRejects(() => bench.echo(content, { caText, alpn: "other/1" }))),
      guarded ? /alert|eof/i : /alert/i,
    );
    const next = await makeCertificates();
    await bench.listener.reload(next.cert, next.key);
    assertMatch(String(await assertRejects(() => bench.echo(content, { caText }))), /certificate/i);
    caText = next.caText;
    await bench.echo(content, { caText });
  }
});

holds("others are served while the way changes, there and back", async (bench) => {
  let stop = false;
  const count = { served: 0, reset: 0 };
  const others = Promise.all(Array.from({ length: 3 }, async () => {
    while (!stop) {
      try {
        await bench.echo();
        count.served++;
      } catch (error) {
        // One that comes in the very moment in which a listener is closed is reset by the kernel,
        // which the client sees at its next read or write.
        const { ConnectionReset, BrokenPipe, UnexpectedEof } = Deno.errors;
        const isReset = [ConnectionReset, BrokenPipe, UnexpectedEof].some((kind) =>
          error instanceof kind
        );
        if (!isReset) throw error;
        count.reset++;
      }
    }
  }));
  const more = async () => {
    const before = count.served;
    await until("others are served", () => count.served > before + 10);
  };
  const changing = (async () => {
    for (let round = 0; round < 2; round++) {
      const silent = await guard(bench);
      await more();
      assert(bench.listener.guarded); // descriptors are held still
      for (const connection of silent) connection.close();
      await until("the port is guarded no longer", () => !bench.listener.guarded);
      await more();
    }
  })();
  await changing.finally(() => stop = true);
  await others;
  // Four changes of listeners.
  assert(count.reset <= 4, `${count.reset} reset, ${count.served} served`);
}, { reviewMs: 100 });

const ends: (() => void)[] = [];
holds(
  "a guarded port closes connections that are given up, in every state of the handshake",
  async (bench) => {
    await guard(bench);
    ends.length = 0;
    const silent = [await bench.silent(), await bench.silent(3), await bench.silent(9)];
    await until("they are accepted", () => ends.length === silent.length);
    const before = bench.held.count;
    for (const end of ends) end();
    for (const connection of silent) assert(await isClosed(connection));
    assertEquals(bench.held.count, before);
  },
  {
    limits: {
      admit(_address, end) {
        ends.push(end);
        return { admitted: true, release() {}, setIdentified() {}, setAddress: () => undefined };
      },
    },
  },
);

holds("connections of a banned address count as long as they hold a descriptor", async (bench) => {
  await guard(bench);
  // Each is closed at once now.
  for (let count = 0; count < 3; count++) assert(await isClosed(await bench.silent()));
}, { limits: { admit: () => ({ admitted: false, reason: "address" }) } });

let closed = 0;
holds("a connection whose peer takes no bytes counts when it is closed", async (bench) => {
  const peers: Deno.TlsConn[] = [];
  const open = async () => {
    const { port } = bench.listener;
    const peer = await Deno.connectTls({ hostname: "localhost", port, caCerts: [bench.caText] });
    peers.push(peer);
    await peer.write(new Uint8Array(1));
  };
  while (peers.length <= MAX_HELD) await open();
  await until("all are closed", () => closed === peers.length);
  await until("all are counted", () => bench.held.count === peers.length);
  await open();
  await until("the port is guarded", () => bench.listener.guarded);
  for (const peer of peers) peer.close();
  assert(bench.held.count > MAX_HELD); // that they are gone cannot be seen
  bench.pass(24 * 3_600_000);
}, {
  async serve(connection) {
    await connection.read(new Uint8Array(1));
    let sent = 0;
    const sending = (async () => {
      while (sent < 64 * MIB) sent += await connection.write(new Uint8Array(MIB));
    })().catch(() => {}); // ended by the close
    for (let before = -1; before !== sent;) {
      before = sent;
      await delay(100);
    }
    connection.close();
    closed++;
    await sending;
  },
});
