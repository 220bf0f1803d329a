import { upload } from "../../storage/suites/catalog_samples.ts";
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { extract } from "tar-stream";
import project from "../../../deno.json" with { type: "json" };
import { ADMIN_COMMANDS, adminHelp } from "../../../server/admin/commands.ts";
import { MIGRATIONS } from "../../../storage/disk/sqlite/connection/schema.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { mkdirRaw, writeRaw } from "../../support/machine/odd_names.ts";
import { type Json, putFile, withData } from "../../support/admin.ts";
import { sha256 } from "../../support/raw_client.ts";

Deno.test("admin: verify finds damage and says so with its exit code", async () => {
  await withData(async (bench) => {
    await putFile(bench, "bob", "good.txt", "content");
    const sound = await bench.run("verify");
    const counts = { "missing": 0, "not-a-file": 0, "unreadable": 0, "part": 0, "owner": 0 };
    const lists = { damaged: [], findings: [], forgotten: [], notVerified: [], renames: [] };
    const nothing = { ...lists, counts, leftOut: 0 };
    assertEquals(sound, { exitCode: 0, data: { files: 1, bytes: 7, ...nothing } });
    await putFile(bench, "bob", "bad.txt", "c0ntent");
    const found = await bench.run("verify bob");
    assertEquals(found.exitCode, 6);
    assertEquals(found.data.damaged, [{
      username: "bob",
      filename: "/bad.txt",
      expected: sha256("content"),
      actual: sha256("c0ntent"),
    }]);
    assertEquals((await bench.run("verify admin")).exitCode, 0);
    assertEquals((await bench.refused("verify missing"))[0], 4);
  });
});

Deno.test("admin: verify reports names that are not UTF-8, and the command that renames them", async () => {
  await withData(async (bench) => {
    const tree = join(bench.data, "users/b/bob/files");
    writeRaw(tree, "caf\\351");
    mkdirRaw(tree, "\\377");
    const { exitCode, data } = await bench.run("verify");
    assertEquals(exitCode, 0);
    const named = data.notVerified.map(({ filename, notUtf8 }: Json) => [filename, notUtf8]);
    assertEquals(named.sort(), [["/caf\ufffd", true], ["/\ufffd", true]]);
    assertEquals(data.renames, [
      `convmv -f iso-8859-1 -t utf-8 -r --notest -- ${bench.data}/users/b/bob/files`,
    ]);
  });
});

Deno.test("admin: verify names damaged uploads of versions that did not compare", async () => {
  await withData(async (bench) => {
    const content = "x".repeat(64 * 1024);
    // All three are damaged: none has the checksum that is recorded.
    for (const name of ["early.bin", "late.bin"]) await putFile(bench, "bob", name, content);
    await putFile(bench, "bob", "early.txt", "small");
    const late = (await bench.catalog.file("bob", "/late.bin"))!;
    const storedMs = Date.now() + 60_000;
    await bench.catalog.noteFile("bob", "/late.bin", { ...late, storedMs });
    const marked = async () => {
      const { exitCode, data } = await bench.run("verify");
      assertEquals(exitCode, 6);
      assertEquals(data.damaged.length, 3);
      return data.damaged.filter(({ storedMs }: Json) => storedMs !== undefined)
        .map(({ filename, size, storedMs }: Json) => [filename, size, storedMs]);
    };
    assertEquals(await marked(), []); // the catalog began with this version
    // As an earlier version left it, brought to the present schema.
    using database = new DatabaseSync(join(bench.data, "catalog.db"));
    const step = MIGRATIONS.find((sql) => sql.includes("CREATE TABLE marks"));
    database.exec(`DROP TABLE marks; ${step}`);
    assertEquals(await marked(), [["/early.bin", content.length, 0]]);
  });
});

