// Uploads by tus 1.0.0: creation, pieces, checksums, ends.

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { MIB, randomBytes } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { base64, Tus } from "../../support/tus.ts";
import { holdsWeb } from "../../support/web.ts";
import { tokenOf, WebProgram } from "../../support/web_program.ts";
import { uploadsIn } from "../../support/vault.ts";

const digest = (hash: string) => `sha-256=:${Uint8Array.fromHex(hash).toBase64()}:`;

holdsWeb("a server reports its capabilities without a login", async (bench) => {
  const tus = new Tus(new WebProgram(await bench.browser(), ""));
  const { status, headers } = await tus.ask("OPTIONS", "/tus/");
  assertEquals(status, 204);
  assertEquals(headers.get("tus-version"), "1.0.0");
  for (
    const extension of [
      "creation",
      "creation-with-upload",
      "creation-defer-length",
      "checksum",
      "termination",
      "expiration",
    ]
  ) {
    assert(headers.get("tus-extension")!.split(",").includes(extension), extension);
  }
  assertEquals(headers.get("tus-checksum-algorithm"), "sha1,sha256");
});

holdsWeb("a file comes in pieces, and is there when the last one is", async (bench) => {
  const tus = new Tus(new WebProgram(await bench.browser(), await tokenOf(bench.server)));
  const content = randomBytes(2 * MIB);
  const location = await tus.create(content.length, { path: "/in/ä.bin", lastmodified: "1500" });
  const begun = await tus.head(location);
  assertEquals([begun.offset, begun.length], [0, content.length]);
  assert(Date.parse(begun.headers.get("upload-expires")!) > Date.now());
  assertEquals(begun.headers.get("cache-control"), "no-store");
  const first = await tus.patch(location, 0, content.slice(0, 700_000));
  assertEquals([first.status, first.headers.get("upload-offset")], [204, "700000"]);
  const half = await tus.head(location);
  assertEquals(half.offset, 700_000);
  assertEquals(half.headers.get("upload-prefix-digest"), digest(sha256(content.slice(0, 700_000))));
  assertEquals((await tus.program.ask("/files/in/ä.bin")).status, 404);
  const last = await tus.patch(location, 700_000, content.slice(700_000));
  assertEquals(last.status, 204);
  assertEquals(last.headers.get("content-location"), "/in/%C3%A4.bin");
  assertEquals(last.headers.get("repr-digest"), digest(sha256(content)));
  assertEquals((await tus.program.ask("/files/in/ä.bin")).bytes, content);
  assertEquals((await tus.program.ask("/info/in/ä.bin")).json.mtimeMs, 1500);
  // A client that got no reply at the end asks again.
  const after = await tus.head(location);
  assertEquals(after.offset, content.length);
  assertEquals(after.headers.get("content-location"), "/in/%C3%A4.bin");
  assertEquals((await tus.patch(location, content.length, new Uint8Array())).status, 204);
  assertEquals((await tus.patch(location, 0, content.slice(0, 5))).status, 409);
});

holdsWeb("an offset that is not the upload's changes nothing", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(10, { path: "/a" });
  await tus.patch(location, 0, "abc");
  for (const offset of [0, 2, 4, 10]) {
    const { status, headers, json } = await tus.patch(location, offset, "x");
    assertEquals([status, json.kind, headers.get("upload-offset")], [409, "offset", "3"]);
  }
  for (const offset of ["-1", "x", "1.0", "9007199254740993"]) {
    assertEquals((await tus.patch(location, offset, "x")).status, 400);
  }
  assertEquals((await tus.patch(location, 3, "defghijk")).status, 413); // one too many
  const last = await tus.patch(location, 3, "defghij");
  assertEquals(last.headers.get("repr-digest"), digest(sha256("abcdefghij")));
});

holdsWeb("small files come with their creation, empty ones end at once", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const hash = sha256("content");
  const created = await tus.createWith("content", { path: "/d/a", sha256: hash });
  assertEquals(created.status, 201);
  assertEquals(created.headers.get("upload-offset"), "7");
  assertStrictEquals(created.headers.get("repr-digest"), digest(hash));
  assertMatch(created.headers.get("location")!, /^\/tus\/[0-9a-f]{32}$/);
  const empty = await tus.ask("POST", "/tus/", { "upload-length": "0" }, { path: "/d/empty" });
  assertEquals(empty.status, 201);
  assertEquals((await tus.program.ask("/files/d/empty")).text, "");
  const wrong = await tus.createWith("content", { path: "/d/b", sha256: sha256("other") });
  assertEquals([wrong.status, wrong.json.kind], [460, "checksum"]);
  assertEquals((await tus.program.ask("/files/d/b")).status, 404);
});

