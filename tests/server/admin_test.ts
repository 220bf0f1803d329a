import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar-stream";
import { runAdmin } from "../../server/admin/run.ts";
import type { Terminal } from "../../server/admin/terminal.ts";
import { ADMIN_COMMANDS, adminHelp } from "../../server/admin/commands.ts";
import { LocalStore } from "../../storage/local/local_store.ts";
import { SqliteCatalog } from "../../storage/sqlite_catalog.ts";
import { sha256 } from "../support/raw_client.ts";
import project from "../../deno.json" with { type: "json" };

/** A terminal that answers questions one after the other; without answers it is none. */
function terminalWith(input: string, answers: (string | undefined)[] = []): Terminal {
  return {
    interactive: answers.length > 0,
    readAll: () => Promise.resolve(input),
    askSecret: () => Promise.resolve(answers.shift()),
  };
}

interface Bench {
  data: string;
  store: LocalStore;
  catalog: SqliteCatalog;
  /** Runs a command line with `--json`. */
  run(line: string, terminal?: Terminal): Promise<{ exitCode: number; data: Json }>;
  /** Runs a command line that is to be refused; its exit code and sentence. */
  refused(line: string, terminal?: Terminal): Promise<[number, string]>;
}
// deno-lint-ignore no-explicit-any
type Json = any;

/** A data directory with the accounts `admin` (letter t) and `bob`. */
async function withData(work: (bench: Bench) => Promise<void>): Promise<void> {
  const data = Deno.realPathSync(Deno.makeTempDirSync());
  const catalog = SqliteCatalog.open(join(data, "catalog.db"), { durability: "relaxed" });
  const store = new LocalStore(data);
  for (const [name, letters] of [["admin", "rwcdt"], ["bob", "rw"]] as const) {
    await catalog.addAccount({
      name,
      passwordHash: "none",
      letters,
      quotaBytes: null,
      createdMs: 0,
      lastLoginMs: null,
      generation: 1,
    });
    await store.addAccount(name);
  }
  const start = (line: string, terminal: Terminal) =>
    runAdmin({
      args: [...line.split(" ").filter(Boolean), "--data", data],
      variable: () => undefined,
      directory: data,
    }, terminal);
  try {
    await work({
      data,
      store,
      catalog,
      async run(line, terminal = terminalWith("")) {
        const { stdout, exitCode } = await start(`${line} --json`, terminal);
        assert.equal(stdout.indexOf("\n"), stdout.length - 1);
        return { exitCode, data: JSON.parse(stdout) };
      },
      async refused(line, terminal = terminalWith("")) {
        try {
          await start(line, terminal);
        } catch (error) {
          const { exitCode, message } = error as Error & { exitCode: number };
          return [exitCode, message];
        }
        throw new Error(`accepted: ${line}`);
      },
    });
  } finally {
    await catalog.close();
    Deno.removeSync(data, { recursive: true });
  }
}

/** Puts a file that the catalog knows. */
async function putFile({ data, catalog }: Bench, owner: string, name: string, content: string) {
  const place = join(data, "users", owner[0]!, owner, "files", name);
  Deno.writeTextFileSync(place, content);
  const mtimeMs = 1_700_000_000_000;
  Deno.utimeSync(place, new Date(mtimeMs), new Date(mtimeMs));
  await catalog.noteFile(owner, `/${name}`, {
    size: content.length,
    mtimeMs,
    hash: sha256("content"),
    storedMs: 0,
    damaged: false,
  });
  return place;
}

Deno.test("admin: user add makes an account with its place, once", async () => {
  await withData(async ({ run, refused, catalog, data }) => {
    const stdin = terminalWith("correct horse\n");
    const line = "user add alice --password-stdin --permissions tr --quota 10M";
    const { data: told } = await run(line, stdin);
    assert.deepEqual(told, { username: "alice", permissions: "rt" });
    const account = (await catalog.account("alice"))!;
    assert.equal(account.quotaBytes, 10 * 1024 * 1024);
    assert.match(account.passwordHash, /^\$scrypt\$/);
    assert.ok(existsSync(join(data, "users/a/alice/files")));
    assert.equal((await refused("user add alice"))[0], 8);
    assert.equal((await refused("user add Alice"))[0], 2);
    assert.equal((await refused("user add shared"))[0], 2);
    assert.equal((await refused("user add carol --password-stdin", terminalWith("short")))[0], 2);
    assert.equal((await refused("user add carol --permissions rx"))[0], 2);
    assert.equal(await catalog.account("carol"), undefined);
  });
});

