// Conditional requests (RFC 9110, section 13) on every method that reads or changes a file.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { parseHttpDate } from "../../server/web/http/http_date.ts";
import { entityTagsIn } from "../../server/web/request/preconditions.ts";
import { sha256 } from "../support/raw_client.ts";
import { holdsWeb } from "../support/web.ts";
import { WebProgram } from "../support/web_program.ts";
import { put as putByPage } from "./pages/pages_support.ts";

/** Time of every file here: within a second, so that its header is rounded down. */
const MTIME_MS = Date.UTC(2020, 5, 15, 12, 0, 0) + 600;
const BEFORE = "Mon, 15 Jun 2020 11:59:59 GMT";
const SAME = "Mon, 15 Jun 2020 12:00:00 GMT";
const AFTER = "Monday, 15-Jun-20 12:00:01 GMT";
const ASCTIME_BEFORE = "Mon Jun 15 11:59:59 2020";

const TAG = `"${sha256("content")}"`;
const OTHER = `"${sha256("other")}"`;

type Headers = Record<string, string>;

/** Headers, then the status of GET and HEAD, of what changes the file, and of a PUT to a free name. */
const TABLE: readonly [Headers, reads: number, changes: number, creates: number][] = [
  [{}, 200, 0, 0],
  [{ "if-match": TAG }, 200, 0, 412],
  [{ "if-match": `${OTHER},${TAG}` }, 200, 0, 412],
  [{ "if-match": `"a,b", , W/${OTHER} , ${TAG}` }, 200, 0, 412],
  [{ "if-match": "*" }, 200, 0, 412],
  [{ "if-match": " * " }, 200, 0, 412],
  [{ "if-match": OTHER }, 412, 412, 412],
  [{ "if-match": `W/${TAG}` }, 412, 412, 412], // weak tags never match strongly
  [{ "if-match": `w/${TAG}` }, 412, 412, 412],
  [{ "if-match": sha256("content") }, 412, 412, 412], // not quoted: no entity tag
  [{ "if-match": `"x, ${TAG.slice(1)}` }, 412, 412, 412], // the comma is within the quotes
  [{ "if-match": "" }, 412, 412, 412],
  [{ "if-none-match": TAG }, 304, 412, 0],
  [{ "if-none-match": `W/${TAG}` }, 304, 412, 0],
  [{ "if-none-match": `${OTHER}, W/${TAG}` }, 304, 412, 0],
  [{ "if-none-match": "*" }, 304, 412, 0],
  [{ "if-none-match": OTHER }, 200, 0, 0],
  [{ "if-unmodified-since": BEFORE }, 412, 412, 0],
  [{ "if-unmodified-since": ASCTIME_BEFORE }, 412, 412, 0],
  [{ "if-unmodified-since": SAME }, 200, 0, 0],
  [{ "if-unmodified-since": AFTER }, 200, 0, 0],
  [{ "if-unmodified-since": "2009" }, 200, 0, 0], // no HTTP date: ignored
  [{ "if-unmodified-since": "Thu, 31 Feb 2009 00:00:00 GMT" }, 200, 0, 0],
  [{ "if-unmodified-since": `${BEFORE}, ${BEFORE}` }, 200, 0, 0],
  [{ "if-modified-since": SAME }, 304, 0, 0], // of GET and HEAD alone
  [{ "if-modified-since": AFTER }, 304, 0, 0],
  [{ "if-modified-since": BEFORE }, 200, 0, 0],
  [{ "if-modified-since": "tomorrow" }, 200, 0, 0],
  // The order of evaluation.
  [{ "if-match": TAG, "if-unmodified-since": BEFORE }, 200, 0, 412],
  [{ "if-match": OTHER, "if-unmodified-since": AFTER }, 412, 412, 412],
  [{ "if-none-match": OTHER, "if-modified-since": AFTER }, 200, 0, 0],
  [{ "if-none-match": TAG, "if-modified-since": BEFORE }, 304, 412, 0],
  [{ "if-match": OTHER, "if-none-match": TAG }, 412, 412, 412],
  [{ "if-match": TAG, "if-none-match": TAG }, 304, 412, 412],
  [{ "if-match": "*", "if-none-match": "*" }, 304, 412, 412],
  [{ "if-unmodified-since": BEFORE, "if-none-match": OTHER }, 412, 412, 0],
];

