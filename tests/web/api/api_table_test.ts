// The table of the HTTP API: who may what, its description, and its other operations.

import * as v from "valibot";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ROUTES } from "../../../server/web/api/table.ts";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";

/** A request that a row takes. */
function requestOf({ method, at, body, content }: (typeof ROUTES)[number]) {
  const members = Object.entries(body?.entries ?? {})
    .filter(([, field]) => field.type !== "exact_optional")
    .map(([name, field]) => [name, ["/x", 1, true].find((value) => v.is(field, value))]);
  return {
    path: at.replace("{path}", "x"),
    request: {
      method: method.toUpperCase(),
      ...(body ? { json: Object.fromEntries(members) } : {}),
      ...(content === "takes" ? { body: "x" } : {}),
    },
  };
}

holdsWeb("every row demands a login", async (bench) => {
  const nobody = new WebProgram(await bench.browser(), "");
  for (const row of ROUTES) {
    const { path, request } = requestOf(row);
    const wrong = row === ROUTES[0] ? [basic("alice", "wrong horse")] : [];
    for (const authorization of ["", "Bearer towpath_x", "Basic !", "X y", ...wrong]) {
      const program = authorization === "" ? nobody : new WebProgram(nobody.client, authorization);
      const { status, headers, json } = await program.ask(path, {
        ...request,
        ...(authorization === "" ? { headers: { authorization: "" } } : {}),
      });
      assertEquals(status, 401, `${row.name} ${authorization}`);
      assertEquals(json.kind, "signed-out");
      assertMatch(headers.get("www-authenticate")!, /Bearer/);
    }
  }
});

holdsWeb("every row demands its letters", async (bench) => {
  const { server } = bench;
  for (const missing of "rwcd") {
    const name = `lacks-${missing}`;
    await addAccount(server.vault, name, "rwcd".replace(missing, ""));
    const program = await WebProgram.login(bench, name);
    const rows = ROUTES.filter(({ letters }) => letters.includes(missing));
    assert(rows.length > 0);
    for (const row of rows) {
      const { path, request } = requestOf(row);
      const { status, json } = await program.ask(path, request);
      assertEquals(status, 403, `${row.name} without ${missing}`);
      assertMatch(json.detail, new RegExp(`permission "${missing}"`));
    }
  }
});

holdsWeb("the description names every row, and is OpenAPI 3.1", async (bench) => {
  const anyone = new WebProgram(await bench.browser(), "");
  const { status, json } = await anyone.ask("/openapi.json");
  assertEquals(status, 200);
  assertEquals(json.openapi, "3.1.0");
  for (const { at, method, name, replies } of ROUTES) {
    const operation = json.paths[at][method];
    assertStrictEquals(operation.operationId, name);
    for (const status of Object.keys(replies)) assert(operation.responses[status].description);
  }
  const ids = Object.values<Record<string, { operationId: string }>>(json.paths)
    .flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  assertEquals(new Set(ids).size, ids.length);
});

holdsWeb(
  "a wrong method is answered with the allowed ones; an unknown address is missing",
  async (bench) => {
    const alice = await WebProgram.login(bench);
    const wrong = await alice.ask("/files/a", { method: "POST", body: "x" });
    assertEquals(wrong.status, 405);
    assertEquals(wrong.headers.get("allow"), "GET, PUT, DELETE");
    assertEquals((await alice.ask("/nothing")).status, 404);
    assertEquals((await alice.ask("/uploads/none", { method: "DELETE" })).status, 404);
  },
);

holdsWeb("JSON is held to the members that are known, and their types", async (bench) => {
  const alice = await WebProgram.login(bench);
  const rename = async (request: { json?: unknown; body?: string; type?: string }) => {
    const { type = "application/json", ...rest } = request;
    const headers = request.body === undefined ? {} : { "content-type": type };
    return (await alice.ask("/rename", { method: "POST", ...rest, headers })).status;
  };
  for (
    const json of [null, [], "x", {}, { from: "/a" }, { from: 1, to: "/b" }, {
      from: "/a",
      to: "/b",
      more: 1,
    }, { from: "/a", to: "\ud800" }]
  ) {
    assertEquals(await rename({ json }), 400, JSON.stringify(json));
  }
  assertEquals(await rename({ body: "{" }), 400);
  assertEquals(await rename({ body: "{}", type: "text/plain" }), 415);
  assertEquals(await rename({ body: `"${"x".repeat(70_000)}"` }), 413);
  assertEquals(await rename({ body: '{"from":"/a","to":"/b","__proto__":1}' }), 400);
});

