// Files by the HTTP API: reading, ranges, validators, digests, storing, removing.

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { randomBytes } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { holdsWeb, holdsWebOnDisk } from "../../support/web.ts";
import { WebProgram } from "../../support/web_program.ts";

const base64 = (hash: string) => Uint8Array.fromHex(hash).toBase64();

/** A script: as a page of ours it could do everything. */
const SCRIPT = "<script>fetch('/account')</script>";

holdsWeb("stored content comes back, with its checksum in every form", async (bench) => {
  const alice = await WebProgram.login(bench);
  const content = randomBytes(700_000);
  const hash = sha256(content);
  const put = await alice.ask("/files/a%20b/ä.bin", { method: "PUT", body: content });
  assertEquals(put.status, 201);
  const { mtimeMs, ...stored } = put.json;
  assertEquals(stored, { path: "/a b/ä.bin", size: 700_000, hash, version: 1 });
  assertEquals(put.headers.get("etag"), `"${hash}"`);
  assertEquals(put.headers.get("content-location"), "/api/v1/files/a%20b/%C3%A4.bin");
  for (const method of ["GET", "HEAD"]) {
    const got = await alice.ask("/files/a%20b/%C3%A4.bin", { method });
    assertEquals(got.status, 200);
    assertEquals(got.bytes, method === "GET" ? content : new Uint8Array());
    assertEquals(got.headers.get("content-length"), "700000");
    assertEquals(got.headers.get("etag"), `"${hash}"`);
    assertEquals(got.headers.get("repr-digest"), `sha-256=:${base64(hash)}:`);
    assertEquals(got.headers.get("digest"), `sha-256=${base64(hash)}`);
    assertEquals(Date.parse(got.headers.get("last-modified")!), Math.floor(mtimeMs / 1000) * 1000);
  }
});

holdsWeb("content by the API runs nowhere: no type, a download, sandboxed", async (bench) => {
  const alice = await WebProgram.login(bench);
  for (const name of ["evil.html", "evil.svg", "evil.xml", "evil.js", "evil.pdf"]) {
    await alice.ask(`/files/${name}`, { method: "PUT", body: SCRIPT });
    const { headers } = await alice.ask(`/files/${name}`);
    assertEquals(headers.get("content-type"), "application/octet-stream");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertMatch(headers.get("content-disposition")!, /^attachment;/);
    assertMatch(headers.get("content-security-policy")!, /^sandbox; default-src 'none'/);
  }
  const { headers, text } = await alice.ask(`/files/${encodeURIComponent(SCRIPT)}`);
  assertMatch(headers.get("content-type")!, /^application\/problem\+json/);
  assert(JSON.parse(text).detail.includes("script"));
});

holdsWeb("ranges: one is sent, several are answered whole, none in reach is 416", async (bench) => {
  const alice = await WebProgram.login(bench);
  const content = randomBytes(1000);
  await alice.ask("/files/a", { method: "PUT", body: content });
  const ranges: [string, number, number, number][] = [
    ["bytes=0-0", 206, 0, 1],
    ["bytes=10-19", 206, 10, 20],
    ["bytes=990-", 206, 990, 1000],
    ["bytes=990-5000", 206, 990, 1000],
    ["bytes=-7", 206, 993, 1000],
    ["bytes=-5000", 206, 0, 1000],
    // However many digits: 2^53, 2^64 and more are positions behind the end.
    ["bytes=0-9007199254740993", 206, 0, 1000],
    ["bytes=10-99999999999999999999", 206, 10, 1000],
    [`bytes=0-${"9".repeat(400)}`, 206, 0, 1000],
    ["bytes=-18446744073709551617", 206, 0, 1000],
    ["bytes=00000000000000000010-00000000000000000019", 206, 10, 20],
    ["Bytes=10-19", 206, 10, 20],
    ["bytes=99999999999999999999-", 416, 0, 0],
    ["bytes=18446744073709551616-18446744073709551617", 416, 0, 0],
    ["bytes=99999999999999999999-5", 200, 0, 1000],
    ["bytes=0-99999999999999999999,5-6", 200, 0, 1000],
    ["bytes=-", 200, 0, 1000],
    ["bytes=+1-5", 200, 0, 1000],
    ["bytes=1-5e3", 200, 0, 1000],
    ["bytes=0-1,5-6", 200, 0, 1000],
    ["lines=0-1", 200, 0, 1000],
    ["bytes=20-10", 200, 0, 1000],
    ["bytes=1000-", 416, 0, 0],
    ["bytes=-0", 416, 0, 0],
  ];
  for (const [range, status, start, end] of ranges) {
    const got = await alice.ask("/files/a", { headers: { range } });
    assertStrictEquals(got.status, status, range);
    if (status === 416) assertEquals(got.headers.get("content-range"), "bytes */1000");
    else assertEquals(got.bytes, content.slice(start, end), range);
    if (status === 206) {
      assertEquals(got.headers.get("content-range"), `bytes ${start}-${end - 1}/1000`);
    }
  }
  const whole = { range: "bytes=0-0", "if-range": `"${sha256("other")}"` };
  assertEquals((await alice.ask("/files/a", { headers: whole })).bytes.length, 1000);
  const same = { range: "bytes=0-0", "if-range": `"${sha256(content)}"` };
  assertEquals((await alice.ask("/files/a", { headers: same })).bytes.length, 1);
});

