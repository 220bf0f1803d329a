// How long a peer may keep the web door waiting (FAULTS: silent sockets, bytes that drip in).

import { delay } from "@std/async";
import { assert, assertEquals } from "@std/assert";
import { ByteSource } from "../../../server/web/http/byte_source.ts";
import { holdsWeb } from "../../support/web.ts";
import { ALICE, HOST, rawExchange, RawWeb, statusesIn } from "../../support/web_raw.ts";

const limits = { idleTimeoutMs: 700 };

/** Sends one byte after the other, each within the silence that is allowed, until it is cut off. */
async function drip(connection: RawWeb): Promise<number> {
  const begun = performance.now();
  let cut = false;
  const read = connection.read().catch(() => "").finally(() => cut = true);
  while (!cut) {
    await connection.send("a").catch(() => {});
    await delay(100);
  }
  await read;
  return performance.now() - begun;
}

holdsWeb("a body that drips in is waited for no longer than a silence may be", async (bench) => {
  for (
    const head of [
      `POST /sign-in HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\n` +
      "Content-Length: 200000\r\n\r\n",
      `POST /nowhere HTTP/1.1\r\n${HOST}Content-Length: 200000\r\n\r\n`,
      `POST /tus/ HTTP/1.1\r\n${HOST}${ALICE}Tus-Resumable: 1.0.0\r\nUpload-Length: 200000\r\n` +
      `Upload-Metadata: path YQ==\r\nContent-Type: application/offset+octet-stream\r\n` +
      "Content-Length: 200000\r\n\r\n",
    ]
  ) {
    using connection = await RawWeb.open(bench);
    await connection.send(head);
    const lasted = await drip(connection);
    assert(lasted < 15_000, `${head.slice(0, 20)} lasted ${lasted} ms`);
  }
}, { limits });

holdsWeb("silence ends a connection, and so do empty lines without end", async (bench) => {
  for (const text of ["", "\r\n"]) {
    using connection = await RawWeb.open(bench);
    await connection.send(text);
    assertEquals(await connection.read(), "");
  }
  assertEquals(statusesIn(await rawExchange(bench, "\r\n".repeat(1000))), [400]);
}, { limits });

Deno.test("a connection waits a minute at most for a request, a quarter for its head", async () => {
  const expected: number[] = [];
  const clock = { idleMs: 300_000, rest: () => {}, expect: (ms: number) => void expected.push(ms) };
  const pieces = ["GET / HTTP/1.1\r\n", "Host: a\r\n\r\n"].map((text) =>
    new TextEncoder().encode(text)
  );
  const connection = {
    read(into: Uint8Array) {
      const piece = pieces.shift();
      if (piece) into.set(piece);
      return Promise.resolve(piece?.length ?? null);
    },
  };
  const source = new ByteSource(connection as unknown as Deno.Conn, clock);
  assertEquals(await source.head(), "GET / HTTP/1.1\r\nHost: a");
  assertEquals(expected, [60_000, 15_000]);
});
