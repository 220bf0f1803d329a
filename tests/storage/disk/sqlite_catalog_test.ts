import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, MIGRATIONS } from "../../../storage/disk/sqlite/connection/schema.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { account, file, intent, store } from "../suites/catalog_samples.ts";
import { ALL } from "../../support/pages.ts";

function test(sentence: string, body: (file: string, directory: string) => Promise<void> | void) {
  Deno.test(`SqliteCatalog: ${sentence}`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await body(`${directory}/catalog.db`, directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

const open = (file: string) => SqliteCatalog.open(file, { durability: "full" });

async function child(...args: string[]): Promise<string> {
  const script = new URL("./sqlite_catalog_child.ts", import.meta.url).pathname;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", script, ...args],
  }).output();
  assertEquals(new TextDecoder().decode(output.stderr), "");
  return new TextDecoder().decode(output.stdout);
}

test("all of its files are for its owner only", async (file, directory) => {
  const umask = Deno.umask(0);
  try {
    const catalog = open(file);
    await catalog.addAccount(account("alice"));
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assertEquals(names, ["catalog.db", "catalog.db-shm", "catalog.db-wal"]);
    for (const name of names) {
      assertEquals(Deno.statSync(`${directory}/${name}`).mode! & 0o777, 0o600, name);
    }
    await catalog.close();
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["catalog.db"]);
  } finally {
    Deno.umask(umask);
  }
});

test("what a killed process finished is there, and its intents too", async (file) => {
  const catalog = open(file);
  await catalog.addAccount(account("alice"));
  await child(file, "die");
  for (const view of [catalog, open(file)]) {
    assertEquals((await view.file("alice", "/finished"))!.size, 5);
    assertEquals(await view.commitIntents(), [intent("/begun", 3)]);
    assertEquals(await view.usage("alice"), { usedBytes: 5, reservedBytes: 10 });
    await view.close();
  }
});

test("processes that race get the quota, and every name, once between them", async (file) => {
  const catalog = open(file);
  await catalog.addAccount(account("alice", { quotaBytes: 150 }));
  const got = await Promise.all(
    ["a", "b"].map(async (id) => Number(await child(file, "race", id))),
  );
  assertEquals(got[0]! + got[1]!, 100 * 1000 + 150);
  assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 150 });
  await catalog.close();
});

test("an open connection sees what another one did, at once", async (file) => {
  const [one, other] = [open(file), open(file)];
  await one.addAccount(account("alice", { quotaBytes: 5 }));
  assertEquals(await other.account("alice"), account("alice", { quotaBytes: 5 }));
  await other.updateAccount("alice", { quotaBytes: 4 });
  assertEquals(await one.beginCommits([intent("/a", 5)]), ["over-quota"]);
  await one.close();
  await other.close();
});

test("a backup is a whole catalog, taken while others write", async (file, directory) => {
  const catalog = open(file);
  await catalog.addAccount(account("alice"));
  for (let i = 0; i < 20; i++) {
    await store(catalog, ...Array.from({ length: 100 }, (_, k) => intent(`/${i}/${k}`, 1)));
  }
  const copying = catalog.backup(`${directory}/copy.db`);
  await store(catalog, intent("/during", 1));
  await copying;
  const copy = open(`${directory}/copy.db`);
  const { usedBytes } = await copy.usage("alice");
  assert(usedBytes >= 2000, `${usedBytes}`);
  await copy.recount();
  assertEquals((await copy.usage("alice")).usedBytes, usedBytes);
  await copy.close();
  await catalog.close();
});

test(
  "a backup is for its owner only, and never written over another file",
  async (file, directory) => {
    const catalog = open(file);
    await catalog.backup(`${directory}/copy`);
    assertEquals((await Deno.stat(`${directory}/copy`)).mode! & 0o777, 0o600);
    await Deno.writeTextFile(`${directory}/taken`, "mine");
    const refused = await assertRejects(() => catalog.backup(`${directory}/taken`));
    assertErrorLike(refused, { kind: "exists" });
    assertEquals(await Deno.readTextFile(`${directory}/taken`), "mine");
    await catalog.close();
  },
);