Deno.test("admin: passwords are asked for twice, or made up and shown once", async () => {
  await withData(async ({ run, refused, catalog }) => {
    const { data: made } = await run("user add carol");
    assert.match(made.password, /^[a-z2-9]{6}(-[a-z2-9]{6}){3}$/);
    const typed = await run(
      "user passwd carol",
      terminalWith("", ["battery staple", "battery staple"]),
    );
    assert.deepEqual(typed.data, { username: "carol" });
    const before = await catalog.account("carol");
    const faults: [(string | undefined)[], number][] = [
      [["battery staple", "battery stable"], 2],
      [["short"], 2],
      [[undefined], 1],
    ];
    for (const [answers, code] of faults) {
      assert.equal((await refused("user passwd carol", terminalWith("", answers)))[0], code);
    }
    assert.deepEqual(await catalog.account("carol"), before);
  });
});

Deno.test("admin: another password ends what the old one opened", async () => {
  await withData(async ({ run, refused, catalog }) => {
    await run("user passwd bob --password-stdin", terminalWith("correct horse"));
    assert.equal((await catalog.account("bob"))!.generation, 2);
    assert.equal((await refused("user passwd nobody"))[0], 4);
  });
});

Deno.test("admin: the last administrator keeps the letter and the account", async () => {
  await withData(async ({ run, refused, catalog }) => {
    assert.equal((await refused("user permit admin rw"))[0], 5);
    assert.equal((await refused("user remove admin"))[0], 5);
    await run("user permit bob trw");
    assert.equal((await catalog.account("bob"))!.letters, "rwt");
    await run("user permit admin r");
    assert.equal((await catalog.account("admin"))!.letters, "r");
    assert.equal((await refused("user remove bob"))[0], 5);
    assert.equal((await refused("user permit nobody r"))[0], 4);
    assert.equal((await refused("user permit bob x"))[0], 2);
  });
});

Deno.test("admin: a removed account's files are kept aside, and a new one starts empty", async () => {
  await withData(async (bench) => {
    const { run, refused, catalog, data } = bench;
    const place = await putFile(bench, "bob", "a.txt", "content");
    await run("user remove bob");
    assert.equal(await catalog.account("bob"), undefined);
    assert.ok(!existsSync(place));
    const [aside] = [...Deno.readDirSync(join(data, "removed"))];
    assert.ok(existsSync(join(data, "removed", aside!.name, "files/a.txt")));
    await run("user add bob");
    assert.ok(!existsSync(place));
    assert.equal(await catalog.file("bob", "/a.txt"), undefined);
    assert.equal((await refused("user remove nobody"))[0], 4);
  });
});

Deno.test("admin: user list tells what USERS tells", async () => {
  await withData(async (bench) => {
    const { data } = await bench.run("user list");
    assert.deepEqual(data.users.map((user: Json) => [user.username, user.role, user.permissions]), [
      ["admin", "admin", "rwcdt"],
      ["bob", "user", "rw"],
    ]);
  });
});

Deno.test("admin: verify finds damage and says so with its exit code", async () => {
  await withData(async (bench) => {
    await putFile(bench, "bob", "good.txt", "content");
    const sound = await bench.run("verify");
    assert.deepEqual(sound, { exitCode: 0, data: { files: 1, bytes: 7, damaged: [] } });
    await putFile(bench, "bob", "bad.txt", "c0ntent");
    const found = await bench.run("verify bob");
    assert.equal(found.exitCode, 6);
    assert.deepEqual(found.data.damaged, [{
      username: "bob",
      filename: "/bad.txt",
      expected: sha256("content"),
      actual: sha256("c0ntent"),
    }]);
    assert.equal((await bench.run("verify admin")).exitCode, 0);
    assert.equal((await bench.refused("verify nobody"))[0], 4);
  });
});

