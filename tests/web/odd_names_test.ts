/** Names over HTTP that other programs put into the tree: API, pages, archives, links, tus. */
import assert from "node:assert/strict";
import { onDisk } from "../support/native.ts";
import { mkdirRaw, writeRaw } from "../support/odd_names.ts";
import { Tus } from "../support/tus.ts";
import { holdsWeb } from "../support/web.ts";
import { tokenOf, WebProgram } from "../support/web_program.ts";
import { ask, put } from "./pages_support.ts";

const RAW = "caf\ufffd";

holdsWeb(
  "a name that is not UTF-8 is listed, refused and left out, and stops nothing",
  async (bench) => {
    const { server, alice } = bench;
    await put(server, "/d/good", "good");
    writeRaw(onDisk(server, "d"), "caf\\351");
    mkdirRaw(onDisk(server, "d"), "\\377");
    const program = new WebProgram(await bench.browser(), await tokenOf(server));
    const names = async () => {
      const { json } = await program.ask("/files/d/");
      return json.entries.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await names(), [RAW, "good", "\ufffd"]);
    const path = `/files/d/${encodeURIComponent(RAW)}`;
    for (
      const [at, request] of [
        [path, {}],
        [path, { method: "DELETE" }],
        [path, { method: "PUT", body: "x" }],
        [`${path}?if_exists=overwrite`, { method: "PUT", body: "x" }],
        [path, { method: "PUT", body: "x", headers: { "if-none-match": "*" } }],
        [`/files/d/${encodeURIComponent("\ufffd")}/new`, { method: "PUT", body: "x" }],
      ] as const
    ) {
      const { status, json } = await program.ask(at, request);
      assert.equal(status, 400, JSON.stringify([at, request, json]));
      assert.equal(json.kind, "bad-name");
      assert.match(json.detail, /is not UTF-8; .*operator/);
      assert.deepEqual(await names(), [RAW, "good", "\ufffd"]);
    }
    const tus = new Tus(program);
    const created = await tus.ask("POST", "/tus/", { "upload-length": "1" }, { path: `/d/${RAW}` });
    assert.equal(created.status, 400);
    assert.match(await alice.page("/files/d"), new RegExp(RAW));
    const { text, status } = await ask(alice, "/zip/d");
    assert.equal(status, 200);
    assert.match(text, /MISSING IN THIS ARCHIVE/);
    assert.match(text, new RegExp(`${RAW} has a name that cannot be used`));
    for (const action of ["rename", "delete"]) {
      const form = { path: `/d/${RAW}`, name: "x" };
      assert.equal((await ask(alice, `/actions/${action}`, { form })).status, 400, action);
    }
    assert.deepEqual(await server.catalog.commitIntents(), []);
    assert.deepEqual(await server.catalog.uploads(), []);
  },
);