Deno.test("admin: parts --expire removes those past their time, no others", async () => {
  await withData(async ({ run, catalog, store }) => {
    const day = 86_400_000;
    for (const [id, age] of [["old", 8 * day], ["young", 6 * day]] as const) {
      (await store.createPart("bob", id)).close();
      await catalog.addUpload(upload(id, {
        owner: "bob",
        account: "bob",
        path: `/${id}.bin`,
        shownPath: `/${id}.bin`,
        sizeBytes: 10,
        createdMs: Date.now() - age,
        updatedMs: Date.now() - age,
        holder: null,
        reservedBytes: 10,
      }));
    }
    const listed = await run("parts");
    assertEquals(listed.data.parts.length, 2);
    const expired = await run("parts --expire");
    assertEquals(expired.data.parts.map((part: Json) => [part.temp_id, part.removed]), [
      ["young", false],
      ["old", true],
    ]);
    assertEquals((await catalog.uploads()).map(({ id }) => id), ["young"]);
    assertEquals(await store.listParts("bob"), ["young"]);
  });
});

Deno.test("admin: backup is a private tar of catalog, certificates and configuration", async () => {
  await withData(async (bench) => {
    const { data, run, refused } = bench;
    Deno.mkdirSync(join(data, "tls"));
    Deno.writeTextFileSync(join(data, "tls/ca.key"), "key");
    Deno.writeTextFileSync(join(data, "config.json"), "{}");
    Deno.mkdirSync(join(data, "out"));
    const { data: reported } = await run("backup out/b.tar");
    assertStrictEquals(reported.filename, join(data, "out/b.tar"));
    assertEquals(Deno.statSync(reported.filename).mode! & 0o777, 0o600);
    assertEquals(await unpack(reported.filename, join(data, "restored")), [
      "catalog.db",
      "config.json",
      "tls/ca.key",
    ]);
    const restored = SqliteCatalog.open(join(data, "restored/catalog.db"), { durability: "full" });
    assertEquals((await restored.accounts()).map(({ name }) => name).sort(), ["admin", "bob"]);
    await restored.close();
    const left = [...Deno.readDirSync(data)].map(({ name }) => name);
    assert(left.every((name) => !name.endsWith(".backup") && !name.endsWith(".new")));
    assertEquals((await refused("backup missing/b.tar"))[0], 1);
  });
});

/** Unpacks a tar. @returns the names in it, sorted */
async function unpack(file: string, into: string): Promise<string[]> {
  const names: string[] = [];
  const reader = extract();
  reader.end(Deno.readFileSync(file));
  for await (const entry of reader) {
    const name: string = entry.header.name;
    const target = join(into, name);
    Deno.mkdirSync(join(target, ".."), { recursive: true });
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    Deno.writeFileSync(target, new Uint8Array(await new Blob(chunks).arrayBuffer()));
    names.push(name);
  }
  return names.sort();
}

Deno.test("admin: status reports a data directory without a server", async () => {
  await withData(async ({ run, data }) => {
    const { data: status } = await run("status");
    assertStrictEquals(status.data, data);
    assertEquals(status.running, false);
    assertEquals(status.accounts, 2);
  });
});

Deno.test("admin: wrong usage is refused, and help knows every command", async () => {
  await withData(async ({ refused }) => {
    for (const line of ["foo", "user", "user add", "user add a b", "verify --expire", "parts -x"]) {
      assertEquals((await refused(line))[0], 2, line);
    }
  });
  const help = adminHelp();
  for (const { name } of ADMIN_COMMANDS) assert(help.includes(`  ${name}`), name);
});

Deno.test("admin: the program itself runs with the task's permissions", async () => {
  await withData(async ({ data }) => {
    const [, ...args] = project.tasks.admin.command.split(" ");
    const run = async (...more: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...args, ...more],
        cwd: new URL("../../../", import.meta.url).pathname,
        env: { INIT_CWD: data },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    const added = await run("user", "add", "dora", "--data", ".");
    assertEquals(added.code, 0, added.stderr);
    assertMatch(added.stdout, /Password, shown only now: \S+\n/);
    const backup = await run("backup", "b.tar", "--data", ".");
    assertEquals(backup.code, 0, backup.stderr);
    const none = await run("status", "--data", "elsewhere");
    assertEquals(none.code, 4);
    assertMatch(none.stderr, /^towpath: [^\n]+\n$/);
    assert(!existsSync(join(data, "elsewhere")));
  });
});
