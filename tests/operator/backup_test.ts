// Backups that are taken while others write, killed, restored and compared.
import { basename, join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import project from "../../deno.json" with { type: "json" };
import { nextSnapshotName } from "../../server/admin/backup/snapshot_target.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { putFile, terminalWith, withData } from "../support/admin.ts";
import { until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Starts `admin` as a process of its own. */
function startAdmin(...args: string[]): Deno.ChildProcess {
  const [, ...task] = project.tasks.admin.command.split(" ");
  return new Deno.Command(Deno.execPath(), {
    args: [...task, ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Fills a catalog so that its copy takes some time. */
function fill(data: string, rows: number): void {
  using database = new DatabaseSync(join(data, "catalog.db"));
  database.exec("BEGIN");
  const add = database.prepare(`
    INSERT INTO files (owner, directory, name, size, mtime_ms, hash, stored_ms, damaged)
    VALUES ('bob', ?, ?, 1, 1, ?, 1, 0)`);
  for (let i = 0; i < rows; i++) add.run(`/${i % 100}`, `${i}.bin`, "0".repeat(64));
  database.exec("COMMIT");
}

Deno.test("a backup ends beside a server that writes all the time", async () => {
  await withData(async ({ data, run, catalog }) => {
    fill(data, 400_000);
    const worker = new Worker(new URL("../support/catalog_writer.ts", import.meta.url), {
      type: "module",
    });
    try {
      const { promise: busy, resolve } = Promise.withResolvers<void>();
      worker.onmessage = () => resolve();
      worker.postMessage({ file: join(data, "catalog.db") });
      await busy;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("The backup does not end")), 30_000);
      });
      const { exitCode } = await Promise.race([run("backup b.tar"), late])
        .finally(() => clearTimeout(timer));
      assertEquals(exitCode, 0);
      assert(await catalog.account("bob"));
    } finally {
      worker.terminate();
    }
  });
});

Deno.test("a backup that is killed leaves nothing that the next one does not remove", async () => {
  await withData(async ({ data, run }) => {
    const out = Deno.makeTempDirSync({ prefix: "towpath-backup-" });
    try {
      const files = join(data, "users/b/bob/files");
      // A hole: reading it takes a while, and no space.
      Deno.truncateSync(openNew(join(files, "large")), 4 * 1024 ** 3);
      const child = startAdmin("backup", join(out, "b.tar"), "--files", "--data", data);
      const names = () => [...Deno.readDirSync(out)].map(({ name }) => name);
      await until("the backup is being written", () => {
        const scratch = names().find((name) => name.endsWith(".towpath-backup"));
        return Promise.resolve(
          scratch !== undefined && sizeOf(join(out, scratch, "tar")) > 1024 * 1024,
        );
      });
      child.kill("SIGKILL");
      await child.status;
      assert(!names().includes("b.tar"));
      assertEquals(names().filter((name) => !name.endsWith(".towpath-backup")), []);
      Deno.removeSync(join(files, "large"));
      await run(`backup ${out}/b.tar`);
      assertEquals(names(), ["b.tar"]);
      const left = [...Deno.readDirSync(data)].filter(({ name }) => /backup|\.new/.test(name));
      assertEquals(left, []);
    } finally {
      Deno.removeSync(out, { recursive: true });
    }
  });
});

Deno.test("what killed backups left goes at any moment of theirs, and what a running one has stays", async () => {
  await withOut(async (out) => {
    await withData(async ({ run }) => {
      const draft = (name: string) => {
        const path = join(out, `.b.tar.${name}.towpath-backup`);
        Deno.mkdirSync(path);
        return path;
      };
      draft("killed before its lock");
      Deno.writeTextFileSync(join(draft("killed later"), "lock"), "");
      Deno.writeTextFileSync(join(out, ".b.tar.mine"), "");
      const elsewhere = Deno.makeTempDirSync({ dir: out, prefix: "elsewhere" });
      Deno.symlinkSync(elsewhere, join(out, ".b.tar.link.towpath-backup"));
      using lock = Deno.openSync(join(draft("running"), "lock"), { write: true, create: true });
      lock.lockSync(true);
      await run(`backup ${out}/b.tar`);
      assertEquals(namesIn(out).filter((name) => !name.startsWith("elsewhere")).sort(), [
        ".b.tar.link.towpath-backup",
        ".b.tar.mine",
        ".b.tar.running.towpath-backup",
        "b.tar",
      ]);
    });
  });
});

Deno.test("two backups to one directory are not made at once", async () => {
  await withOut(async (out) => {
    await withData(async ({ run, refused }) => {
      await run(`backup ${out} --files --incremental`);
      using lock = Deno.openSync(join(out, "lock"), { write: true });
      lock.lockSync(true);
      const [code, sentence] = await refused(`backup ${out} --files --incremental`);
      assertEquals(code, 8);
      assertMatch(sentence, /Another backup to .* is running: wait for its end/);
    });
  });
});

Deno.test("a backup overwrites nothing of the data directory", async () => {
  await withOut(async (out) => {
    await withData(async ({ data, run, refused }) => {
      Deno.symlinkSync(data, join(out, "link"));
      const targets = [
        "catalog.db",
        "users",
        "tls/b.tar",
        "users/b/bob/files/b.tar",
        `${out}/link/lock`,
      ];
      for (const target of [...targets, ". --incremental --files", out]) {
        const [code, sentence] = await refused(`backup ${target}`);
        assertEquals(code, 1, target);
        assertMatch(sentence, /of the data directory itself: choose|is a directory, .* choose/);
      }
      assertEquals((await run("user list")).data.length ?? 2, 2);
    });
  });
});

Deno.test("content that is damaged in a directory of backups is named, and stored again", async () => {
  await withOut(async (out) => {
    await withData(async (bench) => {
      await putFile(bench, "bob", "f", "content");
      const flags = `backup ${out} --files --incremental`;
      await bench.run(flags);
      const object = join(out, "objects", sha256("content").slice(0, 2), sha256("content"));
      Deno.writeTextFileSync(object, "CONTENT");
      const restored = async (name: string) => {
        const data = join(out, "..", `${basename(out)}-${name}`);
        try {
          return await runAdmin({
            args: ["restore", out, "--data", data],
            variable: () => undefined,
            directory: out,
          }, terminalWith(""));
        } finally {
          Deno.removeSync(data, { recursive: true });
        }
      };
      await bench.run(flags); // trusts what has the size
      const { exitCode, stdout } = await restored("a");
      assertEquals(exitCode, 6);
      assert(
        stdout.includes(`files/f: remove ${object}, and the next backup stores it`),
        stdout,
      );
      assertMatch(stdout, /; damaged files: 1$/m);
      await bench.run(`${flags} --check`);
      assertEquals(Deno.readTextFileSync(object), "content");
      assertEquals((await restored("b")).exitCode, 0);
    });
  });
});

Deno.test("the latest snapshot is the one that was made last, whatever the clock says", () => {
  const future = "2031-01-01T000000.000Z";
  const next = nextSnapshotName([future], Date.parse("2030-01-01T00:00:00Z"));
  assertEquals(next, "2031-01-01T000000.001Z");
  const later = nextSnapshotName([future, next], Date.parse("2032-02-03T04:05:06.789Z"));
  assertEquals(later, "2032-02-03T040506.789Z");
});

Deno.test("--keep removes older snapshots, and content that no other one lists", async () => {
  await withOut(async (out) => {
    await withData(async (bench) => {
      const isStored = (content: string) => {
        const hash = sha256(content);
        return existsSync(join(out, "objects", hash.slice(0, 2), hash));
      };
      const flags = `backup ${out} --files --incremental`;
      await putFile(bench, "bob", "kept", "kept");
      await putFile(bench, "bob", "old", "old");
      await bench.run(flags);
      Deno.removeSync(join(bench.data, "users/b/bob/files/old"));
      assertEquals((await bench.run(`${flags} --keep 2`)).data.removed, 0);
      assert(isStored("old"));
      Deno.mkdirSync(join(out, "snapshots/notes")); // the user's own
      assertEquals((await bench.run(`${flags} --keep 2`)).data.removed, 1);
      assertEquals([isStored("kept"), isStored("old")], [true, false]);
      assertEquals(namesIn(join(out, "snapshots")).length, 3);
      const [, damaged] = namesIn(join(out, "snapshots")).sort();
      Deno.removeSync(join(out, "snapshots", damaged!, "files.jsonl"));
      const [code, sentence] = await bench.refused(`${flags} --keep 2`);
      assertEquals(code, 1, sentence);
      assertMatch(sentence, /files\.jsonl is missing: the snapshot is damaged, move it away/);
    });
  });
});

async function withOut(work: (out: string) => Promise<void>): Promise<void> {
  const out = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "towpath-backup-" }));
  try {
    await work(out);
  } finally {
    Deno.removeSync(out, { recursive: true });
  }
}

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name);
}

function openNew(path: string): string {
  Deno.writeFileSync(path, new Uint8Array());
  return path;
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