Deno.test("admin: parts --expire removes those past their time, no others", async () => {
  await withData(async ({ run, catalog, store }) => {
    const day = 86_400_000;
    for (const [id, age] of [["old", 8 * day], ["young", 6 * day]] as const) {
      (await store.createPart("bob", id)).close();
      await catalog.addUpload({
        id,
        owner: "bob",
        account: "bob",
        path: `/${id}.bin`,
        shownPath: `/${id}.bin`,
        sizeBytes: 10,
        hash: null,
        mtimeMs: null,
        ifExists: "version",
        appendsTo: null,
        createdMs: Date.now() - age,
        updatedMs: Date.now() - age,
        offsetBytes: 0,
        reservedBytes: 10,
      });
    }
    const listed = await run("parts");
    assert.equal(listed.data.parts.length, 2);
    const expired = await run("parts --expire");
    assert.deepEqual(expired.data.parts.map((part: Json) => [part.temp_id, part.removed]), [
      ["young", false],
      ["old", true],
    ]);
    assert.deepEqual((await catalog.uploads()).map(({ id }) => id), ["young"]);
    assert.deepEqual(await store.listParts("bob"), ["young"]);
  });
});

Deno.test("admin: backup is a private tar of catalog, certificates and configuration", async () => {
  await withData(async (bench) => {
    const { data, run, refused } = bench;
    Deno.mkdirSync(join(data, "tls"));
    Deno.writeTextFileSync(join(data, "tls/ca.key"), "key");
    Deno.writeTextFileSync(join(data, "config.json"), "{}");
    Deno.mkdirSync(join(data, "out"));
    const { data: told } = await run("backup out/b.tar");
    assert.equal(told.filename, join(data, "out/b.tar"));
    assert.equal(Deno.statSync(told.filename).mode! & 0o777, 0o600);
    assert.deepEqual(await unpack(told.filename, join(data, "restored")), [
      "catalog.db",
      "config.json",
      "tls/ca.key",
    ]);
    const restored = SqliteCatalog.open(join(data, "restored/catalog.db"), { durability: "full" });
    assert.deepEqual((await restored.accounts()).map(({ name }) => name).sort(), ["admin", "bob"]);
    await restored.close();
    const left = [...Deno.readDirSync(data)].map(({ name }) => name);
    assert.ok(left.every((name) => !name.endsWith(".backup") && !name.endsWith(".new")));
    assert.equal((await refused("backup missing/b.tar"))[0], 1);
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

Deno.test("admin: status tells of a data directory that nobody serves", async () => {
  await withData(async ({ run, data }) => {
    const { data: status } = await run("status");
    assert.equal(status.data, data);
    assert.equal(status.running, false);
    assert.equal(status.accounts, 2);
  });
});

Deno.test("admin: wrong usage is refused, and help knows every command", async () => {
  await withData(async ({ refused }) => {
    for (const line of ["foo", "user", "user add", "user add a b", "verify --expire", "parts -x"]) {
      assert.equal((await refused(line))[0], 2, line);
    }
  });
  const help = adminHelp();
  for (const { name } of ADMIN_COMMANDS) assert.ok(help.includes(`  ${name}`), name);
});

Deno.test("admin: the program itself runs with the task's permissions", async () => {
  await withData(async ({ data }) => {
    const [, ...args] = project.tasks.admin.command.split(" ");
    const run = async (...more: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...args, ...more],
        cwd: new URL("../../", import.meta.url).pathname,
        env: { INIT_CWD: data },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    const added = await run("user", "add", "dora", "--data", ".");
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /Password, shown only now: \S+\n/);
    const backup = await run("backup", "b.tar", "--data", ".");
    assert.equal(backup.code, 0, backup.stderr);
    const none = await run("status", "--data", "elsewhere");
    assert.equal(none.code, 4);
    assert.match(none.stderr, /^towpath: [^\n]+\n$/);
    assert.ok(!existsSync(join(data, "elsewhere")));
  });
});
