/** Names over HTTP that other programs put into the tree: API, pages, archives, links, tus. */
import { assertEquals, assertMatch } from "@std/assert";
import { onDisk } from "../support/native.ts";
import { mkdirRaw, writeRaw } from "../support/machine/odd_names.ts";
import { Tus } from "../support/tus.ts";
import { holdsWebOnDisk } from "../support/web.ts";
import { tokenOf, WebProgram } from "../support/web_program.ts";
import { ask, put } from "./pages/pages_support.ts";
import { uploadsIn } from "../support/vault.ts";

const RAW = "caf\ufffd";

holdsWebOnDisk(
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
    assertEquals(await names(), [RAW, "good", "\ufffd"]);
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
      assertEquals(status, 400, JSON.stringify([at, request, json]));
      assertEquals(json.kind, "bad-name");
      assertMatch(json.detail, /is not UTF-8; .*operator/);
      assertEquals(await names(), [RAW, "good", "\ufffd"]);
    }
    const tus = new Tus(program);
    const created = await tus.ask("POST", "/tus/", { "upload-length": "1" }, { path: `/d/${RAW}` });
    assertEquals(created.status, 400);
    assertMatch(await alice.page("/files/d"), new RegExp(RAW));
    const { text, status } = await ask(alice, "/zip/d");
    assertEquals(status, 200);
    assertMatch(text, /MISSING IN THIS ARCHIVE/);
    assertMatch(text, new RegExp(`${RAW} has a name that cannot be used`));
    for (const action of ["rename", "delete"]) {
      const form = { path: `/d/${RAW}`, name: "x" };
      assertEquals((await ask(alice, `/actions/${action}`, { form })).status, 400, action);
    }
    assertEquals(await server.disk.catalog.commitIntents(), []);
    assertEquals(await uploadsIn(server.engine), []);
  },
);
