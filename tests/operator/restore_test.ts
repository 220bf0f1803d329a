// Backups with files are restored: as tar, as snapshots, onto data that is there, as root.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type AdminBench, type Json, putFile, terminalWith, withData } from "../support/admin.ts";
import { CAN_SWITCH, NOBODY, ownedByOthers } from "../support/other_user.ts";
import { sha256 } from "../support/raw_client.ts";
import { holdDataDirectory } from "../../server/data_lock.ts";
import { runAdmin } from "../../server/admin/run.ts";

/** Names that a plain tar header cannot hold, or that another layer might take for its own. */
const ODD = ["ä ö.txt", "new\nline", "-rf", `${"long".repeat(50)}.txt`, "x.part", "'quoted\""];

/** Runs `restore` onto a data directory. @returns its exit code, and what it answers or refuses */
async function restore(data: string, ...args: string[]): Promise<[number, Json]> {
  try {
    const { stdout, exitCode } = await runAdmin({
      args: ["restore", ...args, "--json", "--data", data],
      variable: () => undefined,
      directory: data,
    }, terminalWith(""));
    return [exitCode, JSON.parse(stdout)];
  } catch (error) {
    const { exitCode, message } = error as Error & { exitCode: number };
    return [exitCode, message];
  }
}

async function withFiles(work: (bench: AdminBench, out: string) => Promise<void>): Promise<void> {
  const out = Deno.makeTempDirSync({ prefix: "towpath-restore-" });
  try {
    await withData(async (bench) => {
      for (const name of ODD) await putFile(bench, "bob", name, "content");
      const directory = join(bench.data, "users/b/bob/files", "d".repeat(120));
      Deno.mkdirSync(join(directory, "e".repeat(120), "empty"), { recursive: true, mode: 0o700 });
      Deno.mkdirSync(join(bench.data, "tls"));
      Deno.writeTextFileSync(join(bench.data, "tls/ca.key"), "key", { mode: 0o644 });
      await work(bench, out);
    });
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
}

/** Whether a data directory holds what `withFiles` made, private, and verifies. */
async function assertRestored(data: string): Promise<void> {
  const files = join(data, "users/b/bob/files");
  for (const name of ODD) assert.equal(Deno.readTextFileSync(join(files, name)), "content", name);
  const empty = join(files, "d".repeat(120), "e".repeat(120), "empty");
  assert.ok(Deno.statSync(empty).isDirectory);
  for (
    const [path, mode] of [["catalog.db", 0o600], ["tls/ca.key", 0o600], ["tls", 0o700]] as const
  ) {
    assert.equal(Deno.statSync(join(data, path)).mode! & 0o777, mode, path);
  }
  assert.equal(Deno.statSync(join(files, ODD[0]!)).mtime!.getTime(), 1_700_000_000_000);
  const { stdout, exitCode } = await runAdmin({
    args: ["verify", "--json", "--data", data],
    variable: () => undefined,
    directory: data,
  }, terminalWith(""));
  assert.equal(exitCode, 0, stdout);
  assert.equal(JSON.parse(stdout).files, ODD.length);
}

Deno.test("a tar with files is restored as it was, and nothing is replaced unasked", async () => {
  await withFiles(async ({ run }, out) => {
    const { data: told } = await run(`backup ${out}/b.tar --files`);
    assert.deepEqual([told.files, told.leftOut], [ODD.length, []]);
    const target = join(out, "data");
    const [code, restored] = await restore(target, `${out}/b.tar`);
    assert.deepEqual([code, restored.missing, restored.damaged], [0, [], []]);
    await assertRestored(target);
    const [refused, sentence] = await restore(target, `${out}/b.tar`);
    assert.equal(refused, 8);
    assert.match(sentence, /holds data already/);
    const [again, replaced] = await restore(target, `${out}/b.tar`, "--replace");
    assert.equal(again, 0);
    assert.ok(Deno.statSync(join(replaced.aside, "catalog.db")).isFile);
    await assertRestored(target);
    assert.equal((await restore(target, `${out}/none.tar`))[0], 4);
    using _lock = await holdDataDirectory(target);
    const [held, why] = await restore(target, `${out}/b.tar`, "--replace");
    assert.equal(held, 1);
    assert.match(why, /Another server is running/);
  });
});

Deno.test("snapshots share content, and the latest is restored", async () => {
  await withFiles(async (bench, out) => {
    const backup = async () => (await bench.run(`backup ${out}/b --files --incremental`)).data;
    const first = await backup();
    assert.equal(first.size, "content".length); // six files of one content
    assert.equal((await backup()).size, 0);
    const object = join(out, "b/objects", sha256("content").slice(0, 2), sha256("content"));
    assert.equal(Deno.readTextFileSync(object), "content");
    const target = join(out, "data");
    assert.equal((await restore(target, `${out}/b`))[0], 0);
    await assertRestored(target);
    assert.equal((await restore(join(out, "first"), first.filename))[0], 0);
    Deno.writeTextFileSync(object, "c0ntent");
    const [code, told] = await restore(join(out, "damaged"), `${out}/b`);
    assert.deepEqual([code, told.damaged.length], [6, ODD.length]);
  });
});

Deno.test("a restore without files says whose files are missing", async () => {
  await withFiles(async ({ run }, out) => {
    await run(`backup ${out}/b.tar`);
    const [code, told] = await restore(join(out, "data"), `${out}/b.tar`);
    assert.equal(code, 0);
    assert.deepEqual(told.missing.map((one: Json) => [one.username, one.count]), [
      ["bob", ODD.length],
    ]);
  });
});

Deno.test("a file that is not a backup, or a damaged one, makes no data directory", async () => {
  await withFiles(async ({ data }, out) => {
    Deno.writeTextFileSync(join(out, "text.tar"), "no tar".repeat(1000));
    Deno.copyFileSync(join(data, "catalog.db"), join(out, "catalog.tar"));
    for (const name of ["text.tar", "catalog.tar"]) {
      const target = join(out, `data-${name}`);
      assert.equal((await restore(target, join(out, name)))[0], 1, name);
      const left = [...Deno.readDirSync(target)].map(({ name }) => name);
      assert.deepEqual(left.filter((name) => name !== "lock"), []);
    }
  });
});

Deno.test(
  "a restore as root belongs to the directory's owner",
  { ignore: !CAN_SWITCH },
  async () => {
    await withFiles(async ({ run }, out) => {
      await run(`backup ${out}/b.tar --files`);
      const target = join(out, "data");
      Deno.mkdirSync(target);
      Deno.chownSync(target, NOBODY, NOBODY);
      assert.equal((await restore(target, `${out}/b.tar`))[0], 0);
      assert.deepEqual(ownedByOthers(target), []);
    });
  },
);
