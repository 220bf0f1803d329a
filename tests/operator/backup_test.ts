// Backups that are taken while others write, killed, restored and compared.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import project from "../../deno.json" with { type: "json" };
import { withData } from "../support/admin.ts";
import { until } from "../support/native.ts";

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
      assert.equal(exitCode, 0);
      assert.ok(await catalog.account("bob"));
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
      assert.ok(!names().includes("b.tar"));
      assert.deepEqual(names().filter((name) => !name.endsWith(".towpath-backup")), []);
      Deno.removeSync(join(files, "large"));
      await run(`backup ${out}/b.tar`);
      assert.deepEqual(names(), ["b.tar"]);
      const left = [...Deno.readDirSync(data)].filter(({ name }) => /backup|\.new/.test(name));
      assert.deepEqual(left, []);
    } finally {
      Deno.removeSync(out, { recursive: true });
    }
  });
});

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
