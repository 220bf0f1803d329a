// Two requests that write to one upload (FAULTS: two writers at the same offset, half-dead connections).

import { assert, assertEquals } from "@std/assert";
import { randomBytes } from "../../support/native.ts";
import { holdsWeb, type WebClient } from "../../support/web.ts";
import { ALICE, HOST, RawWeb, statusesIn } from "../../support/web_raw.ts";

/** The end of a response that tells what failed. */
const WHOLE = /\r\n\r\n\{.*\}$/;

const TUS = { "tus-resumable": "1.0.0" };

function create(client: WebClient, path: string, size: number): Promise<Response> {
  const metadata = `path ${btoa(path)}`;
  const headers = { ...TUS, "upload-length": String(size), "upload-metadata": metadata };
  return client.fetch("/tus/", { method: "POST", headers });
}

async function patch(client: WebClient, at: string, offset: number, body: Uint8Array<ArrayBuffer>) {
  const type = "application/offset+octet-stream";
  const headers = { ...TUS, "content-type": type, "upload-offset": String(offset) };
  const reply = await client.fetch(at, { method: "PATCH", headers, body });
  await reply.body?.cancel();
  return reply.status;
}

holdsWeb("of several requests with the same bytes exactly one writes them", async ({ alice }) => {
  const content = new Uint8Array(randomBytes(1_000_000));
  const at = (await create(alice, "/a", content.length)).headers.get("location")!;
  const statuses = await Promise.all(Array.from({ length: 6 }, () => patch(alice, at, 0, content)));
  assertEquals(statuses.sort(), [204, 409, 409, 409, 409, 409]);
  const stored = await alice.fetch("/raw/a");
  assertEquals(new Uint8Array(await stored.arrayBuffer()), content);
});

holdsWeb(
  "a request at a wrong offset ends no other; one at the right offset takes over",
  async (bench) => {
    const { alice } = bench;
    const content = randomBytes(100_000);
    const text = Array.from(content, (byte) => String.fromCharCode(byte)).join("");
    const headers = `${HOST}${ALICE}Tus-Resumable: 1.0.0\r\n`;
    using first = await RawWeb.open(bench);
    await first.send(
      `POST /tus/ HTTP/1.1\r\n${headers}Upload-Length: 100000\r\nUpload-Metadata: path YQ==\r\n\r\n`,
    );
    const at = /location: (\S+)/.exec(await first.read(/\r\n\r\n/))![1]!;
    const piece = (offset: number, bytes: string, length = bytes.length) =>
      `PATCH ${at} HTTP/1.1\r\n${headers}Content-Type: application/offset+octet-stream\r\n` +
      `Upload-Offset: ${offset}\r\nContent-Length: ${length}\r\n\r\n${bytes}`;
    await first.send(piece(0, text.slice(0, 1000), 2000));
    using second = await RawWeb.open(bench);
    let sent = 1000;
    for (let reached = 0; reached === 0; sent++) {
      assert(sent < 1900, "the first piece is taken");
      await first.send(text[sent]!);
      await second.send(piece(2007, "x"));
      const refused = await second.read(WHOLE);
      assertEquals(statusesIn(refused), [409]);
      reached = Number(/upload-offset: (\d+)/.exec(refused)![1]);
    }
    await first.send(text.slice(sent, 2000));
    assertEquals(statusesIn(await first.read(/\r\n\r\n/)), [204]);

    await first.send(piece(2000, text.slice(2000, 3000), 98_000)); // and then it hangs
    await second.send(`HEAD ${at} HTTP/1.1\r\n${headers}\r\n`);
    const offset = Number(/upload-offset: (\d+)/.exec(await second.read(/\r\n\r\n/))![1]);
    assert(offset >= 2000);
    await second.send(piece(offset, text.slice(offset)));
    assertEquals(statusesIn(await second.read(/\r\n\r\n/)), [204]);
    await first.send(text.slice(3000)).catch(() => {});
    assertEquals(statusesIn(await first.read(WHOLE)), [409]);
    const stored = await alice.fetch("/raw/a");
    assertEquals(new Uint8Array(await stored.arrayBuffer()), content);
  },
);
