/** A worker that fails is started again; what was acknowledged stays, and others go on. */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import type { Reply } from "../../../protocol/mod.ts";
import { ON_DISK, STEPS } from "../../support/engine.ts";
import { is, namesIn, randomBytes, until } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import { startServer, type TestServer, type TestServerOptions } from "../../support/server.ts";

const PROGRAM = "soak/failing/server.ts";

function start(options: TestServerOptions = {}): Promise<TestServer> {
  return startServer({ program: PROGRAM, ...options });
}

/** Makes a worker throw where nothing catches it. */
function fail(server: TestServer, index: number): void {
  const file = join(server.data, `crash-${index}`);
  Deno.writeTextFileSync(`${file}.new`, "throw");
  Deno.renameSync(`${file}.new`, file); // a worker that sees it sees all of it
}

function login(server: TestServer): Promise<RawClient> {
  return RawClient.login(server, "admin", server.password);
}

async function health(server: TestServer): Promise<string> {
  const client = Deno.createHttpClient({ caCerts: [server.caText] });
  try {
    const port = server.info.web!.port;
    return await (await fetch(`https://localhost:${port}/healthz`, { client })).text();
  } catch {
    return "no answer";
  } finally {
    client.close();
  }
}

function restarted(server: TestServer, times: number): Promise<void> {
  return until(`restart ${times}`, async () => {
    const reported = times === 1 ? "once lately" : `${times} times in a row`;
    return (await health(server)).includes(`failed ${reported}, and runs again\n`);
  });
}

