// Uploads by tus are those of every door, and continue at every door.

import { assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount, openInProcess } from "../../support/in_process.ts";
import { openWebDoor } from "../../../server/web/door.ts";
import { is, login, MIB, randomBytes, until } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { Tus } from "../../support/tus.ts";
import { holdsWeb, holdsWebOnDisk, WebClient } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";
import { ALICE, HOST, RawWeb } from "../../support/web_raw.ts";
import { diskTest, STEPS } from "../../support/engine.ts";

const content = randomBytes(2 * MIB);
const HALF = MIB;
const characters = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** The head of a request that brings the first half, and says that more is to come. */
function hangingPatch(location: string): string {
  return `PATCH ${location} HTTP/1.1\r\n${HOST}${ALICE}Tus-Resumable: 1.0.0\r\n` +
    "Content-Type: application/offset+octet-stream\r\n" +
    `Upload-Offset: 0\r\nContent-Length: ${content.length}\r\n\r\n`;
}

holdsWeb("an upload of the native door goes on by tus, proved by its prefix", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const native = await login(bench.server);
  const ready = is(await native.ask("UPLOAD", { filename: "a", file_size: content.length }), "OK");
  await native.data(content.subarray(0, HALF));
  native[Symbol.dispose]();
  const location = `/tus/${ready.temp_id}`;
  await until("it is kept", async () => (await tus.head(location)).offset === HALF);
  const { headers } = await tus.head(location);
  const prefix = Uint8Array.fromHex(sha256(content.subarray(0, HALF))).toBase64();
  assertEquals(headers.get("upload-prefix-digest"), `sha-256=:${prefix}:`);
  assertEquals((await tus.patch(location, HALF, content.slice(HALF))).status, 204);
  assertEquals((await tus.program.ask("/files/a")).bytes, content);
});

holdsWeb("an upload by tus goes on by the native door, which takes it over", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(content.length, { path: "/a" });
  await tus.patch(location, 0, content.slice(0, HALF));
  using native = await login(bench.server);
  const temp_id = location.slice("/tus/".length);
  const resumed = is(await native.ask("RESUME", { temp_id }), "OK");
  assertStrictEquals(resumed.offset, HALF);
  await native.data(content.subarray(HALF));
  await native.send("END", {});
  is(await native.reply(), "OK", 226);
  assertEquals((await tus.program.ask("/files/a")).bytes, content);
});

holdsWeb("a request that hangs is succeeded by the next", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(content.length, { path: "/a" });
  using hanging = await RawWeb.open(bench);
  await hanging.send(hangingPatch(location));
  await hanging.send(characters(content.subarray(0, HALF)));
  await until("some of it came", async () => (await tus.head(location)).offset > 0);
  const { offset } = await tus.head(location);
  assertEquals((await tus.patch(location, offset, content.slice(offset))).status, 204);
  assertEquals((await tus.program.ask("/files/a")).bytes, content);
});

holdsWeb("the received part of a request whose connection ends is kept", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(content.length, { path: "/a" });
  const cut = await RawWeb.open(bench);
  await cut.send(hangingPatch(location));
  await cut.send(characters(content.subarray(0, HALF)));
  cut[Symbol.dispose]();
  const offsetNow = async () =>
    (await tus.program.ask("/uploads")).json.uploads[0]?.offset as number;
  await until("all that was sent is there", async () => await offsetNow() === HALF);
  assertEquals((await tus.patch(location, HALF, content.slice(HALF))).status, 204);
  assertEquals((await tus.program.ask("/files/a")).bytes, content);
});

