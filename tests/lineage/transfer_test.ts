/**
 * The verified file transfer that this project grew out of, as a list of what its users do, line by
 * line: one server over TLS, and `upload`, `download` and `resume` on the command line, with their
 * error cases and exit codes.
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "../client/world.ts";
import type { ClientRun } from "../support/client/client.ts";

const MIB = 1024 * 1024;
const PASSWORD = "a long password";

Deno.test("the verified file transfer's features, line by line", async (test) => {
  await using world = await World.start();
  const { server } = world;
  const place = (...names: string[]) => join(server.data, ...names);
  const mode = (path: string) => (Deno.lstatSync(path).mode ?? 0) & 0o777;
  const step = (name: string, run: () => Promise<void>) => test.step(name, run);

  const big = noise(6 * MIB);
  world.write("big.bin", big);
  world.write("report.txt", "first\n");
  world.write("secret", `${PASSWORD}\n`);

  /** Runs a command that must end with an exit code. */
  const run = async (code: number, ...args: string[]): Promise<ClientRun> => {
    const done = await world.run(args);
    assertEquals(done.code, code, `${args.join(" ")}: ${done.stdout}${done.stderr}`);
    assert(!/\n\s+at /.test(done.stderr), done.stderr);
    return done;
  };
  const last = async (...args: string[]) => (await run(0, ...args, "--json")).events.at(-1)!;
  /** As the account alice, with a password of her own. */
  const alice = async (code: number, ...args: string[]) => {
    const env = { TOWPATH_USER: "alice", TOWPATH_PASSWORD: PASSWORD };
    const done = await world.run(args, { env });
    assertEquals(done.code, code, `${args.join(" ")}: ${done.stdout}${done.stderr}`);
    return done;
  };

  await step("first start: a certificate, an administrator, a private data directory", async () => {
    assertEquals(mode(server.data), 0o700);
    for (const name of ["ca.pem", "server.pem", "server.key"]) {
      assert(Deno.lstatSync(place("tls", name)).isFile, name);
    }
    assertEquals(mode(place("tls", "server.key")), 0o600);
    assertEquals(mode(place("catalog.db")), 0o600);
    assertEquals((await run(0, "whoami")).stdout, "admin\n");
  });

  await step("accounts: each has a directory of its own, 700, and files of 600", async () => {
    await run(0, "admin", "add", "alice", "--new-password-file", "secret", "--permissions", "rwcd");
    await alice(0, "upload", "report.txt");
    assertEquals(mode(place("users/a/alice")), 0o700);
    assertEquals(mode(place("users/a/alice/files/report.txt")), 0o600);
    await run(4, "stat", "report.txt"); // another account's file
  });

  await step(
    "login: a wrong password is refused, and a token is kept for the right one",
    async () => {
      const wrong = { TOWPATH_USER: "alice", TOWPATH_PASSWORD: "a wrong password" };
      assertEquals((await world.run(["list"], { env: wrong })).code, 3);
      await alice(0, "login");
      const kept = { TOWPATH_USER: "", TOWPATH_PASSWORD: "" };
      assertEquals((await world.run(["whoami"], { env: kept })).stdout, "alice\n");
      assertEquals((await world.run(["logout"], { env: kept })).code, 0);
      assertEquals((await world.run(["whoami"], { env: kept })).code, 3);
    },
  );

  await step("upload, download: the SHA-256 of both sides is the same", async () => {
    const sent = await last("upload", "big.bin", "--to", "/big.bin");
    assertEquals([sent.hash, sent.size, sent.resumed_from], [sha256(big), big.length, 0]);
    const came = await last("download", "/big.bin", "--to", "copy.bin");
    assertEquals(came.hash, sha256(big));
    assertEquals(Deno.readFileSync(world.path("copy.bin")), big);
    assertMatch((await run(0, "hash", "/big.bin")).stdout, new RegExp(sha256(big)));
    const there = Deno.readFileSync(place("users/a/admin/files/big.bin"));
    assertEquals(sha256(there), sha256(big));
  });

  await step("versions: a name that is taken gets _v2, _v3; overwrite, skip and fail", async () => {
    await run(0, "upload", "report.txt");
    world.write("report.txt", "second\n");
    assertEquals((await last("upload", "report.txt")).filename, "/report_v2.txt");
    world.write("report.txt", "third\n");
    assertEquals((await last("upload", "report.txt")).filename, "/report_v3.txt");
    await run(0, "upload", "report.txt", "--overwrite");
    assertEquals((await run(0, "view", "/report.txt")).stdout, "third\n");
    assertEquals((await run(0, "view", "/report_v2.txt")).stdout, "second\n");
    assertMatch((await run(0, "versions", "/report.txt")).stdout, /report_v3\.txt/);
    await run(8, "upload", "report.txt", "--if-exists", "fail");
    await run(0, "upload", "report.txt", "--if-exists", "skip");
    assertEquals((await run(0, "list")).stdout.match(/report/g)?.length, 3);
  });

  await step(
    "odd files: empty, with spaces, in other scripts, a directory, standard input",
    async () => {
      world.write("tree/empty", "");
      world.write("tree/with spaces.txt", "spaces");
      world.write("tree/übung/日本.txt", "scripts");
      await run(0, "upload", "-r", "tree");
      await run(0, "download", "-r", "/tree", "--to", "tree back");
      assertEquals(world.read("tree back/empty"), "");
      assertEquals(world.read("tree back/with spaces.txt"), "spaces");
      assertEquals(world.read("tree back/übung/日本.txt"), "scripts");
      const { code } = await world.run(["upload", "-", "--name", "piped"], {
        stdin: "from a pipe",
      });
      assertEquals(code, 0);
      assertEquals((await run(0, "download", "/piped", "--to", "-")).stdout, "from a pipe");
      await run(2, "upload", "tree"); // a directory without -r
    },
  );

  const stored = () =>
    [...Deno.readDirSync(place("users/a/admin/parts"))].filter(({ name }) => /\.part$/.test(name));

  await step("resume: an upload whose client was killed goes on where it was", async () => {
    world.write("cut.bin", noise(8 * MIB, 2));
    const started = world.start(["upload", "cut.bin", "--limit-rate", "4M"]);
    await until("a part is on the disk", () => stored().length > 0);
    const part = place("users/a/admin/parts", stored()[0]!.name);
    await until("bytes arrive", () => Deno.statSync(part).size > 3 * MIB);
    started.kill("SIGKILL");
    await started.run;
    assertEquals(mode(part), 0o600);
    await run(4, "stat", "/cut.bin"); // nothing half-done can be seen
    assertMatch((await run(0, "parts")).stdout, /cut\.bin/);
    const done = await last("resume", "cut.bin");
    assert(Number(done.resumed_from) > 0);
    assertEquals(done.hash, sha256(noise(8 * MIB, 2)));
    assertEquals(stored(), []);
  });

  await step("resume: an upload whose server was killed goes on after its restart", async () => {
    world.write("cut2.bin", noise(8 * MIB, 3));
    const started = world.start(["upload", "cut2.bin", "--limit-rate", "2M", "--retries", "0"]);
    const offset = () =>
      [...Deno.readDirSync(place("users/a/admin/parts"))]
        .filter(({ name }) => name.endsWith(".json"))
        .map(({ name }) => JSON.parse(Deno.readTextFileSync(place("users/a/admin/parts", name))))
        .map(({ offset }) => Number(offset))[0] ?? 0;
    await until("a checkpoint is on the disk", () => offset() > 0);
    await server.kill9();
    const { code, stderr } = await started.run;
    assertEquals(code, 7, stderr);
    assertMatch(stderr, /resume/);
    await server.start();
    const { events } = await run(0, "resume", "--json");
    const done = events.find(({ event, filename }) => event === "done" && filename === "/cut2.bin");
    assert(Number(done?.resumed_from) > 0, JSON.stringify(events));
    assertMatch((await run(0, "hash", "/cut2.bin")).stdout, new RegExp(sha256(noise(8 * MIB, 3))));
  });

  await step("resume: Ctrl-C ends an upload with 130 and names the next command", async () => {
    world.write("cut3.bin", noise(4 * MIB, 4));
    const started = world.start(["upload", "cut3.bin", "--limit-rate", "1M"]);
    await until("a part is on the disk", () => stored().length > 0);
    started.kill("SIGINT");
    const { code, stderr } = await started.run;
    assertEquals(code, 130);
    assertMatch(stderr, /resume/);
    // A source that changed meanwhile is sent anew: two contents are never mixed.
    const other = noise(4 * MIB, 5);
    world.write("cut3.bin", other);
    const done = await last("resume", "cut3.bin");
    assertEquals([done.hash, done.resumed_from], [sha256(other), 0]);
  });

  await step("resume: a download goes on, and is whole", async () => {
    const started = world.start(["download", "/cut.bin", "--to", "back.bin", "--limit-rate", "4M"]);
    await until("bytes arrive", () => world.partSize("back.bin") > 2 * MIB);
    started.kill("SIGKILL");
    await started.run;
    assertEquals(world.has("back.bin"), false);
    const done = await last("download", "/cut.bin", "--to", "back.bin", "--resume");
    assert(Number(done.resumed_from) > 0);
    assertEquals(sha256(Deno.readFileSync(world.path("back.bin"))), sha256(noise(8 * MIB, 2)));
    assertEquals(world.parts("back.bin"), []);
  });

  await step("damage on the server's disk is found, and never delivered as whole", async () => {
    const path = place("users/a/admin/files/big.bin");
    const { mtime, atime } = Deno.statSync(path);
    const file = await Deno.open(path, { write: true });
    await file.seek(MIB, Deno.SeekMode.Start);
    await file.write(new Uint8Array([1, 2, 3]));
    file.close();
    await Deno.utime(path, atime!, mtime!);
    await run(6, "download", "/big.bin", "--to", "damaged.bin");
    assertEquals(world.has("damaged.bin"), false);
    const { stdout } = await run(6, "verify");
    assertMatch(stdout, /big\.bin/);
    await run(0, "rm", "/big.bin");
  });

  await step("files: list, stat, mkdir, mv, cp, rm, rmdir, and their error cases", async () => {
    await run(0, "mkdir", "/box");
    await run(8, "mkdir", "/box");
    await run(0, "mv", "/report_v2.txt", "/box/second.txt");
    await run(0, "cp", "/box/second.txt", "/box/copy.txt");
    assertEquals((await run(0, "list", "/box")).stdout, "copy.txt\nsecond.txt\n");
    assertMatch((await run(0, "list", "-l", "/box")).stdout, new RegExp(sha256("second\n")));
    await run(8, "rmdir", "/box");
    await run(0, "rm", "/box/copy.txt", "/box/second.txt");
    await run(0, "rmdir", "/box");
    await run(4, "download", "/none", "--to", "none");
    await run(4, "rm", "/none");
    await run(4, "upload", "none");
    await run(2, "frobnicate");
    await run(2, "download");
  });

  await step("paths: no one leaves an account's directory", async () => {
    world.write("evil", "evil");
    for (const path of ["../../../etc/passwd", "/../admin/report.txt", "/a/../../x"]) {
      const { code } = await world.run(["download", path, "--to", "escaped"]);
      assert(code !== 0 && !world.has("escaped"), path);
      assert((await world.run(["upload", "evil", "--to", path])).code !== 0, path);
    }
  });

  await step("letters and quota: refused with exit codes 5 and 9, and one sentence", async () => {
    await run(0, "admin", "permit", "alice", "r");
    assertMatch((await alice(5, "upload", "report.txt")).stderr, /permission "w"/);
    await alice(0, "view", "/report.txt");
    await run(0, "admin", "permit", "alice", "rwcd");
    await run(0, "admin", "quota", "alice", "1M");
    assertMatch((await alice(9, "upload", "cut.bin")).stderr, /quota/i);
    assertEquals((await alice(0, "list")).stdout, "report.txt\n");
  });

  await step(
    "TLS: an authority that is not known is refused, and no server is exit code 7",
    async () => {
      const untrusted = { TOWPATH_CA: "", TOWPATH_SERVER: `127.0.0.1:${server.port}` };
      const { code, stderr } = await world.run(["list"], { env: untrusted });
      assertEquals(code, 7);
      assertMatch(stderr, /trust/);
      const none = { TOWPATH_SERVER: "127.0.0.1:1" };
      assertEquals((await world.run(["list", "--retries", "0"], { env: none })).code, 7);
    },
  );

  await step("logs: who did what from where, and no secret", async () => {
    await run(0, "whoami");
    const lines = Deno.readTextFileSync(place("logs", "audit.log"));
    const records = lines.trim().split("\n").map((line) => JSON.parse(line));
    const moved = records.filter(({ paths, result }) =>
      result === "ok" && paths?.includes("/big.bin")
    );
    assertEquals(
      moved.map(({ action }) => action).slice(0, 2),
      ["upload", "download"],
      lines.slice(0, 2000),
    );
    assert(!lines.includes(PASSWORD) && !lines.includes(server.password));
  });
});
