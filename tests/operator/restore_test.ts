// Backups with files are restored: as tar, as snapshots, onto data that is there, as root.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertThrows, fail } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { type AdminBench, type Json, putFile, terminalWith, withData } from "../support/admin.ts";
import { CAN_SWITCH, ownedByOthers, UNPRIVILEGED } from "../support/machine/other_user.ts";
import { sha256 } from "../support/raw_client.ts";
import { holdDataDirectory } from "../../server/data/data_lock.ts";
import {
  assertCatalogIsThere,
  assertRestored as assertRestoreEnded,
} from "../../server/data/data_directory.ts";
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
  for (const name of ODD) assertEquals(Deno.readTextFileSync(join(files, name)), "content", name);
  const empty = join(files, "d".repeat(120), "e".repeat(120), "empty");
  assert(Deno.statSync(empty).isDirectory);
  for (
    const [path, mode] of [["catalog.db", 0o600], ["tls/ca.key", 0o600], ["tls", 0o700]] as const
  ) {
    assertEquals(Deno.statSync(join(data, path)).mode! & 0o777, mode, path);
  }
  assertEquals(Deno.statSync(join(files, ODD[0]!)).mtime!.getTime(), 1_700_000_000_000);
  const { stdout, exitCode } = await runAdmin({
    args: ["verify", "--json", "--data", data],
    variable: () => undefined,
    directory: data,
  }, terminalWith(""));
  assertEquals(exitCode, 0, stdout);
  assertEquals(JSON.parse(stdout).files, ODD.length);
}

Deno.test("a tar with files is restored as it was, and nothing is replaced unasked", async () => {
  await withFiles(async ({ run }, out) => {
    const { data: reported } = await run(`backup ${out}/b.tar --files`);
    assertEquals([reported.files, reported.leftOut], [ODD.length, []]);
    const target = join(out, "data");
    const [code, restored] = await restore(target, `${out}/b.tar`);
    assertEquals([code, restored.missing, restored.damaged], [0, [], []]);
    await assertRestored(target);
    const [refused, sentence] = await restore(target, `${out}/b.tar`);
    assertEquals(refused, 8);
    assertMatch(sentence, /holds data already/);
    const [again, replaced] = await restore(target, `${out}/b.tar`, "--replace");
    assertEquals(again, 0);
    assert(Deno.statSync(join(replaced.aside, "catalog.db")).isFile);
    await assertRestored(target);
    assertEquals((await restore(target, `${out}/none.tar`))[0], 4);
    using _lock = await holdDataDirectory(target);
    const [held, why] = await restore(target, `${out}/b.tar`, "--replace");
    assertEquals(held, 1);
    assertMatch(why, /Another server is running/);
  });
});

Deno.test("a restore that is killed at any step lets no server start, and can be repeated", {
  ignore: !hasStrace(),
}, async () => {
  await withFiles(async ({ run }, out) => {
    await run(`backup ${out}/b.tar --files`);
    const target = join(out, "data");
    assertEquals((await restore(target, `${out}/b.tar`))[0], 0);
    const before = JSON.stringify(listOf(target));
    for (let step = 1; step < 20; step++) {
      const killed = await restoreKilledAt(step, target, `${out}/b.tar`);
      if (!killed) {
        assert(step > 5, `only ${step - 1} steps`);
        await assertRestored(target);
        return;
      }
      // Nothing was moved yet, or no server starts.
      if (JSON.stringify(listOf(target)) !== before) {
        assertMatch(
          String(assertThrows(() => assertServable(target))),
          /A restore into .* did not end/,
        );
      }
      const [refused] = await restore(target, `${out}/b.tar`, "--replace");
      assertEquals(refused, 0);
      assertServable(target);
      await assertRestored(target);
    }
    fail("it does not end");
  });
});

function assertServable(data: string): void {
  assertRestoreEnded(data);
  assertCatalogIsThere(data);
}