diskTest("an upload goes on after the server was stopped and started", async () => {
  const data = await Deno.makeTempDir();
  try {
    let location = "";
    for (const start of [0, HALF]) {
      await using server = await openInProcess({ data });
      const web = await openWebDoor(server.doorOptions);
      const client = new WebClient(web.port, server.caText);
      const tus = new Tus(new WebProgram(client, basic("alice")));
      try {
        if (start === 0) location = await tus.create(content.length, { path: "/a" });
        assertStrictEquals((await tus.head(location)).offset, start);
        const sent = await tus.patch(location, start, content.slice(start, start + HALF));
        assertEquals(sent.status, 204);
      } finally {
        client.close();
        await web.close(0);
      }
    }
    const stored = await Deno.readFile(`${data}/users/a/alice/files/a`);
    assertEquals(sha256(stored), sha256(content));
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

holdsWeb("an upload ends where the right to write does, and is kept", async (bench) => {
  const { server } = bench;
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(content.length, { path: "/a" });
  await tus.patch(location, 0, content.slice(0, HALF));
  await addAccount(server.vault, "root", "rwcdt");
  using root = await login(server, "root");
  is(await root.ask("TRANS", { username: "alice", permissions: "r" }), "OK");
  const denied = await tus.patch(location, HALF, content.slice(HALF));
  assertEquals(denied.status, 403);
  is(await root.ask("TRANS", { username: "alice", permissions: "rw" }), "OK");
  assertEquals((await tus.patch(location, HALF, content.slice(HALF))).status, 204);
});

holdsWeb("an upload belongs to its account", async (bench) => {
  await addAccount(bench.server.vault, "bob");
  const alice = new Tus(await WebProgram.login(bench));
  const bob = new Tus(await WebProgram.login(bench, "bob"));
  const location = await alice.create(3, { path: "/a" });
  assertEquals((await bob.head(location)).status, 404);
  assertEquals((await bob.patch(location, 0, "abc")).status, 404);
  assertEquals((await bob.ask("DELETE", location)).status, 404);
  await alice.patch(location, 0, "abc");
  assertEquals((await bob.head(location)).status, 404); // also once it is a file
});

holdsWeb("no more is taken than the quota allows", async (bench) => {
  const { server } = bench;
  await addAccount(server.vault, "poor", "rwcd", 1000);
  const poor = new Tus(await WebProgram.login(bench, "poor"));
  const create = (headers: Record<string, string>) =>
    poor.ask("POST", "/tus/", headers, { path: "/a" });
  assertEquals((await create({ "upload-length": "1001" })).status, 507);
  const late = (await create({ "upload-defer-length": "1" })).headers.get("location")!;
  assertEquals((await poor.patch(late, 0, "x".repeat(600))).status, 204);
  const much = await poor.patch(late, 600, "x".repeat(600));
  assertEquals([much.status, much.json.kind], [507, "quota"]);
  const put = await poor.program.ask("/files/b", { method: "PUT", body: "x".repeat(700) });
  assertEquals(put.status, 507);
});

holdsWebOnDisk("a small file whose creation was cut leaves nothing behind", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const cut = await RawWeb.open(bench);
  await cut.send(
    `POST /tus/ HTTP/1.1\r\n${HOST}${ALICE}Tus-Resumable: 1.0.0\r\n` +
      "Content-Type: application/offset+octet-stream\r\nUpload-Metadata: path L2E=\r\n" +
      `Upload-Length: ${content.length}\r\nContent-Length: ${content.length}\r\n\r\n`,
  );
  await cut.send(characters(content.subarray(0, HALF)));
  const parts = async () =>
    (await Array.fromAsync(Deno.readDir(`${bench.server.data}/users/a/alice/parts`))).length;
  await until("it has begun", async () => await parts() > 0);
  cut[Symbol.dispose]();
  await until("it is gone", async () => await parts() === 0);
  assertEquals((await tus.program.ask("/uploads")).json.uploads, []);
});

const ending = Promise.withResolvers<void>();
const mayEnd = Promise.withResolvers<void>();
const step = async (name: string) => {
  if (name !== STEPS.stored) return;
  ending.resolve();
  await mayEnd.promise;
};

holdsWeb("of two that end an upload at once both get the result", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(content.length, { path: "/a" });
  const first = tus.patch(location, 0, content);
  await ending.promise;
  const again = tus.patch(location, content.length, "");
  mayEnd.resolve();
  for (const { status, headers } of [await first, await again]) {
    assertEquals([status, headers.get("content-location")], [204, "/a"]);
  }
  assertEquals((await tus.program.ask("/files/a")).bytes, content);
}, { step });
