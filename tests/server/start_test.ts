import { join } from "@std/path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { diskTest } from "../support/engine.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer } from "../support/server.ts";

/** Modes of everything in a directory, by path. */
function modesBelow(directory: string): [string, number][] {
  return [...Deno.readDirSync(directory)].flatMap((entry) => {
    const path = join(directory, entry.name);
    const own: [string, number][] = [[path, Deno.lstatSync(path).mode! & 0o777]];
    return entry.isDirectory ? [...own, ...modesBelow(path)] : own;
  });
}

/** Output of a refused start: one sentence, no stack. */
function sentence(run: { stderr: string; stdout: string }): string {
  assertMatch(run.stderr, /^towpath: [^\n]+\n$/);
  assertEquals(run.stdout, "");
  return run.stderr;
}

diskTest("the first start makes account, authority and server.json, all private", async () => {
  await using server = await startServer({ env: { TOWPATH_ADMIN_PASSWORD: "" } });
  const password = /shown only now:\n\n {4}(\S+)\n/.exec(server.stdout)?.[1];
  assert(password, server.stdout);
  const { certificate, ...info } = server.info;
  assertEquals(certificate?.trouble, null);
  assertEquals(info, {
    pid: server.pid,
    version: server.info.version,
    ca: server.ca,
    native: { host: "127.0.0.1", port: server.port },
    ftp: null,
    ftps: null,
    web: null,
  });
  using client = await RawClient.login(server, "admin", password);
  const reply = await client.upload("/a.txt", "content");
  assertEquals(reply.code, 226);

  assertEquals(Deno.statSync(server.data).mode! & 0o777, 0o700);
  for (const [path, mode] of modesBelow(server.data)) {
    assertStrictEquals(mode, Deno.lstatSync(path).isDirectory ? 0o700 : 0o600, path);
  }

  // The second start makes nothing again, and prints no password.
  const { stdout, caText } = server;
  server.stdout = "";
  await server.restart();
  assertNotMatch(server.stdout, /password/i);
  assert(!server.stdout.includes(password) && stdout.includes(password));
  assertEquals(server.caText, caText);
  assert(!server.stderr.includes(password));
  using again = await RawClient.login(server, "admin", password);
  assertEquals((await again.ask("SIZE", { filename: "/a.txt" })).data.size, 7);
});

Deno.test("a second server on the same data, and a port in use, end with one sentence", async () => {
  await using server = await startServer();
  const second = await runServer(["--data", server.data, "--port", "0"]);
  assertEquals(second.code, 1);
  assertMatch(sentence(second), /Another server is running on the data directory/);

  const other = Deno.makeTempDirSync();
  try {
    for (const workers of ["1", "2"]) {
      const port = String(server.port);
      const busy = await runServer(["--data", other, "--port", port, "--workers", workers]);
      assertEquals(busy.code, 1);
      assertMatch(sentence(busy), new RegExp(`Port ${port} on 127.0.0.1 is in use`));
    }
  } finally {
    Deno.removeSync(other, { recursive: true });
  }
  // The first one was not disturbed.
  assert(Deno.statSync(join(server.data, "server.json")).isFile);
  using client = await RawClient.connect(server);
  assertEquals((await client.ask("NOOP")).status, "OK");
});

Deno.test("two doors on one port are refused, whatever the number of workers", async () => {
  const data = Deno.makeTempDirSync();
  try {
    const ports = ["--port", "0", "--ftp-port", "40123", "--web-port", "40123"];
    const { code, stderr } = await runServer(["--data", data, ...ports, "--workers", "2"]);
    assertEquals(code, 2);
    assertMatch(stderr, /--ftp-port and --web-port are both 40123: choose another for one\n$/);
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});

Deno.test("kill -9 leaves no lock and no server.json that counts", async () => {
  await using server = await startServer();
  await server.kill9();
  assert(Deno.statSync(join(server.data, "server.json")).isFile);
  await server.restart();
  assertStrictEquals(server.info.pid, server.pid);
});

Deno.test("what cannot be used is refused in one sentence, with the right exit code", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    const file = join(directory, "file");
    Deno.writeTextFileSync(file, "");
    const data = join(directory, "data");
    const starts: [string[], Record<string, string>, number, RegExp][] = [
      [["--port", "x"], {}, 2, /--port/],
      [["--prot", "1"], {}, 2, /Unknown option --prot/],
      [["--data", data], { TOWPATH_ADMIN_PASSWORD: "short" }, 2, /TOWPATH_ADMIN_PASSWORD/],
      [["--data", file], {}, 1, /a file is in its place/],
      [["--data", join(file, "deeper")], {}, 1, /a file is in its place/],
      [["--data", "/dev/shm/towpath"], {}, 1, /cannot lie in \/dev/],
      [["--data", "/proc/towpath"], {}, 1, /cannot lie in \/proc/],
      [["--data", data, "--cert", file, "--key", file], {}, 1, /certificate in .*file/],
      [["--data", data, "--host", "203.0.113.77"], {}, 1, /not an address of this machine/],
    ];
    for (const [args, env, code, pattern] of starts) {
      const run = await runServer(["--port", "0", ...args], env);
      assertStrictEquals(run.code, code, args.join(" "));
      assertMatch(sentence(run), pattern);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a directory with other files is no data directory, and stays as it is", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.chmodSync(directory, 0o755);
    for (const name of ["etc", "home", "tmp", "usr"]) Deno.mkdirSync(join(directory, name));
    const { code, stdout, stderr } = await runServer(["--data", directory, "--port", "0"]);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /is no data directory: it holds "etc", "home", "tmp" and 1 more and no cat/,
    );
    assertEquals(Deno.statSync(directory).mode! & 0o777, 0o755);
    assertEquals([...Deno.readDirSync(directory)].length, 4);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

diskTest("a damaged catalog is not taken for an empty one", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(join(directory, "catalog.db"), "garbage");
    const run = await runServer(["--data", directory, "--port", "0"]);
    assertEquals(run.code, 1);
    assertMatch(sentence(run), /catalog/);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

diskTest("files without their catalog are given to no account", async () => {
  await using server = await startServer();
  using client = await RawClient.login(server, "admin", server.password);
  assertEquals((await client.upload("/a.txt", "content")).code, 226);
  await server.stop();
  for (const name of ["catalog.db", "catalog.db-wal", "catalog.db-shm"]) {
    await Deno.remove(join(server.data, name)).catch(() => {});
  }
  const run = await runServer(["--data", server.data, "--port", "0"]);
  assertEquals(run.code, 1);
  assertMatch(sentence(run), /catalog .* is gone/);
  assertThrows(() => Deno.statSync(join(server.data, "catalog.db")), Deno.errors.NotFound);
});

Deno.test("--help and --version answer without a data directory", async () => {
  const help = await runServer(["--help"]);
  assertEquals(help.code, 0);
  assertMatch(help.stdout, /^Usage: deno task serve/);
  const version = await runServer(["--version"]);
  assertMatch(version.stdout, /^Towpath \d+\.\d+\.\d+\n$/);
});

Deno.test("several workers share the port, and what one stores another serves", async () => {
  await using server = await startServer({ args: ["--workers", "2"] });
  for (let i = 0; i < 6; i++) {
    using one = await RawClient.login(server, "admin", server.password);
    using other = await RawClient.login(server, "admin", server.password);
    assertEquals((await one.upload(`/${i}.txt`, `content ${i}`)).code, 226);
    const { content } = await other.download(`/${i}.txt`);
    assertEquals(new TextDecoder().decode(content), `content ${i}`);
  }
  assertEquals(await server.stop(), 0);
});
