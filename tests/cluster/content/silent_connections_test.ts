/** Connections to the store that were kept open, and are silent when they are used again. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import process from "node:process";
import { parseS3Address } from "../../../storage/cluster/content/s3/address.ts";
import { fixedCredentials } from "../../../storage/cluster/content/s3/credentials.ts";
import { S3ContentStore } from "../../../storage/cluster/content/s3/s3_content_store.ts";
import type { TimeLimits } from "../../../storage/cluster/content/s3/time_limits.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { testWith } from "../../ftp/clients/programs.ts";
import { bytesOf, sample } from "../suites/content_store_contract.ts";
import { range, reply } from "./stand_in.ts";

const TEXT = new TextEncoder().encode("0123456789");
/** Connections that answer one request each. */
const SILENT = 3;

/** A store whose server is at a port. */
function storeAt(port: number, limits: TimeLimits, tries: number): S3ContentStore {
  return new S3ContentStore({
    address: parseS3Address("s3://bucket", { endpoint: `http://127.0.0.1:${port}` }),
    credentials: fixedCredentials({ accessKeyId: "key", secretAccessKey: "secret" }),
    limits,
    retries: { tries, limitMs: 60_000, pauseMs: 1 },
  });
}

/** A server whose first connections answer one request, at the same moment, and then no other one. */
function startServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const all = Promise.withResolvers<void>();
  const open: Deno.Conn[] = [];
  const requests: string[] = [];
  const serve = async (connection: Deno.Conn, number: number) => {
    const buffer = new Uint8Array(65_536);
    for (let answered = 0;; answered++) {
      const count = await connection.read(buffer);
      if (count === null) return;
      const [method] = new TextDecoder().decode(buffer.subarray(0, count)).split(" ");
      requests.push(`${number} ${method}`);
      if (number === SILENT) all.resolve();
      if (number <= SILENT) await (answered === 0 ? all.promise : new Promise(() => {}));
      const answer = method === "GET" ? range("0123456789") : reply(method === "HEAD" ? 404 : 200);
      await connection.write(new TextEncoder().encode(answer));
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      serve(connection, open.length).catch(() => {}); // its client has closed it
    }
  })();
  return {
    port: listener.addr.port,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
}

for (const what of ["put", "reading"]) {
  Deno.test(`a ${what} on a silent connection is tried again on a new one, not on others that were kept`, async () => {
    await using server = startServer();
    const store = storeAt(server.port, { connectMs: 500, firstByteMs: 500, silenceMs: 500 }, 8);
    const once = async (key: string) => {
      if (what === "put") await store.put(key, [TEXT]);
      else await bytesOf(await store.get(key, { length: 10 }));
    };
    await Promise.all(["a", "b", "c"].map(once));
    await once("d");
    const [silent, next, ...rest] = server.requests.slice(SILENT);
    assertMatch(silent!, /^[123] (PUT|GET)$/);
    // A try begins with a look; what was given up is not sent again behind the store's back.
    assertMatch(next!, what === "put" ? / HEAD$/ : / GET$/);
    for (const request of [next, ...rest]) assertMatch(request!, /^([4-9]|\d\d) /);
    await store.close();
  });
}

/** Answers one request and reads no other one, with buffers as small as those of a real line. */
const ANSWERS_ONCE = `import socket, sys
s = socket.socket()
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
while b"0123456789" not in c.recv(4096): pass
c.sendall(b"HTTP/1.1 200 X\\r\\ncontent-length: 0\\r\\n\\r\\n")
sys.stdin.read()`;

testWith(
  ["python3"],
  "a kept connection that accepts no bytes of a put is given up as soon as a new one",
  async () => {
    const server = new Deno.Command("python3", {
      args: ["-c", ANSWERS_ONCE],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = server.stdout.getReader();
    const store = storeAt(Number(new TextDecoder().decode((await output.read()).value)), {
      connectMs: 20_000,
      firstByteMs: 20_000,
      silenceMs: 2000,
    }, 1);
    await store.put("a", [TEXT]);
    const content = sample(16 * 1024 * 1024);
    const error = await assertRejects(() => store.put("b", [content]), StoreError);
    assertEquals(error.kind, "unreachable");
    assertMatch(error.reason(), /no byte was accepted for 2 s/);
    await store.close();
    await Promise.all([server.stdin.close(), output.cancel()]);
    await server.status;
  },
);

Deno.test("a store that is closed at any moment of a reply ends its requests, and nothing else", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 }),
  );
  const limits = { connectMs: 20_000, firstByteMs: 20_000, silenceMs: 20_000 };
  for (let turns = 0; turns < 12; turns++) {
    const store = storeAt(server.addr.port, limits, 1);
    const closed = Promise.withResolvers<void>();
    const close = (left: number): unknown =>
      left > 0 ? process.nextTick(close, left - 1) : store.close().then(closed.resolve);
    // Published when the head of a reply has come.
    const onReply = () => void close(turns);
    subscribe("http.client.response.finish", onReply);
    await store.reach().catch(() => {}); // a reply that was read before is an answer
    await closed.promise;
    unsubscribe("http.client.response.finish", onReply);
  }
  await server.shutdown();
});