test("recount() mends sums that are wrong", async (file) => {
  const catalog = open(file);
  await catalog.addAccount(account("alice"));
  await store(catalog, intent("/a", 5));
  const database = new DatabaseSync(file);
  database.exec("UPDATE accounts SET used_bytes = 77, reserved_bytes = 88");
  database.close();
  await catalog.recount();
  assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 0 });
  await catalog.close();
});

test("sums beyond 2^53 are read as 2^53-1", async (path) => {
  const catalog = open(path);
  await catalog.addAccount(account("alice", { quotaBytes: 10 }));
  await catalog.noteFile("alice", "/a", file(2 ** 53 - 1));
  await catalog.noteFile("alice", "/b", file(2 ** 53 - 1));
  assertEquals(await catalog.usage("alice"), { usedBytes: 2 ** 53 - 1, reservedBytes: 0 });
  await catalog.forget("alice", "/a");
  await catalog.forget("alice", "/b");
  assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  await catalog.close();
});

const sound = async (file: string) => {
  const catalog = open(file);
  await catalog.addAccount(account("alice"));
  await store(catalog, ...Array.from({ length: 500 }, (_, i) => intent(`/${i}`, 1)));
  await catalog.close();
  return Deno.readFileSync(file);
};

for (
  const [what, damage] of Object.entries(
    {
      "empty": () => new Uint8Array(0),
      "text": () => new TextEncoder().encode("no database at all ".repeat(1000)),
      "cut within its first page": (whole) => whole.subarray(0, 1000),
      "cut in half": (whole) => whole.subarray(0, whole.length / 2),
      "cut by its last page": (whole) => whole.subarray(0, whole.length - 4096),
      "zeros in the middle": (whole) => whole.slice().fill(0, 4096, whole.length - 4096),
    } satisfies Record<string, (whole: Uint8Array) => Uint8Array>,
  )
) {
  test(`a file that is ${what} is refused and stays as it is`, async (file, directory) => {
    const damaged = damage(await sound(file));
    Deno.writeFileSync(file, damaged);
    assertErrorLike(assertThrows(() => open(file)), {
      kind: "io",
      message: /damaged: restore it from a backup/,
    });
    assertEquals(Deno.readFileSync(file), damaged);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["catalog.db"]);
  });
}

test("a later version's catalog is refused", (file) => {
  open(file).close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 4711");
  database.close();
  assertErrorLike(assertThrows(() => open(file)), { kind: "io", message: /version 4711/ });
});

test("a catalog of the first version is brought to today's, and keeps all", async (file) => {
  open(file).close();
  Deno.removeSync(file);
  const database = new DatabaseSync(file);
  database.exec(MIGRATIONS[0]!);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
  database.exec("INSERT INTO accounts VALUES ('alice', 'x', 'r', NULL, 1, NULL, 1, 0, 0)");
  database.close();
  const catalog = open(file);
  assertEquals((await catalog.account("alice"))!.letters, "r");
  assertEquals(await catalog.tokens.of("alice", ALL), []);
  await catalog.close();
});

test("another program's database is refused", (file) => {
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE theirs (x)");
  database.close();
  assertErrorLike(assertThrows(() => open(file)), { kind: "io", message: /another program/ });
});

test("a log whose catalog is gone is refused, not played back", async (file, directory) => {
  await sound(file);
  Deno.removeSync(file);
  Deno.writeTextFileSync(`${file}-wal`, "x");
  assertErrorLike(assertThrows(() => open(file)), { kind: "io", message: /gone/ });
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["catalog.db-wal"]);
});

test("a directory, a link, and a missing directory are refused", (file, directory) => {
  Deno.mkdirSync(file);
  assertErrorLike(assertThrows(() => open(file)), { kind: "io" });
  Deno.removeSync(file);
  Deno.symlinkSync(`${directory}/elsewhere`, file);
  assertErrorLike(assertThrows(() => open(file)), { kind: "io" });
  assertErrorLike(assertThrows(() => open(`${directory}/none/catalog.db`)), { kind: "io" });
  assertEquals([...Deno.readDirSync(directory)].length, 1);
});

test("its size is that of its file", async (file) => {
  const catalog = open(file);
  assertEquals(await catalog.sizeBytes(), Deno.statSync(file).size);
  await catalog.close();
});
