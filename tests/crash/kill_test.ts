/**
 * SIGKILL of the server at every step of commit, checkpoint, delete, rename and of recovery: over a
 * real process, a real file system and a real SQLite file.
 */
import { fromFileUrl } from "@std/path";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { COMMIT_STEPS } from "./commit_steps.ts";

const SERVER = fromFileUrl(new URL("../support/faulty_server.ts", import.meta.url));

interface Running {
  child: Deno.ChildProcess;
  port: number;
  caText: string;
}

/** Starts the server; undefined where it was killed by its fault before it listened. */
async function start(data: string, step = "-"): Promise<Running | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", SERVER, data, step],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) {
      await child.status;
      return undefined;
    }
    text += value;
  }
  reader.releaseLock();
  return { child, ...JSON.parse(text) };
}

async function kill({ child }: Running): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // it has killed itself
  }
  await child.status;
}

/** Runs `work` against a server in this process, which starts soonest, and closes it. */
async function prepared(data: string, work: (client: RawClient) => Promise<void>): Promise<void> {
  await using server = await openInProcess({ data });
  using client = await RawClient.login(server, "alice", PASSWORD);
  await work(client);
}

/** Runs `work` against a server that ends at `step`; what `work` throws then is expected. */
async function crashing(
  data: string,
  step: string,
  work: (client: RawClient) => Promise<void>,
): Promise<void> {
  const server = await start(data, step);
  if (server === undefined) return;
  using client = await RawClient.login(server, "alice", PASSWORD);
  await Promise.race([work(client).catch(() => {}), server.child.status]);
  await server.child.status;
}

/** Runs `work` against a server that recovers whatever was left, and ends by a kill. */
async function recovered(data: string, work: (client: RawClient) => Promise<void>): Promise<void> {
  const server = await start(data);
  assert(server, "the server did not start again");
  try {
    using client = await RawClient.login(server, "alice", PASSWORD);
    await work(client);
  } finally {
    await kill(server);
  }
}