holdsWeb("a length that is announced late holds from then on", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const { headers } = await tus.ask("POST", "/tus", { "upload-defer-length": "1" }, { path: "/a" });
  const location = headers.get("location")!;
  await tus.patch(location, 0, "abc");
  const begun = await tus.head(location);
  assertEquals([begun.headers.get("upload-defer-length"), begun.length], ["1", undefined]);
  assertEquals((await tus.patch(location, 3, "", { "upload-length": "2" })).status, 400);
  await tus.patch(location, 3, "d", { "upload-length": "6" });
  assertEquals((await tus.head(location)).length, 6);
  assertEquals((await tus.patch(location, 4, "", { "upload-length": "7" })).status, 400);
  await tus.patch(location, 4, "ef");
  assertEquals((await tus.program.ask("/files/a")).text, "abcdef");
});

holdsWeb("a piece that is not what its checksum says is thrown away", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(6, { path: "/a" });
  const sum = (name: string, text: string) => ({
    "upload-checksum": `${name} ${createHash(name).update(text).digest("base64")}`,
  });
  assertEquals((await tus.patch(location, 0, "abc", sum("sha256", "abc"))).status, 204);
  const wrong = await tus.patch(location, 3, "xyz", sum("sha1", "def"));
  assertEquals([wrong.status, wrong.json.kind], [460, "checksum"]);
  assertEquals((await tus.head(location)).offset, 3);
  assertEquals((await tus.patch(location, 3, "def", sum("md5", "def"))).status, 400);
  const last = await tus.patch(location, 3, "def", sum("sha1", "def"));
  assertEquals(last.headers.get("repr-digest"), digest(sha256("abcdef")));
});

holdsWeb("the checksum of the whole file is held to at its end", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const finish = async (path: string, hash: string) => {
    const location = await tus.create(6, { path });
    await tus.patch(location, 0, "abc");
    const metadata = `sha256 ${base64(hash)}`;
    return [
      await tus.patch(location, 3, "def", { "upload-metadata": metadata }),
      location,
    ] as const;
  };
  const [right] = await finish("/a", sha256("abcdef"));
  assertEquals(right.status, 204);
  const [wrong, location] = await finish("/b", sha256("abcdeg"));
  assertEquals(wrong.status, 460);
  assertEquals((await tus.program.ask("/files/b")).status, 404);
  assertEquals((await tus.head(location)).status, 404);
});

holdsWeb("names that are taken are versioned, skipped or refused", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const put = (text: string, ifexists: string) =>
    tus.createWith(text, { path: "/a", ifexists, sha256: sha256(text) });
  assertEquals((await put("one", "fail")).status, 201);
  assertEquals((await put("two", "version")).headers.get("content-location"), "/a_v2");
  const skipped = await put("two", "skip");
  assertEquals(
    [skipped.status, skipped.headers.get("content-location"), skipped.headers.get("upload-offset")],
    [201, "/a_v2", "3"],
  );
  assertEquals((await tus.head(skipped.headers.get("location")!)).offset, 3);
  assertEquals((await put("three", "fail")).status, 409);
  assertEquals((await put("three", "overwrite")).headers.get("content-location"), "/a");
  assertEquals((await put("three", "maybe")).status, 400);
});

holdsWeb("an upload that is not wanted any more is dropped", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const location = await tus.create(10, { path: "/a" });
  await tus.patch(location, 0, "abc");
  assertEquals((await tus.ask("GET", location)).status, 405);
  assertEquals((await tus.ask("DELETE", location)).status, 204);
  for (const method of ["HEAD", "GET", "DELETE"]) {
    assertEquals((await tus.ask(method, location)).status, 404);
  }
  assertEquals((await tus.patch(location, 3, "d")).status, 404);
  assertEquals((await tus.program.ask("/uploads")).json.uploads, []);
});