/** Changes of `/f`: the request, and its status without a condition. */
const CHANGES: readonly [status: number, path: string, method: string, json?: unknown][] = [
  [204, "/files/f", "PUT"],
  [204, "/files/f", "DELETE"],
  [200, "/rename", "POST", { from: "f", to: "g" }],
  [201, "/copy", "POST", { from: "f", to: "g" }],
  [204, "/modified", "POST", { path: "f", mtimeMs: 5 }],
];

holdsWeb("every precondition holds for every method", async (bench) => {
  const alice = await WebProgram.login(bench);
  const reset = async () => {
    await alice.ask("/files/g", { method: "DELETE" });
    const made = await alice.ask(`/files/f?mtimeMs=${MTIME_MS}`, {
      method: "PUT",
      body: "content",
    });
    assert(made.status < 300);
  };
  await reset();
  for (const [headers, reads, changes, creates] of TABLE) {
    const name = JSON.stringify(headers);
    for (const method of ["GET", "HEAD"]) {
      const got = await alice.ask("/files/f", { method, headers });
      assertStrictEquals(got.status, reads, `${method} ${name}`);
      assertStrictEquals(got.headers.get("etag"), TAG, `${method} ${name}`);
      if (reads === 304) {
        assertEquals(got.headers.get("content-type"), null);
        assertStrictEquals(got.headers.get("last-modified"), SAME);
        assertEquals(got.headers.get("cache-control"), "private, no-cache");
      }
    }
    for (const [status, path, method, json] of CHANGES) {
      const body = method === "PUT" ? { body: "new content" } : json === undefined ? {} : { json };
      const got = await alice.ask(path, { method, headers, ...body });
      assertEquals(got.status, changes || status, `${method} ${path} ${name}`);
      if (changes === 412) {
        const { text, headers: kept } = await alice.ask("/files/f");
        assertEquals([text, kept.get("last-modified")], ["content", SAME]);
        assertEquals((await alice.ask("/files/g")).status, 404);
      } else {
        await reset();
      }
    }
    const made = await alice.ask("/files/new/name", { method: "PUT", body: "new", headers });
    assertEquals(made.status, creates || 201, `PUT of a free name ${name}`);
    const directory = await alice.ask("/info/new");
    assertStrictEquals(
      directory.status,
      creates === 412 ? 404 : 200,
      "412 comes before any effect",
    );
    await alice.ask("/files/new?recursive", { method: "DELETE" });
  }
});

holdsWeb("what would fail anyway fails as it would without a precondition", async (bench) => {
  const alice = await WebProgram.login(bench);
  const headers = { "if-match": OTHER };
  assertEquals((await alice.ask("/files/none", { headers })).status, 404);
  assertEquals((await alice.ask("/files/none", { method: "DELETE", headers })).status, 404);
  await alice.ask("/directories", { method: "POST", json: { path: "d" } });
  const onDirectory = { method: "PUT", body: "x", headers: { "if-none-match": "*" } };
  assertEquals((await alice.ask("/files/d", onDirectory)).status, 409);
  // A directory has no validators, but it is there.
  assertEquals((await alice.ask("/files/d", { headers })).status, 412);
  assertEquals((await alice.ask("/files/d", { headers: { "if-match": "*" } })).status, 200);
  assertEquals((await alice.ask("/files/d", { method: "DELETE", headers })).status, 412);
  const dated = { "if-unmodified-since": BEFORE };
  assertEquals((await alice.ask("/files/d", { method: "DELETE", headers: dated })).status, 204);
});

