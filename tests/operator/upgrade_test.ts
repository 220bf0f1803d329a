// A data directory of an earlier version, as that version left it when it was killed, and a newer one.
import { join } from "@std/path";
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { hashPassword } from "../../common/secrets.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../storage/disk/sqlite/connection/schema.ts";
import { is, namesIn } from "../support/native.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { runServer, startServer } from "../support/server.ts";

/** The schema before uploads had writers, and the catalog marks, modes and limits. */
const EARLIER = 5;
const CONTENT = "x".repeat(100_000);
const SAFE = 60_000;
const UPLOAD = "6117c97d634c490c84f9a2dc83c79677";
const TOKEN = `towpath_${"t".repeat(43)}`;

async function withData(work: (data: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-upgrade-" });
  try {
    await work(join(directory, "data"));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Two accounts, a file and its version, a share, a token, and an upload that a kill cut. */
async function makeEarlier(data: string, password: string): Promise<void> {
  const files = join(data, "users/a/admin/files/docs");
  const parts = join(data, "users/a/admin/parts");
  for (const path of [files, parts]) Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  using database = new DatabaseSync(join(data, "catalog.db"));
  database.exec("PRAGMA journal_mode = WAL");
  for (const step of MIGRATIONS.slice(0, EARLIER)) database.exec(step);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${EARLIER}`);
  const add = (table: string, row: Record<string, string | number | null>) => {
    const places = Object.keys(row).map(() => "?").join();
    database.prepare(`INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${places})`)
      .run(...Object.values(row));
  };
  const at = Date.now();
  const password_hash = await hashPassword(password);
  for (const [name, letters] of [["admin", "rwcdt"], ["bob", "rwcd"]] as const) {
    add("accounts", { name, password_hash, letters, created_ms: at, generation: at });
  }
  for (const name of ["f.txt", "f_v2.txt"]) {
    Deno.writeTextFileSync(join(files, name), name, { mode: 0o600 });
    Deno.utimeSync(join(files, name), at / 1000, at / 1000);
    const { length: size } = name;
    const state = { size, mtime_ms: Math.trunc(at), hash: sha256(name), stored_ms: at, damaged: 0 };
    add("files", { owner: "admin", directory: "/docs", name, ...state });
  }
  const letters = "rwcdt";
  const share = { owner: "admin", path: "/docs", guest: "bob", letters: "r", directory: 1 };
  add("shares", { id: crypto.randomUUID(), ...share, created_ms: at });
  const token = { account: "admin", hash: sha256(TOKEN), label: "t", letters, path: "/" };
  add("tokens", { id: crypto.randomUUID(), ...token, created_ms: at });
  add("uploads", {
    ...{ id: UPLOAD, owner: "admin", account: "admin", path: "/big", shown_path: "/big" },
    ...{ size_bytes: CONTENT.length, if_exists: "version", created_ms: at, updated_ms: at },
    ...{ offset_bytes: SAFE, reserved_bytes: CONTENT.length },
  });
  Deno.writeTextFileSync(join(parts, `${UPLOAD}.part`), CONTENT.slice(0, SAFE + 1000));
  const checkpoint = {
    ...{ temp_id: UPLOAD, owner: "admin", account: "admin", path: "/big", shown_path: "/big" },
    ...{ file_size: CONTENT.length, file_hash: null, mtime: null, if_exists: "version" },
    ...{ appends_to: null, created: at, updated: at, offset: SAFE },
    safe: [{ offset: SAFE, hash: sha256(CONTENT.slice(0, SAFE)) }],
  };
  Deno.writeTextFileSync(join(parts, `${UPLOAD}.json`), JSON.stringify(checkpoint, null, 1));
}

Deno.test("a data directory of an earlier version is taken over whole", async () => {
  await withData(async (data) => {
    const password = "correct horse battery";
    await makeEarlier(data, password);
    await using server = await startServer({ data });
    using admin = await RawClient.login(server, "admin", password);
    assertEquals(await namesIn(admin, "/docs"), ["f.txt", "f_v2.txt"]);
    using bob = await RawClient.login(server, "bob", password);
    assertEquals(await namesIn(bob, "/shared/admin/docs"), ["f.txt", "f_v2.txt"]);
    using script = await RawClient.connect(server);
    is(await script.ask("AUTH", { token: TOKEN }), "AUTH_SUCCESS");
    const resumed = is(await admin.ask("RESUME", { temp_id: UPLOAD }), "OK", 150);
    assertStrictEquals(resumed.offset, SAFE);
    await admin.data(CONTENT.slice(SAFE));
    await admin.send("END");
    assertEquals(is((await admin.reply())!, "OK", 226).hash, sha256(CONTENT));
    assertEquals(is(await admin.ask("VERIFY"), "OK").damaged, []);
  });
});

Deno.test("a catalog of a newer version is refused in one sentence, and stays as it is", async () => {
  await withData(async (data) => {
    await (await startServer({ data })).stop();
    const file = join(data, "catalog.db");
    {
      using database = new DatabaseSync(file);
      database.exec("PRAGMA user_version = 4711");
    }
    const before = sha256(Deno.readFileSync(file));
    const { code, stderr } = await runServer(["--data", data, "--port", "0"]);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^towpath: .* has version 4711, and .* up to \d+: start the newer program, or restore .*\n$/,
    );
    assertEquals(sha256(Deno.readFileSync(file)), before);
  });
});