holdsWeb("a file is written only as it is known to be", async (bench) => {
  const alice = await WebProgram.login(bench);
  const put = async (body: string, headers: Record<string, string> = {}) =>
    (await alice.ask("/files/a", { method: "PUT", body, headers })).status;
  const [one, two] = [`"${sha256("one")}"`, `"${sha256("two")}"`];
  assertEquals(await put("x", { "if-match": one }), 412);
  assertEquals(await put("x", { "if-match": "*" }), 412);
  assertEquals(await put("one", { "if-none-match": "*" }), 201);
  assertEquals(await put("x", { "if-none-match": "*" }), 412);
  assertEquals(await put("x", { "if-none-match": one }), 412);
  assertEquals(await put("x", { "if-match": two }), 412);
  assertEquals(await put("two", { "if-match": `${two}, ${one}` }), 204);
  assertEquals(await put("three"), 204);
  assertEquals((await alice.ask("/files/a")).text, "three");
  const remove = (tag: string) =>
    alice.ask("/files/a", { method: "DELETE", headers: { "if-match": tag } });
  assertEquals((await remove(two)).status, 412);
  assertEquals((await remove(`"${sha256("three")}"`)).status, 204);
  assertEquals((await alice.ask("/files/a")).status, 404);
});

holdsWeb("content that is not what its digest says is not stored", async (bench) => {
  const alice = await WebProgram.login(bench);
  const [right, wrong] = [base64(sha256("content")), base64(sha256("other"))];
  const put = async (headers: Record<string, string>) =>
    (await alice.ask("/files/a", { method: "PUT", body: "content", headers })).status;
  assertEquals(await put({ "repr-digest": `sha-256=:${wrong}:` }), 422);
  assertEquals(await put({ "content-digest": `sha-256=:${wrong}:` }), 422);
  assertEquals(await put({ "digest": `SHA-256=${wrong}` }), 422);
  assertEquals(
    await put({ "digest": `SHA-256=${right}`, "repr-digest": `sha-256=:${wrong}:` }),
    400,
  );
  assertEquals(await put({ "repr-digest": "sha-256=:AAAA:" }), 400);
  assertEquals((await alice.ask("/files/a")).status, 404);
  assertEquals((await alice.ask("/uploads")).json.uploads, []);
  assertEquals(await put({ "repr-digest": `md5=:AAAA:, sha-256=:${right}:` }), 201);
  assertEquals(await put({ "digest": `md5=AAAA,sha-256=${right}` }), 204);
});

holdsWeb("names that are taken: overwritten, versioned, skipped or refused", async (bench) => {
  const alice = await WebProgram.login(bench);
  const put = (body: string, query: string, headers: Record<string, string> = {}) =>
    alice.ask(`/files/a.txt${query}`, { method: "PUT", body, headers });
  assertEquals((await put("one", "?mtimeMs=1500")).status, 201);
  assertEquals((await alice.ask("/info/a.txt")).json.mtimeMs, 1500);
  const version = await put("two", "?ifExists=version");
  assertEquals([version.status, version.json.path], [201, "/a_v2.txt"]);
  assertEquals((await put("three", "?ifExists=fail")).status, 409);
  const digest = { "repr-digest": `sha-256=:${base64(sha256("two"))}:` };
  const skipped = await put("two", "?ifExists=skip", digest);
  assertEquals([skipped.status, skipped.json.path], [200, "/a_v2.txt"]);
  assertEquals((await put("x", "?ifExists=maybe")).status, 400);
  const versions = (await alice.ask("/versions/a.txt")).json.versions;
  assertEquals(versions.map((v: { version: number }) => v.version), [1, 2]);
});

holdsWeb("a directory is listed in pages, and removed", async (bench) => {
  const alice = await WebProgram.login(bench);
  const put = (path: string) => alice.ask(`/files/${path}`, { method: "PUT", body: path });
  for (const path of ["d/a", "d/b", "d/c/e", "d/f"]) assertEquals((await put(path)).status, 201);
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = (await alice.ask(`/files/d?limit=2${query}`)).json;
    assert(page.entries.length <= 2);
    names.push(...page.entries.map(({ name }: { name: string }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  assertEquals(names, ["a", "b", "c", "f"]);
  const all = (await alice.ask("/files/d?recursive")).json.entries;
  assert(all.some(({ name }: { name: string }) => name === "c/e"));
  const remove = async (path: string) => (await alice.ask(path, { method: "DELETE" })).status;
  assertEquals(await remove("/files/d"), 409);
  assertEquals(await remove("/files/d?recursive"), 204);
  assertEquals(await remove("/files/d"), 404);
});

holdsWebOnDisk("no path leaves the account's tree, however it is written", async (bench) => {
  const alice = await WebProgram.login(bench);
  const climbs = [
    "..%2Fx",
    "%2e%2e%2fx",
    "a/..%2f..%2f..%2fx",
    "%2e%2e%2f%2e%2e%2fbob%2ffiles%2fx",
    "a%00b",
    "a%0d%0ab",
    "%FF",
    "a/%C0%AE%C0%AE/x",
  ];
  for (const path of climbs) {
    for (const method of ["PUT", "GET", "DELETE"]) {
      const body = method === "PUT" ? { body: "x" } : {};
      const { status } = await alice.ask(`/files/${path}`, { method, ...body });
      assert(status === 400 || status === 403 || status === 404, `${method} ${path}: ${status}`);
    }
  }
  const files = await Array.fromAsync(Deno.readDir(`${bench.server.data}/users`));
  assertEquals(files.map(({ name }) => name), ["a"]);
  assertEquals((await alice.ask("/files/")).json.entries, []);
});
