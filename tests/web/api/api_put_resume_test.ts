// PUT that was cut, and goes on by Content-Range, on the parts of every door.

import { assertEquals } from "@std/assert";
import { is, login, MIB, randomBytes, until } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { holdsWeb, type WebBench } from "../../support/web.ts";
import { ALICE, HOST, RawWeb } from "../../support/web_raw.ts";
import { type Answer, WebProgram } from "../../support/web_program.ts";

const content = randomBytes(3 * MIB);

/** Sends a part of the content. @param upload the id of the upload that it continues */
function part(
  program: WebProgram,
  start: number,
  end: number,
  { upload, total = 3 * MIB, digest }: { upload?: string; total?: number | "*"; digest?: string } =
    {},
) {
  return program.ask(`/files/a.bin${upload === undefined ? "" : `?upload=${upload}`}`, {
    method: "PUT",
    body: content.slice(start, end),
    headers: {
      "content-range": `bytes ${start}-${end - 1}/${total}`,
      ...(digest !== undefined && { "repr-digest": digest }),
    },
  });
}

function digestOf(hash: string): string {
  return `sha-256=:${Uint8Array.fromHex(hash).toBase64()}:`;
}

async function unfinished(program: WebProgram): Promise<{ id: string; offset: number }[]> {
  return (await program.ask("/uploads")).json.uploads;
}

async function assertStored(program: WebProgram, last: Answer): Promise<void> {
  assertEquals(last.status, 201, last.text);
  assertEquals(last.json.hash, sha256(content));
  assertEquals((await program.ask("/files/a.bin")).bytes, content);
  assertEquals(await unfinished(program), []);
}

holdsWeb("a file comes in parts, each where the one before ended", async (bench) => {
  const alice = await WebProgram.login(bench);
  const first = await part(alice, 0, MIB);
  assertEquals([first.status, first.json.offset], [202, MIB]);
  assertEquals((await alice.ask("/files/a.bin")).status, 404); // nothing half-done is visible
  const upload = first.json.id;
  const gap = await part(alice, 2 * MIB, 3 * MIB, { upload });
  assertEquals([gap.status, gap.json.offset], [409, MIB]);
  // The sender may know of less than came.
  assertEquals((await part(alice, MIB / 2, 2 * MIB, { upload })).status, 202);
  await assertStored(alice, await part(alice, 2 * MIB, 3 * MIB, { upload }));
});

holdsWeb("a PUT whose connection ends is kept, and goes on", async (bench: WebBench) => {
  const alice = await WebProgram.login(bench);
  const raw = await RawWeb.open(bench);
  await raw.send(
    `PUT /api/v1/files/a.bin HTTP/1.1\r\n${HOST}${ALICE}Content-Length: ${3 * MIB}\r\n\r\n`,
  );
  await raw.send(
    Array.from(content.subarray(0, MIB), (byte) => String.fromCharCode(byte)).join(""),
  );
  await until("some of it came", async () => ((await unfinished(alice))[0]?.offset ?? 0) > 0);
  raw[Symbol.dispose]();
  await until(
    "all that was sent is kept",
    async () => (await unfinished(alice))[0]?.offset === MIB,
  );
  const [{ id } = { id: "" }] = await unfinished(alice);
  await assertStored(alice, await part(alice, MIB, 3 * MIB, { upload: id }));
});

holdsWeb("an upload of the native door goes on by PUT", async (bench) => {
  const alice = await WebProgram.login(bench);
  using native = await login(bench.server);
  is(await native.ask("UPLOAD", { filename: "a.bin", file_size: 3 * MIB }), "OK");
  await native.data(content.subarray(0, MIB));
  native[Symbol.dispose]();
  await until("it is kept", async () => (await unfinished(alice))[0]?.offset === MIB);
  const digest = digestOf(sha256(content));
  await assertStored(alice, await part(alice, MIB, 3 * MIB, { digest }));
});

holdsWeb("a name and a size do not identify the upload to continue", async (bench) => {
  const alice = await WebProgram.login(bench);
  const { id } = (await part(alice, 0, MIB)).json;
  const refused = await part(alice, MIB, 3 * MIB);
  assertEquals([refused.status, refused.json.kind, refused.json.offset], [409, "offset", 0]);
  const others: [string, Record<string, string>][] = [
    ["an unknown id", { upload: "0".repeat(32) }],
    ["the checksum of other content, once another was announced", {
      digest: digestOf(sha256("other")),
    }],
  ];
  const digest = digestOf(sha256(content));
  assertEquals((await part(alice, MIB, 2 * MIB, { digest })).status, 202);
  for (const [why, proof] of others) {
    const { status, json } = await part(alice, 2 * MIB, 3 * MIB, proof);
    assertEquals([status, json.offset], [409, 0], why);
  }
  // An id is of one path only.
  const elsewhere = await alice.ask(`/files/b.bin?upload=${id}`, {
    method: "PUT",
    body: content.slice(2 * MIB),
    headers: { "content-range": `bytes ${2 * MIB}-${3 * MIB - 1}/${3 * MIB}` },
  });
  assertEquals(elsewhere.status, 409);
  const [{ offset } = { offset: 0 }] = await unfinished(alice);
  assertEquals(offset, 2 * MIB);
  await assertStored(alice, await part(alice, 2 * MIB, 3 * MIB, { upload: id }));
});

holdsWeb("a Content-Range that does not fit is refused", async (bench) => {
  const alice = await WebProgram.login(bench);
  for (
    const range of ["bytes 0-9/5", "bytes 5-4/9", "bytes 0-0/*", "bytes */9", "x", "bytes 0-2"]
  ) {
    const { status } = await alice.ask("/files/a", {
      method: "PUT",
      body: "four",
      headers: { "content-range": range },
    });
    assertEquals(status, 400, range);
  }
  const none = await part(alice, MIB, 3 * MIB);
  assertEquals([none.status, none.json.offset], [409, 0]);
});

holdsWeb("the digest of the whole file is held to at the end", async (bench) => {
  const alice = await WebProgram.login(bench);
  await part(alice, 0, MIB);
  const last = await alice.ask("/files/a.bin", {
    method: "PUT",
    body: content.slice(MIB),
    headers: {
      "content-range": `bytes ${MIB}-${3 * MIB - 1}/${3 * MIB}`,
      "repr-digest": digestOf(sha256("other")),
    },
  });
  assertEquals(last.status, 422);
  assertEquals((await alice.ask("/files/a.bin")).status, 404);
  assertEquals(await unfinished(alice), []);
});