holdsWeb("If-Range wants the strong tag; a range is of GET alone", async (bench) => {
  const alice = await WebProgram.login(bench);
  await alice.ask(`/files/f?mtimeMs=${MTIME_MS}`, { method: "PUT", body: "content" });
  const statuses: [string, number][] = [
    [TAG, 206],
    [`W/${TAG}`, 200],
    [OTHER, 200],
    [SAME, 200], // contents that replace each other may share it
    [BEFORE, 200],
    ["anything", 200],
  ];
  for (const [value, status] of statuses) {
    const headers = { range: "bytes=1-3", "if-range": value };
    const got = await alice.ask("/files/f", { headers });
    assertStrictEquals(got.status, status, value);
    assertEquals(got.text, status === 206 ? "ont" : "content");
  }
  // A precondition goes before the range.
  const first = { range: "bytes=900-", "if-match": OTHER };
  assertEquals((await alice.ask("/files/f", { headers: first })).status, 412);
  const head = await alice.ask("/files/f", { method: "HEAD", headers: { range: "bytes=1-3" } });
  assertEquals([head.status, head.headers.get("content-length")], [200, "7"]);
});

holdsWeb("pages evaluate the same preconditions", async ({ server, alice }) => {
  await putByPage(server, "f", "content");
  const status = async (headers: Headers) => {
    const reply = await alice.fetch("/raw/f", { headers });
    await reply.body?.cancel();
    return reply.status;
  };
  assertEquals(await status({ "if-unmodified-since": BEFORE }), 412);
  assertEquals(await status({ "if-match": `W/${TAG}` }), 412);
  assertEquals(await status({ "if-none-match": `W/${TAG}` }), 304);
});

holdsWeb("a resumed PUT holds to its preconditions too", async (bench) => {
  const alice = await WebProgram.login(bench);
  await alice.ask("/files/f", { method: "PUT", body: "content" });
  let id = "";
  const send = (range: string, body: string, headers: Headers) =>
    alice.ask(`/files/f?upload=${id}`, {
      method: "PUT",
      body,
      headers: { "content-range": range, ...headers },
    });
  const begin = async (range: string, tag: string) => {
    const begun = await send(range, "one", { "if-match": tag });
    assertEquals(begun.status, 202);
    id = begun.json.id;
  };
  await begin("bytes 0-2/6", TAG);
  assertEquals((await send("bytes 3-5/6", "two", { "if-match": OTHER })).status, 412);
  assertEquals((await send("bytes 3-5/6", "two", { "if-match": TAG })).status, 204);
  // A file replaced between two requests stays, also where only the first one had a condition.
  const [tag] = [`"${sha256("onetwo")}"`];
  await begin("bytes 0-2/7", tag!);
  assertEquals((await alice.ask("/files/f", { method: "PUT", body: "theirs" })).status, 204);
  assertEquals((await send("bytes 3-6/7", "four", {})).status, 412);
  assertEquals((await alice.ask("/files/f")).text, "theirs");
});

Deno.test("dates of HTTP are read in three forms, and nothing else is one", () => {
  const now = Date.UTC(2026, 0, 1);
  const ms = Date.UTC(1994, 10, 6, 8, 49, 37);
  assertStrictEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", now), ms);
  assertStrictEquals(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", now), ms);
  assertStrictEquals(parseHttpDate("Sun Nov  6 08:49:37 1994", now), ms);
  assertStrictEquals(
    parseHttpDate("Sunday, 06-Nov-76 08:49:37 GMT", now),
    Date.UTC(2076, 10, 6, 8, 49, 37),
  );
  assertStrictEquals(
    parseHttpDate("Sunday, 06-Nov-77 08:49:37 GMT", now),
    Date.UTC(1977, 10, 6, 8, 49, 37),
  );
  assertStrictEquals(parseHttpDate("Thu, 29 Feb 2024 23:59:60 GMT", now), Date.UTC(2024, 2, 1));
  for (
    const text of [
      "",
      "0",
      "2009",
      "1994-11-06T08:49:37Z",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "sun, 06 nov 1994 08:49:37 gmt",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Thu, 29 Feb 2023 00:00:00 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
    ]
  ) assertEquals(parseHttpDate(text, now), undefined, text);
});

Deno.test("entity tags are listed with commas, and may hold some", () => {
  assertEquals(entityTagsIn(" * "), "*");
  assertEquals(entityTagsIn(`"a,b" ,W/"c",, "" , d, w/"e", "f`), [
    { weak: false, opaque: "a,b" },
    { weak: true, opaque: "c" },
    { weak: false, opaque: "" },
  ]);
});
