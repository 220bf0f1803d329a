import { isLeftOut } from "../support/engine.ts";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { runClient } from "../support/client/client.ts";
import { sha256, World } from "./world.ts";

Deno.test("client commands", async (t) => {
  await using world = await World.start();
  const { run } = { run: world.run.bind(world) };

  await t.step("whoami reports user, letters and role", async () => {
    const { code, stdout, events } = await run(["whoami", "--json"]);
    assertEquals(code, 0);
    assertEquals(stdout.trim().split("\n").length, 1);
    const { event, username, permissions, role } = events[0]!;
    assertEquals({ event, username, role }, {
      event: "done",
      username: "admin",
      role: "admin",
    });
    assertMatch(String(permissions), /t/);
  });

  await t.step("upload prints the final name, and makes versions", async () => {
    world.write("report.txt", "first");
    assertEquals((await run(["upload", "report.txt"])).stdout, "/report.txt\n");
    world.write("report.txt", "second");
    const { code, events } = await run(["upload", "report.txt", "--json"]);
    assertEquals(code, 0);
    assertEquals(events.map((one) => one.event), ["start", "done"]);
    const { filename, size, hash, seconds, resumed_from } = events.at(-1)!;
    assertEquals(
      { filename, size, hash, resumed_from },
      { filename: "/report_v2.txt", size: 6, hash: sha256("second"), resumed_from: 0 },
    );
    assertEquals(typeof seconds, "number");
    const versions = await run(["versions", "report.txt", "--json"]);
    const listed = versions.events[0]!.versions as { filename: string; version: number }[];
    assertEquals(listed.map((one) => one.version), [1, 2]);
  });

  await t.step("the four ways where the name is taken", async () => {
    const skip = await run(["upload", "report.txt", "--if-exists", "skip", "--json"]);
    assertEquals(skip.code, 0);
    assertEquals(skip.events.at(-1)!.filename, "/report_v2.txt");
    const fail = await run(["upload", "report.txt", "--if-exists", "fail", "--json"]);
    assertEquals(fail.code, 8);
    const { event, code, status } = fail.events.at(-1)!;
    assertEquals({ event, code, status }, {
      event: "error",
      code: 8,
      status: "ALREADY_EXISTS",
    });
    const over = await run(["upload", "report.txt", "--overwrite", "--json"]);
    assertEquals(over.events.at(-1)!.filename, "/report.txt");
    assertEquals((await run(["upload", "report.txt", "--if-exists", "x"])).code, 2);
  });

  await t.step("list, with -l and -r", async () => {
    await run(["upload", "report.txt", "--to", "/deep/er/"]);
    assertEquals((await run(["list"])).stdout.split("\n").sort().slice(1), [
      "deep",
      "report.txt",
      "report_v2.txt",
    ]);
    const long = await run(["list", "-l"]);
    assertMatch(long.stdout, new RegExp(`6 .*${sha256("second")}  report.txt`));
    const all = await run(["list", "-r", "--json"]);
    const entries = all.events.at(-1)!.entries as { name: string }[];
    assertEquals(entries.map((one) => one.name).filter((name) => name.startsWith("deep")), [
      "deep",
      "deep/er",
      "deep/er/report.txt",
    ]);
    assertEquals((await run(["list", "/nowhere"])).code, 4);
  });

  await t.step("download verifies, keeps the time, and never replaces unasked", async () => {
    const path = world.write("dated.txt", "dated");
    Deno.utimeSync(path, new Date(1_000_000_000_000), new Date(1_000_000_000_123));
    await run(["upload", "dated.txt"]);
    Deno.removeSync(path);
    const { code, events } = await run(["download", "dated.txt", "--json"]);
    assertEquals(code, 0);
    assertEquals(events.at(-1)!.hash, sha256("dated"));
    assertEquals(world.read("dated.txt"), "dated");
    assertEquals(Deno.statSync(path).mtime!.getTime(), 1_000_000_000_123);
    assertEquals(world.parts().length, 0);
    world.write("dated.txt", "mine");
    assertEquals((await run(["download", "dated.txt"])).code, 8);
    assertEquals(world.read("dated.txt"), "mine");
    assertEquals((await run(["download", "dated.txt", "--overwrite"])).code, 0);
    assertEquals(world.read("dated.txt"), "dated");
    assertEquals((await run(["download", "nothing.txt"])).code, 4);
    assertEquals(world.parts().length, 0);
  });

  await t.step("download to a name, into a directory, to standard output", async () => {
    assertEquals((await run(["download", "dated.txt", "--to", "new/name.txt"])).code, 0);
    assertEquals(world.read("new/name.txt"), "dated");
    assertEquals((await run(["download", "dated.txt", "--to", "new"])).code, 0);
    assertEquals(world.read("new/dated.txt"), "dated");
    const { code, stdout, stderr } = await run(["download", "dated.txt", "--to", "-"]);
    assertEquals({ code, stdout, stderr }, { code: 0, stdout: "dated", stderr: "" });
  });

  await t.step("standard input is uploaded under --name", async () => {
    const { code, events } = await run(["upload", "-", "--name", "piped.txt", "--json"], {
      stdin: "from a pipe",
    });
    assertEquals(code, 0);
    assertEquals(events.at(-1)!.hash, sha256("from a pipe"));
    assertEquals((await run(["upload", "-"])).code, 2);
  });

  await t.step("files of 0 bytes travel both ways", async () => {
    world.write("empty", "");
    assertEquals((await run(["upload", "empty"])).code, 0);
    assertEquals((await run(["download", "empty", "--to", "empty2"])).code, 0);
    assertEquals(world.read("empty2"), "");
  });

  await t.step("mkdir, mv, cp, rm, rmdir", async () => {
    assertEquals((await run(["mkdir", "one", "two"])).code, 0);
    assertEquals((await run(["mkdir", "one"])).code, 8);
    assertEquals((await run(["mkdir", "-p", "one/x/y"])).code, 0);
    assertEquals((await run(["mv", "piped.txt", "one"])).code, 0);
    const copy = await run(["cp", "one/piped.txt", "two/copy.txt", "--json"]);
    assertEquals(copy.events.at(-1)!.filename, "/two/copy.txt");
    assertEquals((await run(["rmdir", "two"])).code, 8);
    assertEquals((await run(["rm", "two/copy.txt", "two/none.txt"])).code, 10);
    assertEquals((await run(["rm", "two/none.txt", "two/nil.txt"])).code, 4);
    assertEquals((await run(["rmdir", "two"])).code, 0);
    assertEquals((await run(["rmdir", "-r", "one"])).code, 0);
    assertEquals((await run(["rm", "one/piped.txt"])).code, 4);
  });

  await t.step("stat, hash, view, verify, raw", async () => {
    await run(["lock", "dated.txt"]);
    assertMatch((await run(["stat", "dated.txt"])).stdout, /^lock +admin until 2\S+ \S+ UTC$/m);
    await run(["unlock", "dated.txt"]);
    const stat = await run(["stat", "dated.txt", "--json"]);
    assertEquals(stat.events.at(-1)!.size, 5);
    assertEquals((await run(["hash", "dated.txt"])).stdout, `${sha256("dated")}  dated.txt\n`);
    assertEquals((await run(["view", "dated.txt"])).stdout, "dated");
    const verify = await run(["verify", "--json"]);
    assertEquals(verify.events.at(-1)!.damaged, []);
    const raw = await run(["raw", "size", `{"filename": "dated.txt"}`]);
    assertEquals(JSON.parse(raw.stdout).data.size, 5);
    assertEquals((await run(["raw", "NONSENSE"])).code, 1);
    assertEquals((await run(["raw", "LIST", "[]"])).code, 2);
  });

  await t.step({
    name: "verify names damage with exit code 6",
    ignore: isLeftOut("files on the disk"),
    async fn() {
      const path = `${world.server.data}/users/a/admin/files/dated.txt`;
      const { mtime } = Deno.statSync(path);
      Deno.writeTextFileSync(path, "DATED");
      Deno.utimeSync(path, mtime!, mtime!);
      const { code, stdout } = await run(["verify"]);
      assertEquals(code, 6);
      assertMatch(stdout, /dated\.txt/);
      world.write("safe", "");
      assertEquals((await run(["download", "dated.txt", "--to", "damaged.txt"])).code, 6);
      assertEquals(world.has("damaged.txt"), false);
      await run(["rm", "dated.txt"]);
    },
  });

  await t.step("login remembers the user, trust the authority", async () => {
    const bare = { TOWPATH_USER: "", TOWPATH_CA: "" };
    const server = `localhost:${world.server.port}`;
    assertEquals((await run(["whoami"], { env: { TOWPATH_CA: "" } })).code, 7);
    assertEquals((await run(["trust", server], { env: bare })).code, 7);
    assertEquals((await run(["trust", server, "--fingerprint", "00".repeat(32)])).code, 7);
    const fingerprint = /fingerprint (\S+) on a/.exec(
      (await run(["trust", server])).stderr,
    )![1]!;
    assertEquals((await run(["trust", server, "--fingerprint", fingerprint])).code, 0);
    assertEquals((await run(["login"], { env: { TOWPATH_CA: "" } })).code, 0);
    const known = await run(["whoami"], { env: bare });
    assertEquals([known.code, known.stdout], [0, "admin\n"]);
    const config = `${world.home}/.config/towpath`;
    assertEquals(Deno.statSync(config).mode! & 0o777, 0o700);
    for (const directory of ["logins", "trust"]) {
      for (const { name } of Deno.readDirSync(`${config}/${directory}`)) {
        assertEquals(Deno.statSync(`${config}/${directory}/${name}`).mode! & 0o777, 0o600);
      }
    }
    assertEquals((await run(["logout"])).code, 0);
    assertEquals((await run(["whoami"], { env: bare })).code, 3);
  });

  await t.step("a wrong login is exit code 3, no server 7, a wrong name 7", async () => {
    const wrong = await run(["list", "--json"], { env: { TOWPATH_PASSWORD: "wrong password" } });
    assertEquals(wrong.code, 3);
    assertEquals(wrong.events.at(-1)!.status, "AUTH_FAILED");
    const listener = Deno.listen({ port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    assertEquals((await run(["list", "--server", `localhost:${port}`])).code, 7);
  });

  await t.step("no stack trace, one sentence, usage is exit code 2", async () => {
    for (const args of [["nothing"], ["list", "--wrong"], ["list", "a", "b"], ["upload"]]) {
      const { code, stdout, stderr } = await run(args);
      assertEquals(code, 2, args.join(" "));
      assertEquals(stdout, "");
      assertEquals(stderr.trim().split("\n").length, 1);
      assertNotMatch(stderr, /\bat .*\.ts/);
    }
    const secret = await run(["list", "--password", "secret"]);
    assertEquals(secret.code, 2);
    assertEquals((await runClient(["list", "--timeout", "soon"])).code, 2);
  });

  await t.step("every command has help", async () => {
    const { stdout, code } = await run(["--help"]);
    assertEquals(code, 0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => match[1]!);
    assert(names.includes("upload") && names.length > 20);
    const upload = await run(["upload", "--help"]);
    assertMatch(upload.stdout, /--if-exists/);
    assertEquals((await run(["help", "raw"])).code, 0);
    assertMatch((await run(["--version"])).stdout, /^Towpath \d+\.\d+\.\d+\n$/);
  });

  await t.step("the command line of the documentation runs narrowed", async () => {
    world.write("reports/may.csv", "may");
    Deno.copyFileSync(world.server.ca, world.path("ca.pem"));
    const server = `localhost:${world.server.port}`;
    const options = {
      cwd: world.home,
      env: { TOWPATH_PASSWORD: world.server.password },
      flags: [
        `--allow-net=${server}`,
        "--allow-read=./reports,./ca.pem",
        "--allow-env=TOWPATH_PASSWORD",
      ],
    };
    const args = ["upload", "./reports/may.csv", "--server", server, "--user", "admin"];
    const { code, stdout } = await runClient([...args, "--ca", "./ca.pem"], options);
    assertEquals([code, stdout], [0, "/may.csv\n"]);
    // Each lack is one sentence that names the flag.
    const lacks: [string[], RegExp][] = [
      [
        ["--allow-read=./reports,./ca.pem", "--allow-env=TOWPATH_PASSWORD"],
        /--allow-net=localhost/,
      ],
      [[`--allow-net=${server}`, "--allow-read=./ca.pem"], /--allow-read=.*may\.csv/],
      [options.flags.slice(0, 2), /--allow-env=TOWPATH_PASSWORD/],
    ];
    for (const [flags, message] of lacks) {
      const lack = await runClient([...args, "--ca", "./ca.pem"], { ...options, flags });
      assertEquals(lack.code, 5);
      assertMatch(lack.stderr, message);
      assertEquals(lack.stderr.trim().split("\n").length, 1);
    }
  });
});