holdsWeb("requests that are none are refused, and make nothing", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  const create = async (headers: Record<string, string>) =>
    (await tus.program.ask("/tus/", { method: "POST", headers })).status;
  const [tusHeader, path] = [{ "tus-resumable": "1.0.0" }, { "upload-metadata": "path L2E=" }];
  assertEquals(await create({ ...path, "upload-length": "1" }), 412);
  assertEquals(await create({ ...path, "upload-length": "1", "tus-resumable": "0.2.2" }), 412);
  assertEquals(await create({ ...tusHeader, "upload-length": "1" }), 400);
  assertEquals(await create({ ...tusHeader, ...path }), 400);
  assertEquals(await create({ ...tusHeader, ...path, "upload-length": "-1" }), 400);
  const both = { "upload-length": "1", "upload-defer-length": "1" };
  assertEquals(await create({ ...tusHeader, ...path, ...both }), 400);
  for (const metadata of ["path !", "path L2E=, path L2E=", "path /w==", "path L2E=,sha256 eA=="]) {
    const headers = { ...tusHeader, "upload-length": "1", "upload-metadata": metadata };
    assertEquals(await create(headers), 400, metadata);
  }
  const location = await tus.create(3, { path: "/a" });
  const type = { ...tusHeader, "upload-offset": "0", "content-type": "text/plain" };
  const patch = { method: "PATCH", headers: type, body: "abc" };
  assertEquals((await tus.program.ask(location, patch)).status, 415);
  assertEquals((await tus.program.ask(location, { method: "PUT", body: "x" })).status, 404);
  // Behind a proxy that knows no PATCH.
  const override = { ...type, "content-type": "application/offset+octet-stream" };
  const request = {
    method: "POST",
    body: "abc",
    headers: { ...override, "x-http-method-override": "PATCH" },
  };
  assertEquals((await tus.program.ask(location, request)).status, 204);
});

holdsWeb("metadata is returned as it was given, before and after the last byte", async (bench) => {
  const tus = new Tus(await WebProgram.login(bench));
  // Not as this server would write it: an empty value, an unknown key, spaces, another order.
  const given = "nonlatin c8WCb8WEY2U=, filename L2FiYw==,is_confidential,custom   eA==";
  const headers = { "upload-length": "3", "upload-metadata": given };
  const created = await tus.ask("POST", "/tus/", headers);
  const location = created.headers.get("location")!;
  const reported = async () => (await tus.head(location)).headers.get("upload-metadata");
  assertStrictEquals(await reported(), given);
  await tus.patch(location, 0, "ab");
  assertStrictEquals(await reported(), given);
  assertEquals((await tus.patch(location, 2, "c")).status, 204);
  assertStrictEquals(await reported(), given);
  const leads = await tus.ask("GET", location);
  assertEquals(leads.headers.get("location"), "/api/v1/files/abc");
  assertEquals((await tus.ask("DELETE", location)).status, 204);
  assertEquals((await tus.head(location)).status, 404);
  assertEquals((await tus.program.ask("/files/abc")).text, "abc"); // its file stays
  // With its creation, in one request.
  const withBody = { ...headers, "content-type": "application/offset+octet-stream" };
  const at = (await tus.ask("POST", "/tus/", withBody, undefined, "abc")).headers.get("location")!;
  assertStrictEquals((await tus.head(at)).headers.get("upload-metadata"), given);
});

holdsWeb(
  "extensions that are not advertised are refused, and no number is too long",
  async (bench) => {
    const tus = new Tus(await WebProgram.login(bench));
    const path = { path: "/a" };
    const concat = { "upload-length": "3", "upload-concat": "partial" };
    assertEquals((await tus.ask("POST", "/tus/", concat, path)).status, 400);
    const status = async (length: string) =>
      (await tus.ask("POST", "/tus/", { "upload-length": length }, path)).status;
    assertEquals(await status("9007199254740992"), 413);
    assertEquals(await status("99999999999999999999"), 413);
    assertEquals(await status("-1"), 400);
    const location = await tus.create(3, path);
    assertEquals((await tus.patch(location, "99999999999999999999", "x")).status, 400);
    assertEquals((await uploadsIn(bench.server.engine, "alice")).length, 1);
  },
);