async function tempDirectory(work: (data: string) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "towpath-kill-" });
  try {
    await work(data);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

async function assertFiles(client: RawClient, files: Record<string, string>): Promise<void> {
  const { data } = await client.ask("LIST", { recursive: true });
  const names = (data.entries as { name: string }[]).map(({ name }) => name);
  assertEquals(names, Object.keys(files).sort());
  for (const [name, text] of Object.entries(files)) {
    const { content, final } = await client.download(name);
    assertEquals(final.code, 226, JSON.stringify(final));
    assertEquals(new TextDecoder().decode(content), text);
  }
  const verified = await client.ask("VERIFY");
  assertEquals(verified.data.damaged, []);
}

/** Finishes whatever upload is unfinished; its final reply. */
async function finishUnfinished(client: RawClient, text: string): Promise<void> {
  const { data } = await client.ask("PARTS");
  for (const { temp_id } of data.parts as { temp_id: string }[]) {
    const ready = await client.ask("RESUME", { temp_id });
    assertEquals(ready.code, 150, JSON.stringify(ready));
    const offset = ready.data.offset as number;
    assertEquals(ready.data.prefix_hash, sha256(text.slice(0, offset)));
    await client.data(text.slice(offset));
    await client.send("END", { file_hash: sha256(text) });
    assertEquals((await client.reply())!.code, 226);
  }
}

const LIVE = COMMIT_STEPS.indexOf("commit: live");

for (const [index, step] of COMMIT_STEPS.entries()) {
  for (const ifExists of ["version", "overwrite"]) {
    Deno.test(`kill -9 at "${step}" (${ifExists}): the upload is whole or resumes`, async () => {
      await tempDirectory(async (data) => {
        await prepared(data, async (client) => {
          await client.upload("f.txt", "old");
          await client.upload("kept.txt", "kept");
        });
        await crashing(data, step, async (client) => {
          await client.upload("f.txt", "new content", { if_exists: ifExists });
        });
        const before = { "f.txt": "old", "kept.txt": "kept" };
        const after = ifExists === "overwrite"
          ? { ...before, "f.txt": "new content" }
          : { ...before, "f_v2.txt": "new content" };
        await recovered(data, async (client) => {
          await assertFiles(client, index >= LIVE ? after : before);
          await finishUnfinished(client, "new content");
          await assertFiles(client, after);
        });
      });
    });
  }
}

for (const step of ["checkpoint: synced", "checkpoint: written", "checkpoint: saved"]) {
  Deno.test(`kill -9 at "${step}": the upload resumes at the safe offset`, async () => {
    await tempDirectory(async (data) => {
      const text = "x".repeat(40 * 1024 * 1024);
      await crashing(data, step, async (client) => {
        assertEquals((await client.ask("UPLOAD", { filename: "f.bin" })).code, 150);
        await client.data(text);
        await client.send("END");
        await client.reply();
      });
      await recovered(data, async (client) => {
        await assertFiles(client, {});
        const { data: { parts } } = await client.ask("PARTS");
        const [part] = parts as { offset: number }[];
        assert(part, "the upload is gone");
        if (step !== "checkpoint: synced") assert(part.offset > 0);
        await finishUnfinished(client, text);
        const { data: { hash } } = await client.ask("HASH", { filename: "f.bin" });
        assertEquals(hash, sha256(text));
      });
    });
  });
}

Deno.test(`kill -9 at "remove: forgotten": the file is there still, whole`, async () => {
  await tempDirectory(async (data) => {
    await prepared(data, async (client) => void await client.upload("f.txt", "text"));
    await crashing(data, "remove: forgotten", async (client) => {
      await client.ask("DELE", { filename: "f.txt" });
    });
    await recovered(data, (client) => assertFiles(client, { "f.txt": "text" }));
  });
});

for (const step of ["rename: intent noted", "rename: renamed"]) {
  Deno.test(`kill -9 at "${step}": the file has one of its two names`, async () => {
    await tempDirectory(async (data) => {
      await prepared(data, async (client) => void await client.upload("a.txt", "text"));
      await crashing(data, step, async (client) => {
        await client.ask("RENAME", { from: "a.txt", to: "b.txt" });
      });
      const name = step === "rename: renamed" ? "b.txt" : "a.txt";
      await recovered(data, (client) => assertFiles(client, { [name]: "text" }));
    });
  });
}

/** More than one transaction moves or forgets. */
const MANY = 2500;

/** Makes a directory of many empty files, all of which are recorded. */
async function manyFiles(data: string): Promise<void> {
  await prepared(data, async (client) => {
    const directory = `${data}/users/a/alice/files/many`;
    await Deno.mkdir(directory);
    for (let i = 0; i < MANY; i++) Deno.writeTextFileSync(`${directory}/${i}.txt`, "");
    assertStrictEquals((await client.ask("VERIFY", { path: "many" })).data.files, MANY);
    await client.upload("many/more.txt", "text");
  });
}

async function entriesOf(client: RawClient, path: string) {
  const { data, status } = await client.ask("LIST", { path, limit: 10_000 });
  assertEquals(status, "OK", String(data.message));
  return data.entries as { name: string; hash: string | null }[];
}

Deno.test("kill -9 while records follow a rename: all of them have followed", async () => {
  await tempDirectory(async (data) => {
    await manyFiles(data);
    await crashing(data, "rename: some records moved", async (client) => {
      await client.ask("RENAME", { from: "many", to: "moved" });
    });
    await recovered(data, async (client) => {
      assertEquals((await entriesOf(client, "/")).map(({ name }) => name), ["moved"]);
      const entries = await entriesOf(client, "moved");
      assertEquals(entries.length, MANY + 1);
      assert(entries.every(({ hash }) => hash !== null), "a record was left behind");
      assertEquals((await client.ask("VERIFY", { path: "moved" })).data.damaged_files, 0);
      assertEquals((await client.download("moved/more.txt")).content.length, 4);
      assertEquals((await client.ask("RMD", { path: "moved", recursive: true })).code, 250);
    });
  });
});

Deno.test("kill -9 while a directory is removed: the remaining files are whole, and go the next time", async () => {
  await tempDirectory(async (data) => {
    await manyFiles(data);
    await crashing(data, "remove: some of a directory removed", async (client) => {
      await client.ask("RMD", { path: "many", recursive: true });
    });
    await recovered(data, async (client) => {
      const { data: found } = await client.ask("VERIFY", { path: "many" });
      assertEquals(found.damaged_files, 0);
      assertEquals(found.files, (await entriesOf(client, "many")).length);
      assertEquals((await client.ask("RMD", { path: "many", recursive: true })).code, 250);
    });
    await recovered(data, async (client) => assertEquals(await entriesOf(client, "/"), []));
  });
});

/** For each step of recovery: what leads to it. */
const RECOVERY: [step: string, crash: string, files: Record<string, string>][] = [
  ["recovery: finished part removed", "commit: acknowledged", { "f.txt": "text" }],
  ["recovery: unpublished", "commit: published", {}],
  ["recovery: rename settled", "rename: renamed", { "moved.txt": "text" }],
];

for (const [step, crash, files] of RECOVERY) {
  Deno.test(`kill -9 at "${step}": the next recovery ends as the first would have`, async () => {
    await tempDirectory(async (data) => {
      if (crash.startsWith("rename")) {
        await prepared(data, async (client) => void await client.upload("f.txt", "text"));
      }
      await crashing(data, crash, async (client) => {
        if (crash.startsWith("rename")) {
          await client.ask("RENAME", { from: "f.txt", to: "moved.txt" });
        } else {
          await client.upload("f.txt", "text");
        }
      });
      assertEquals(await start(data, step), undefined, `"${step}" was never reached`);
      await recovered(data, (client) => assertFiles(client, files));
    });
  });
}
