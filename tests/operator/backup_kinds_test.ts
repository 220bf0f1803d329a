// Backups of what is rare: sizes that a plain tar cannot hold, holes, modes, accounts without files.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import project from "../../deno.json" with { type: "json" };
import { TarWriter } from "../../server/admin/backup/tar_writer.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { putFile, terminalWith, withData } from "../support/admin.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** A plain tar header holds sizes below 8 GiB. */
const LARGE = 9 * 1024 ** 3;

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-backup-" });
  try {
    await work(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function admin(data: string, ...args: string[]) {
  const { stdout, exitCode } = await runAdmin(
    { args: [...args, "--json", "--data", data], variable: () => undefined, directory: data },
    terminalWith(""),
  );
  return { exitCode, reported: JSON.parse(stdout) };
}

Deno.test("tar entries above 8 GiB: GNU tar reads ours, and we read its", async () => {
  await withDirectory(async (directory) => {
    // The header alone: nine GiB would take a minute.
    const ours = join(directory, "ours.tar");
    const writer = new TarWriter(ours);
    const header = { name: "large", size: LARGE, mode: 0o600, mtime: new Date(0) };
    const first = new Uint8Array(64 * 1024);
    assertMatch(
      String(
        await assertRejects(() =>
          writer.add(header, {
            *[Symbol.iterator]() {
              for (let i = 0; i < 16; i++) yield first;
              throw new Error("enough");
            },
          })
        ),
      ),
      /enough/,
    );
    const { stdout } = await new Deno.Command("tar", {
      args: ["-tvf", ours],
      stderr: "null",
      env: { LC_ALL: "C" },
    }).output();
    assertMatch(new TextDecoder().decode(stdout), new RegExp(` ${LARGE} .* large\n`));

    const sparse = join(directory, "large");
    using file = Deno.openSync(sparse, { write: true, create: true });
    file.truncateSync(LARGE);
    for (const format of ["posix", "gnu"]) {
      const script = `tar --format=${format} -cf - large | head -c 65536`;
      const theirs = await new Deno.Command("sh", { args: ["-c", script], cwd: directory })
        .output();
      assertEquals(await firstEntry(theirs.stdout), { name: "large", size: LARGE }, format);
    }
  });
});

function firstEntry(tar: Uint8Array): Promise<{ name: string; size: number }> {
  return new Promise((resolve, reject) => {
    const reader = extract();
    reader.on("entry", ({ name, size }: { name: string; size: number }) => resolve({ name, size }));
    reader.on("error", reject);
    Readable.from([tar]).pipe(reader as unknown as NodeJS.WritableStream);
  });
}

Deno.test("holes, modes, times and an account without files come back", async () => {
  await withDirectory(async (directory) => {
    await withData(async (bench) => {
      const size = 8 * 1024 * 1024;
      const sparse = join(bench.data, "users/b/bob/files/sparse");
      {
        using file = Deno.openSync(sparse, { write: true, create: true, mode: 0o640 });
        file.truncateSync(size / 2);
        file.seekSync(0, Deno.SeekMode.End);
        file.writeSync(new TextEncoder().encode("in the middle"));
        file.truncateSync(size); // ends with a hole
      }
      Deno.chmodSync(sparse, 0o640);
      Deno.utimeSync(sparse, 1.234, -1.5);
      await putFile(bench, "bob", "a\nb.txt", "content");
      for (const flags of [[], ["--incremental"]]) {
        const backup = join(directory, `backup${flags.length}`);
        assertEquals((await admin(bench.data, "backup", backup, "--files", ...flags)).exitCode, 0);
        const target = join(directory, `data${flags.length}`);
        assertEquals((await admin(target, "restore", backup)).exitCode, 0);
        if (flags.length === 0) {
          const list = await new Deno.Command("tar", { args: ["-tf", backup] }).output();
          assertEquals(new TextDecoder().decode(list.stderr), ""); // times before 1970 included
        }
        const place = join(target, "users/b/bob/files/sparse");
        const info = Deno.statSync(place);
        assertEquals(
          [info.size, info.mode! & 0o777, info.mtime!.getTime()],
          [size, 0o640, -1500],
        );
        assert(info.blocks! * 512 < size / 2, `${info.blocks} blocks`);
        assert(Deno.readTextFileSync(place).includes("in the middle"));
        assertEquals([...Deno.readDirSync(join(target, "users/a/admin/files"))], []);
        assertEquals((await admin(target, "verify")).exitCode, 0);
      }
    });
  });
});

Deno.test("a backup that is taken beside uploads is clean when it is restored", async () => {
  await withDirectory(async (directory) => {
    await using server = await startServer();
    using client = await RawClient.login(server, "admin", server.password);
    for (let i = 0; i < 50; i++) await client.upload(`/before ${i}.txt`, `content ${i}`);
    const [, ...task] = project.tasks.admin.command.split(" ");
    let tar = "";
    let count = 0;
    // A busy machine stores few files beside one backup: then another one is taken.
    for (let round = 0; count <= 10; round++) {
      tar = join(directory, `${round}.tar`);
      let ended = false;
      const backup = new Deno.Command(Deno.execPath(), {
        args: [...task, "backup", tar, "--files", "--data", server.data],
        cwd: ROOT,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn().status.finally(() => ended = true);
      while (!ended) {
        const reply = await client.upload(`/during ${count}.txt`, `content ${count++}`);
        assertEquals(reply.code, 226);
      }
      assertEquals((await backup).code, 0);
    }
    const target = join(directory, "data");
    const { exitCode, reported } = await admin(target, "restore", tar);
    assertEquals([exitCode, reported.missing, reported.damaged], [0, [], []]);
    const verified = await admin(target, "verify");
    assertEquals([verified.exitCode, verified.reported.findings], [0, []]);
    assert(verified.reported.files >= 50);
  });
});