/** Content that a server would find, without that which earlier restores moved aside. */
function listOf(data: string): string[] {
  return ["catalog.db", "users", "tls", "config.json"].filter((name) => {
    try {
      return Deno.statSync(join(data, name)) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Runs `restore --replace` and kills it before a rename. @returns whether it came so far */
async function restoreKilledAt(step: number, data: string, backup: string): Promise<boolean> {
  const [, ...task] = project.tasks.admin.command.split(" ");
  const { signal } = await new Deno.Command("strace", {
    args: [
      ...["-f", "-qq", "-o", "/dev/null", "-e", "trace=/^rename"],
      ...["-e", `inject=/^rename:signal=KILL:when=${step}`],
      ...[Deno.execPath(), ...task, "restore", backup, "--replace", "--data", data],
    ],
    cwd: new URL("../../", import.meta.url).pathname,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return signal === "SIGKILL";
}

function hasStrace(): boolean {
  try {
    return new Deno.Command("strace", { args: ["-V"], stdout: "null" }).outputSync().success;
  } catch {
    return Deno.env.has("CI"); // there, what is missing is a failure
  }
}

Deno.test("a restore is in the audit log of what it made", async () => {
  await withFiles(async ({ run }, out) => {
    await run(`backup ${out}/b.tar --files`);
    const target = join(out, "data");
    await restore(target, `${out}/b.tar`);
    const { action, subject, result } = JSON.parse(
      Deno.readTextFileSync(join(target, "logs/audit.log")),
    );
    assertEquals([action, subject, result], ["restore", `${out}/b.tar`, "ok"]);
  });
});

Deno.test("snapshots share content, and the latest is restored", async () => {
  await withFiles(async (bench, out) => {
    const backup = async () => (await bench.run(`backup ${out}/b --files --incremental`)).data;
    const first = await backup();
    assertEquals(first.size, "content".length); // six files of one content
    assertEquals((await backup()).size, 0);
    const object = join(out, "b/objects", sha256("content").slice(0, 2), sha256("content"));
    assertEquals(Deno.readTextFileSync(object), "content");
    const target = join(out, "data");
    assertEquals((await restore(target, `${out}/b`))[0], 0);
    await assertRestored(target);
    assertEquals((await restore(join(out, "first"), first.filename))[0], 0);
    Deno.writeTextFileSync(object, "c0ntent");
    const [code, reported] = await restore(join(out, "damaged"), `${out}/b`);
    assertEquals([code, reported.damaged.length], [6, ODD.length]);
    Deno.writeTextFileSync(join(first.filename, "files.jsonl"), '{"name":', { append: true });
    const [refused, sentence] = await restore(join(out, "cut"), first.filename);
    assertEquals(refused, 1);
    assertMatch(sentence, /files\.jsonl, is damaged at line \d+: take another backup/);
  });
});

Deno.test("a restore without files says whose files are missing", async () => {
  await withFiles(async ({ run }, out) => {
    await run(`backup ${out}/b.tar`);
    const [code, reported] = await restore(join(out, "data"), `${out}/b.tar`);
    assertEquals(code, 0);
    assertEquals(reported.missing.map((one: Json) => [one.username, one.count]), [
      ["bob", ODD.length],
    ]);
  });
});

Deno.test("a file that is not a backup, or a damaged one, makes no data directory", async () => {
  await withFiles(async ({ data, run }, out) => {
    Deno.writeTextFileSync(join(out, "text.tar"), "no tar".repeat(1000));
    Deno.copyFileSync(join(data, "catalog.db"), join(out, "catalog.tar"));
    await run(`backup ${out}/whole.tar --files`);
    const whole = Deno.readFileSync(join(out, "whole.tar"));
    Deno.writeFileSync(join(out, "cut.tar"), whole.subarray(0, whole.length / 2));
    for (
      const [name, why] of [
        ["text.tar", /is no tar, or it is damaged: .*gunzip/],
        ["catalog.tar", /is no tar, or it is damaged: .*gunzip/],
        ["cut.tar", /is no whole backup: it ends too early/],
      ] as const
    ) {
      const target = join(out, `data-${name}`);
      const [code, sentence] = await restore(target, join(out, name));
      assertEquals(code, 1, name);
      assertMatch(String(sentence), why, name);
      const left = [...Deno.readDirSync(target)].map(({ name }) => name);
      assertEquals(left.filter((name) => name !== "lock"), []);
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
      Deno.chownSync(target, UNPRIVILEGED, UNPRIVILEGED);
      assertEquals((await restore(target, `${out}/b.tar`))[0], 0);
      assertEquals(ownedByOthers(target), []);
    });
  },
);
