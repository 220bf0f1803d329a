// A data directory that was damaged, moved or restored by hand, on the real server.
import { upload } from "../storage/suites/catalog_samples.ts";
import { join } from "@std/path";
import { assertEquals, assertMatch } from "@std/assert";
import { is, until } from "../support/native.ts";
import { CAN_SWITCH, OtherUser } from "../support/machine/other_user.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";
import type { UploadRecord } from "../../storage/disk/interfaces/disk_catalog.ts";
import { dropGoneParts } from "../../storage/disk/parts/gone_parts.ts";
import { type Json, putFile, withData } from "../support/admin.ts";

Deno.test("verify names every kind of damage, goes on, and sums them up", async () => {
  await withData(async (bench) => {
    const { data, run, catalog } = bench;
    const place = (name: string) => join(data, "users/b/bob", name);
    for (const name of ["gone", "directory", "link", "sound", "closed"]) {
      await putFile(bench, "bob", name, "content");
    }
    await putFile(bench, "admin", "bad", "c0ntent");
    for (const name of ["gone", "directory", "link"]) Deno.removeSync(place(`files/${name}`));
    Deno.mkdirSync(place("files/directory"));
    Deno.symlinkSync("sound", place("files/link"));
    Deno.chmodSync(place("files/closed"), 0);
    Deno.mkdirSync(place("files/to read"), { mode: 0o500 }); // as its owner likes it
    await catalog.addUpload(unfinished("lost"));
    if (Deno.uid() === 0) Deno.chownSync(place("parts"), 65534, 65534);
    const { exitCode, data: reported } = await run("verify");
    assertEquals(exitCode, 6);
    assertEquals(reported.damaged.map((one: Json) => [one.username, one.filename]), [
      ["admin", "/bad"],
    ]);
    const found = reported.findings.map((one: Json) => [one.kind, one.username, one.filename]);
    const expected = [
      ["missing", "bob", "/gone"],
      ["not-a-file", "bob", "/directory"],
      ["not-a-file", "bob", "/link"],
      ["part", "bob", "lost"],
      ["unreadable", "bob", "/closed"],
      ...Deno.uid() === 0 ? [["owner", "bob", place("parts")]] : [],
    ];
    assertEquals(found.sort(), expected.sort());
    assertEquals(
      { ...reported.counts, owner: 0 },
      { "missing": 1, "not-a-file": 2, "unreadable": 1, "part": 1, "owner": 0 },
    );
    assertEquals((await run("verify admin")).data.findings.length, 0);
  });
});

Deno.test("verify --forget-missing accepts lost files: named, audited, and their quota freed", async () => {
  await withData(async (bench) => {
    const { data, run, catalog } = bench;
    const lost = await putFile(bench, "bob", "lost.txt", "content");
    const replaced = await putFile(bench, "bob", "replaced", "content");
    await putFile(bench, "bob", "kept.txt", "content");
    await catalog.recount();
    for (const place of [lost, replaced]) Deno.removeSync(place);
    Deno.mkdirSync(replaced);
    assertEquals((await run("verify")).exitCode, 6);
    const { exitCode, data: reported } = await run("verify bob --forget-missing");
    assertEquals(exitCode, 0);
    assertEquals(reported.forgotten, [
      { username: "bob", filename: "/lost.txt", size: 7 },
      { username: "bob", filename: "/replaced", size: 7 },
    ]);
    assertEquals((await catalog.usage("bob")).usedBytes, 7);
    assertEquals((await run("verify")).exitCode, 0);
    const lines = Deno.readTextFileSync(join(data, "logs/audit.log")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line))
      .filter(({ action }) => action === "forget-file");
    assertEquals(
      events.map(({ subject, paths, bytes }) => [subject, paths, bytes]),
      [["bob", ["/lost.txt"], 7], ["bob", ["/replaced"], 7]],
    );
  });
});

Deno.test("one account's files that cannot be used keep no other account out", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  await using server = await startServer({ data, user, web: true });
  const added = await user.admin(["user", "add", "bob", "--data", data]);
  assertEquals(added.code, 0, added.stderr);
  assertEquals(await server.stop(), 0);
  const parts = join(data, "users/b/bob/parts");
  Deno.chownSync(parts, 0, 0);
  await server.start();
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.upload("f", "content"), "OK", 226);
  await until("the log names the place and the reason", () => {
    return Promise.resolve(/account bob: \S+users\/b\/bob\/parts: Permission denied/.test(
      Deno.readTextFileSync(join(data, "logs/server.log")),
    ));
  });
  await until("/healthz tells of it", async () => {
    return /^degraded\nfiles: account bob: .*Permission denied/.test(await health(server));
  });
});

Deno.test("a catalog without its files says so at the start", async () => {
  await using server = await startServer({ web: true });
  {
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("f", "content"), "OK", 226);
  }
  assertEquals(await server.stop(), 0);
  Deno.removeSync(join(server.data, "users"), { recursive: true });
  Deno.mkdirSync(join(server.data, ".restore")); // and what a killed restore unpacked
  await server.start();
  assertMatch(server.stderr, /\.restore was left by an interrupted restore: restore again/);
  await until("/healthz tells of it", async () => {
    return /^degraded\nfiles: account admin: files .* not on the disk/.test(await health(server));
  });
  assertMatch(server.stderr, /account admin: files that the catalog knows are not on the disk/);
});

Deno.test("an upload whose part was removed by hand holds no quota", async () => {
  await withData(async ({ data, catalog, store }) => {
    const places = { store, catalog, holder: "test" };
    (await store.createPart("bob", "kept")).close();
    for (const id of ["kept", "lost"]) await catalog.addUpload(unfinished(id, 0));
    const files = join(data, "users/b/bob/files");
    Deno.renameSync(files, `${files}-elsewhere`); // a disk that is not mounted
    await dropGoneParts(places);
    assertEquals((await catalog.usage("bob")).reservedBytes, 20);
    Deno.renameSync(`${files}-elsewhere`, files);
    await dropGoneParts(places);
    assertEquals((await catalog.usage("bob")).reservedBytes, 10);
    assertEquals((await catalog.uploads()).map(({ id }) => id), ["kept"]);
  });
});

/** A suspended upload of which so many bytes are safe. */
function unfinished(id: string, offsetBytes = 5): UploadRecord {
  return upload(id, {
    owner: "bob",
    account: "bob",
    path: `/${id}.bin`,
    shownPath: `/${id}.bin`,
    sizeBytes: 10,
    createdMs: Date.now(),
    updatedMs: Date.now(),
    offsetBytes,
    offsetHash: offsetBytes === 0 ? null : "0".repeat(64),
    holder: null,
    reservedBytes: 10,
  });
}

async function health(server: { caText: string; info: Json }): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [server.caText] });
  return await (await fetch(`https://localhost:${server.info.web.port}/healthz`, { client }))
    .text();
}