holdsWeb("a value that is refused is named, with what it must be", async (bench) => {
  const alice = await WebProgram.login(bench);
  const post = async (path: string, json: unknown) =>
    (await alice.ask(path, { method: "POST", json })).json.detail;
  const put = async (query: string) =>
    (await alice.ask(`/files/a?${query}`, { method: "PUT", body: "a" })).json.detail;
  assertEquals(await post("/tokens", []), "The body must be a JSON object");
  assertEquals(await post("/rename", { from: "/a" }), '"to" is missing');
  assertEquals(await post("/rename", { from: 1, to: "/b" }), '"from" must be a string');
  assertEquals(await post("/tokens", { more: 1 }), '"more" is not known here');
  assertEquals(await post("/tokens", { toString: 1 }), '"toString" is not known here');
  assertEquals(await post("/tokens", { ttlMs: 1.5 }), '"ttlMs" must be an integer');
  assertEquals(await post("/tokens", { ttlMs: 2 ** 53 }), '"ttlMs" must be at most 2^53-1');
  assertEquals(
    await post("/copy", { from: "/a", to: "/b", ifExists: "keep" }),
    '"ifExists" must be one of version, overwrite, skip, fail',
  );
  assertEquals(await put("mtimeMs=12.5"), '"mtimeMs" must be an integer');
  assertEquals(await put("mode=8"), '"mode" must be three octal digits, as in 644');
  assertEquals(
    (await alice.ask("/files/?recursive=yes")).json.detail,
    '"recursive" must be "true" or "false"',
  );
});

holdsWeb("directories, renames, copies, times", async (bench) => {
  const alice = await WebProgram.login(bench);
  const post = async (path: string, json: unknown) => {
    const { status, json: reported } = await alice.ask(path, { method: "POST", json });
    return [status, reported?.path];
  };
  assertEquals(await post("/directories", { path: "/d/e" }), [404, undefined]);
  assertEquals(await post("/directories", { path: "/d/e", parents: true }), [201, "/d/e"]);
  assertEquals(await post("/directories", { path: "/d" }), [409, undefined]);
  await alice.ask("/files/a", { method: "PUT", body: "a" });
  assertEquals(await post("/rename", { from: "a", to: "/d/b" }), [200, "/d/b"]);
  assertEquals((await post("/copy", { from: "/d/b", to: "/d/e/c" }))[0], 201);
  assertEquals((await post("/modified", { path: "/d/b", mtimeMs: 5000 }))[0], 204);
  assertEquals((await alice.ask("/info/d/b")).json.mtimeMs, 5000);
  assertEquals((await alice.ask("/files/d/e/c")).text, "a");
});

holdsWeb("tokens are made with the password alone, narrow permissions, and end", async (bench) => {
  const alice = await WebProgram.login(bench);
  await alice.ask("/files/in/a", { method: "PUT", body: "a" });
  await alice.ask("/files/b", { method: "PUT", body: "b" });
  const wanted = { label: "reader", letters: "r", path: "/in" };
  const made = await alice.ask("/tokens", { method: "POST", json: wanted });
  assertEquals(made.status, 201);
  const reader = new WebProgram(alice.client, `Bearer ${made.json.token}`);
  assertEquals((await reader.ask("/files/in/a")).text, "a");
  assertEquals((await reader.ask("/files/b")).status, 403);
  assertEquals((await reader.ask("/files/in/a", { method: "DELETE" })).status, 403);
  assertEquals((await reader.ask("/tokens", { method: "POST", json: {} })).status, 403);
  assertEquals((await reader.ask("/account")).json.letters, "r");
  const listed = (await alice.ask("/tokens")).json.tokens;
  assertEquals(listed.map(({ label }: { label: string }) => label), ["reader"]);
  assert(!JSON.stringify(listed).includes("hash"));
  assertEquals((await alice.ask(`/tokens/${made.json.id}`, { method: "DELETE" })).status, 204);
  assertEquals((await reader.ask("/files/in/a")).status, 401);
});

holdsWeb("a share is reached by its guest, until it ends", async (bench) => {
  const { server } = bench;
  await addAccount(server.vault, "bob");
  const [alice, bob] = [await WebProgram.login(bench), await WebProgram.login(bench, "bob")];
  await alice.ask("/files/d/a", { method: "PUT", body: "a" });
  const shared = await alice.ask("/shares", { method: "POST", json: { path: "/d", guest: "bob" } });
  assertEquals([shared.status, shared.json.letters], [201, "r"]);
  assertEquals((await bob.ask("/files/shared/alice/d/a")).text, "a");
  assertEquals((await bob.ask("/shares")).json.withMe[0].owner, "alice");
  const late = await bob.ask("/files/shared/alice/d/a", { method: "PUT", body: "b" });
  assertEquals(late.status, 403);
  assertEquals((await alice.ask("/shares/d?guest=bob", { method: "DELETE" })).status, 204);
  assertEquals((await bob.ask("/files/shared/alice/d/a")).status, 404);
});
