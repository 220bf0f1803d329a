/** Workers that hang, or whose memory is nearly full, are replaced; those that are slow are not. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { deadline } from "@std/async";
import { connect } from "node:tls";
import { Heartbeat } from "../../../server/process/heartbeat.ts";
import { testsAtOnce } from "../../support/at_once.ts";
import { ON_DISK } from "../../support/engine.ts";
import { is, until } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const test = testsAtOnce();

const PROGRAM = "tests/support/machine/quick_beat.ts";

/** Makes a worker fail in this way. */
function fail(server: TestServer, index: number, how: "hang" | "fill" | "throw"): void {
  const file = join(server.data, `crash-${index}`);
  Deno.writeTextFileSync(`${file}.new`, how);
  Deno.renameSync(`${file}.new`, file);
}

async function health(server: TestServer): Promise<string> {
  const client = Deno.createHttpClient({ caCerts: [server.caText] });
  try {
    const port = server.info.web!.port;
    const signal = AbortSignal.timeout(2000); // connections that a hanging worker has get none
    return await (await fetch(`https://localhost:${port}/healthz`, { client, signal })).text();
  } catch {
    return "no answer";
  } finally {
    client.close();
  }
}

/**
 * Logs in at a worker that answers. The listener of a thread that hangs stays open, and takes its
 * share of the connections: those are given up after 3 s.
 */
async function loginElsewhere(server: TestServer): Promise<RawClient> {
  for (;;) {
    const login = RawClient.login(server, "admin", server.password);
    const client = await deadline(login, 3000).catch((error) => {
      if (!(error instanceof DOMException)) throw error;
      login.then((late) => late.connection.close(), () => {});
    });
    if (client) return client;
  }
}

/** Waits for a line of the log, at most two minutes. */
async function logged(server: TestServer, pattern: RegExp): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!pattern.test(server.stderr)) {
    if (performance.now() > deadline) throw new Error(`${pattern} not in:\n${server.stderr}`);
    await delay(100);
  }
}

/** Opens connections all at once, and waits until so many have shaken hands. */
async function connects({ port, caText }: TestServer, count: number, least: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let done = 0;
  const late = setTimeout(() => reject(new Error(`${done} of ${count} connections`)), 60_000);
  const open = () => connect({ port, host: "127.0.0.1", ca: caText });
  const sockets = Array.from({ length: count }, open);
  for (const socket of sockets) {
    socket.on("error", () => {}).on("secureConnect", () => ++done === least && resolve());
  }
  try {
    await promise;
  } finally {
    clearTimeout(late);
    for (const socket of sockets) socket.destroy();
  }
}

test("a worker that hangs during an upload is replaced, and the upload goes on", async () => {
  await using server = await startServer({
    program: PROGRAM,
    web: true,
    args: ["--workers", "2"],
  });
  const content = new Uint8Array(3 * 1024 * 1024).map((_, index) => index % 253);
  const size = { file_size: content.length, file_hash: sha256(content) };
  // Enough that the worker which hangs has some.
  const clients: RawClient[] = [];
  const ids: unknown[] = [];
  for (let i = 0; i < 8; i++) {
    const client = await RawClient.login(server, "admin", server.password);
    clients.push(client);
    const { temp_id } = is(await client.ask("UPLOAD", { filename: `f${i}`, ...size }), "OK", 150);
    ids.push(temp_id);
    await client.data(content.subarray(0, 2 * 1024 * 1024));
    is(await client.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  }
  fail(server, 1, "hang");
  await logged(server, /Worker 1 failed and starts again in 0\.02 s: It has not answered for 9 s/);
  await logged(server, /Worker 1 runs again/);
  await until("it is reported", async () => {
    const text = await health(server);
    return /^worker 1: failed once lately, and runs again$/m.test(text) &&
      /^worker 1 before: a thread of it hangs/m.test(text);
  });
  await connects(server, 60, 50);
  for (const client of clients) client.connection.close();
  using client = await loginElsewhere(server);
  for (const temp_id of ids) {
    const { offset } = is(await client.ask("RESUME", { temp_id }), "OK", 150);
    await client.data(content.subarray(Number(offset)));
    is(await client.reply(), "OK", 226);
  }
  const files = join(server.data, "users", "a", "admin", "files");
  for (let i = 0; i < 8; i++) {
    const hash = ON_DISK
      ? sha256(Deno.readFileSync(join(files, `f${i}`)))
      : is(await client.ask("HASH", { filename: `f${i}` }), "OK").hash;
    assertEquals(hash, size.file_hash, `f${i}`);
  }
});

const SILENT = /failed and starts again in (0\.02|1) s: It has not answered for 9 s/;

test("a worker that hangs at the start of the server is replaced", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "towpath-" });
  try {
    Deno.writeTextFileSync(join(dir, "crash-0-start"), "hang");
    const options = { program: PROGRAM, web: true, data: dir, patienceMs: 150_000 };
    await using server = await startServer(options);
    assertMatch(server.stderr, SILENT);
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("f", "stored"), "OK", 226);
    // It had not listened.
    const text = await health(server);
    assertMatch(text, /^worker 0 before: a thread of it hangs, and takes a processor until/m);
    assertEquals(await server.stop(), 0);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

test("a worker that hangs when it is started again is replaced", async () => {
  await using server = await startServer({ program: PROGRAM, web: true, args: ["--workers", "2"] });
  Deno.writeTextFileSync(join(server.data, "crash-1-start"), "hang");
  fail(server, 1, "throw");
  await logged(server, SILENT);
  await logged(server, /Worker 1 runs again/);
  assertMatch(await health(server), /^worker 1: failed 2 times in a row, and runs again$/m);
  assertEquals(await server.stop(), 0);
});

test("a worker whose memory is nearly full is replaced before the process ends of it", async () => {
  await using server = await startServer({
    program: PROGRAM,
    web: true,
    args: ["--workers", "2"],
    env: { DENO_V8_FLAGS: "--max-old-space-size=160" },
  });
  const { pid } = server;
  fail(server, 1, "fill");
  await logged(server, /Worker 1 failed and starts again in 0\.02 s: Its memory is full: \d\d % /);
  await logged(server, /Worker 1 runs again/);
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.upload("f", "stored"), "OK", 226);
  assertStrictEquals(server.pid, pid);
  assertEquals(await server.stop(), 0);
});

Deno.test("questions that were not asked while the machine slept are not missed", () => {
  const { setInterval: real } = globalThis;
  let beat = () => {};
  globalThis.setInterval = ((callback: () => void) => {
    beat = callback;
    return 0;
  }) as unknown as typeof setInterval;
  const reported: string[] = [];
  let asked = 0;
  try {
    const heartbeat = new Heartbeat(() => asked++, {
      silent: (reason) => reported.push(reason),
      full: (reason) => reported.push(reason),
    });
    for (let i = 0; i < 60; i++) beat(); // Deno compiles the program on a slow machine
    assertEquals(reported, []);
    heartbeat.hasLoaded();
    asked = 0;
    for (let i = 0; i < 100; i++) {
      beat(); // however long it has been since the one before
      if (i % 5 === 4) heartbeat.heard(i % 2); // a full heap now and then is none
    }
    assertEquals(asked, 100);
    assertEquals(reported, []);
    for (let i = 0; i < 7; i++) beat();
    assertEquals(reported, ["It has not answered for 30 s"]);
  } finally {
    globalThis.setInterval = real;
  }
});