Deno.test("the only worker fails during an upload: it runs again on the same ports", async () => {
  await using server = await start({ web: true, ftp: true });
  const before = Deno.readTextFileSync(join(server.data, "server.json"));
  assertMatch(await health(server), /^ok\n/);
  const content = randomBytes(9 * 1024 * 1024);
  let tempId: unknown;
  {
    using client = await login(server);
    is(await client.upload("stored", "acknowledged"), "OK", 226);
    const size = { file_size: content.length, file_hash: sha256(content) };
    tempId = is(await client.ask("UPLOAD", { filename: "cut", ...size }), "OK", 150).temp_id;
    await client.data(content.subarray(0, 5 * 1024 * 1024));
    is(await client.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
    fail(server, 0);
    assertEquals(await client.reply().catch(() => null), null);
  }
  await restarted(server, 1);
  assertStrictEquals(Deno.readTextFileSync(join(server.data, "server.json")), before);
  using client = await login(server);
  assertEquals(
    is(await client.ask("HASH", { filename: "stored" }), "OK").hash,
    sha256("acknowledged"),
  );
  const offset = Number(is(await client.ask("RESUME", { temp_id: tempId }), "OK", 150).offset);
  await client.data(content.subarray(offset));
  is(await client.reply(), "OK", 226);
  using ftp = await Deno.connect({ hostname: "127.0.0.1", port: server.info.ftp!.port });
  assert(await ftp.read(new Uint8Array(100)));
  // Actions before the failure are in the audit log.
  assertMatch(Deno.readTextFileSync(join(server.data, "logs", "audit.log")), /"\/stored"/);
  assertMatch(
    server.stderr,
    /Worker 0 failed and starts again in 0\.02 s: .*A test fails this worker/,
  );
  assertEquals(await server.stop(), 0);
});

Deno.test("a worker that keeps failing is tried less and less often, and a stop ends that", async () => {
  await using server = await start({ web: true, args: ["--workers", "2"] });
  Deno.writeTextFileSync(join(server.data, "crash-1-start"), "");
  fail(server, 1);
  await until(
    "third failure",
    () => server.stderr.includes("Worker 1 failed and starts again in 2 s"),
  );
  assertMatch(server.stderr, /again in 0\.02 s[^]*again in 1 s[^]*again in 2 s/);
  await until("it is reported", async () => {
    return /^degraded\nworker 1: failed \d times in a row, starts again in \d+ s: /
      .test(await health(server));
  });
  using client = await login(server);
  is(await client.ask("NOOP"), "OK");
  assertEquals(await server.stop(), 0);
  assertNotMatch(server.stderr, /Uncaught \(in|panicked/);
});

Deno.test("one of two workers fails under load: the other's clients notice nothing, and nothing acknowledged is lost", async () => {
  await using server = await start({ web: true, args: ["--workers", "2"] });
  const stored = new Map<string, string>();
  let stopped = false;
  const unexpected: Reply[] = [];
  /** @returns whether the client was there until the end */
  const run = async (number: number) => {
    try {
      using client = await login(server);
      for (let round = 0; !stopped || round < 3; round++) {
        const filename = `f${number}-${round}`;
        const content = randomBytes(10_000);
        const reply = await client.upload(filename, content);
        if (reply === null) return false;
        if (reply.status === "ABORTED") return false; // reported before its worker is gone
        if (reply.status === "OK") stored.set(filename, sha256(content));
        else unexpected.push(reply);
      }
      return true;
    } catch {
      return false; // its worker is gone
    }
  };
  const clients = Array.from({ length: 10 }, (_, number) => run(number));
  for (const times of [1, 2]) {
    await until("uploads run", () => stored.size > times * 50);
    fail(server, 1);
    await restarted(server, times);
  }
  stopped = true;
  const unharmed = (await Promise.all(clients)).filter((whole) => whole);
  assertEquals(unexpected, []);
  assert(unharmed.length > 0, "no client was left");
  using client = await login(server);
  const files = join(server.data, "users", "a", "admin", "files");
  for (const [filename, hash] of stored) {
    assertEquals(is(await client.ask("HASH", { filename }), "OK").hash, hash, filename);
    if (!ON_DISK) continue;
    assertEquals(sha256(Deno.readFileSync(join(files, filename))), hash, filename);
  }
  assertEquals(await server.stop(), 0);
});

Deno.test("a worker fails between the steps of its work: within seconds the names are free for all", async () => {
  await using server = await start({ args: ["--workers", "2"] });
  let failures = 0; // of whichever worker has the client
  const failing = async (step: string, work: (client: RawClient) => Promise<unknown>) => {
    Deno.writeTextFileSync(join(server.data, "crash-step"), step);
    using client = await login(server);
    assertEquals(await work(client).catch(() => null), null, `"${step}" was never reached`);
    const restarts = ++failures;
    await until(
      "a worker runs again",
      () => server.stderr.split(/Worker [01] runs again/).length > restarts,
    );
  };
  {
    using client = await login(server);
    is(await client.upload("dir/kept", "kept", { make_dirs: true }), "OK", 226);
  }
  // After the last step of a cluster's engine the file has its name for good.
  const nearlyStored = ON_DISK ? "commit: published" : STEPS.stored;
  await failing(nearlyStored, (client) => client.upload("dir/new", "never acknowledged"));
  {
    using client = await login(server);
    is(await client.ask("RENAME", { from: "dir", to: "moved" }), "OK");
    assertEquals(await namesIn(client, "/moved"), ["kept"]);
  }
  if (ON_DISK) { // a rename of the others has no steps
    await failing(
      "rename: renamed",
      (client) => client.ask("RENAME", { from: "moved", to: "dir" }),
    );
  }
  using client = await login(server);
  if (!ON_DISK) is(await client.ask("RENAME", { from: "moved", to: "dir" }), "OK");
  assertEquals(is(await client.ask("HASH", { filename: "dir/kept" }), "OK").hash, sha256("kept"));
  is(await client.upload("dir/kept", "replaced", { if_exists: "overwrite" }), "OK", 226);
  is(await client.ask("DELE", { filename: "dir/kept" }), "OK");
  is(await client.ask("RMD", { path: "dir" }), "OK");
  const [user] = is(await client.ask("USERS"), "OK").users as { used: number }[];
  assertEquals(user!.used, 0);
  assertEquals(await server.stop(), 0);
});
