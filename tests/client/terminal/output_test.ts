import { isLeftOut } from "../../support/engine.ts";
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { World } from "../world.ts";
import { clientFlags, taskFlags } from "../../support/client/client.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** The tasks that run the programs. */
const TASKS = { "client.ts": "client", "admin.ts": "admin", "main.ts": "serve" } as const;

/** Runs a program of ours with its output on a device that is always full. */
async function onFullDisk(
  program: keyof typeof TASKS,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stderr: string }> {
  const deno = [Deno.execPath(), "run", "--no-prompt", "--quiet", ...taskFlags(TASKS[program])];
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", `exec "$@" >/dev/full`, "sh", ...deno, ROOT + program, ...args],
    env,
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("results that cannot be printed", async (t) => {
  await using world = await World.start();
  world.write("a", "content");
  await world.run(["upload", "a"]);

  for (
    const args of [
      ["list", "/"],
      ["list", "--json"],
      ["view", "/a"],
      ["hash", "/a"],
      ["upload", "a", "--json"],
      ["--help"],
      ["list", "--help"],
    ]
  ) {
    await t.step(`${args.join(" ")}: an error, never exit code 0`, async () => {
      const { code, stderr } = await onFullDisk("client.ts", args, world.env());
      assertEquals(code, 9, stderr);
      assertMatch(
        stderr,
        /Cannot print the results to standard output: no space is left: make room and try again\./,
      );
    });
  }

  await t.step("a closed pipe is an error too", async () => {
    const deno = [Deno.execPath(), "run", "--no-prompt", "--quiet", ...clientFlags()];
    const { stdout } = await new Deno.Command("bash", {
      args: [
        "-c",
        `"$@" 2>/dev/null | true; echo "\${PIPESTATUS[0]}"`,
        ...["bash", ...deno, `${ROOT}client.ts`, "stat", "/a"],
      ],
      env: world.env(),
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "1\n");
  });

  await t.step("a full non-blocking pipe loses nothing", async () => {
    for (let i = 0; i < 350; i++) world.write(`many/${"x".repeat(240)}${i}`, "");
    assertEquals((await world.run(["upload", "-r", "many"])).code, 0);
    const reader = `
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(2) # until the pipe is full: 64 KiB of some 80
got = b""
while piece := os.read(r, 1000): got += piece
print(p.wait(), len(got.splitlines()), len(set(got.splitlines())))`;
    const deno = [Deno.execPath(), "run", "--no-prompt", "--quiet", ...clientFlags()];
    const { stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", reader, ...deno, `${ROOT}client.ts`, "list", "/many"],
      env: world.env(),
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stdout), "0 350 350\n", decoder.decode(stderr));
  });

  await t.step("a token whose secret is lost is revoked", async () => {
    const create = ["token", "create", "--label", "lost"];
    for (const args of [create, [...create, "--json"]]) {
      const { code, stderr } = await onFullDisk("client.ts", args, world.env());
      assertEquals(code, 9, stderr);
      assertMatch(stderr, /The token was revoked, make another one/);
    }
    const { stdout } = await world.run(["token", "list"]);
    assertNotMatch(stdout, /lost/);
  });

  await t.step({
    name: "admin reports it",
    ignore: isLeftOut("the catalog of a data directory"),
    async fn() {
      const args = ["user", "list", "--data", world.server.data];
      const { code, stderr } = await onFullDisk("admin.ts", args);
      assertEquals(code, 1);
      assertMatch(stderr, /The results cannot be printed on standard output: No space left/);
    },
  });

  await t.step("a first start whose password is lost leaves no account behind", async () => {
    const data = world.path("fresh");
    const start = ["--data", data, "--port", "0"];
    const { code, stderr } = await onFullDisk("main.ts", start);
    assertEquals(code, 1);
    assertMatch(stderr, /The password of "admin" cannot be printed on standard output/);
    const listing = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        ...taskFlags("admin"),
        `${ROOT}admin.ts`,
        "user",
        "list",
        "--data",
        data,
      ],
    }).output();
    assertNotMatch(new TextDecoder().decode(listing.stdout), /admin/);
  });

  await t.step({
    name: "an account whose password is lost: both programs say what to do",
    ignore: isLeftOut("the catalog of a data directory"),
    async fn() {
      const { data } = world.server;
      const local = await onFullDisk("admin.ts", ["user", "add", "zoe", "--data", data]);
      const remote = await onFullDisk("client.ts", ["admin", "user", "add", "zora"], world.env());
      for (const { code, stderr } of [local, remote]) {
        assertEquals(code !== 0, true);
        assertMatch(stderr, /The password of "zo(e|ra)" is lost: give it another .* passwd zo/);
      }
    },
  });

  await t.step("a login that cannot be kept leaves no token", async () => {
    const tokens = async () =>
      ((await world.run(["token", "list", "--json"])).events.at(-1)!.tokens as unknown[]).length;
    const before = await tokens();
    const env = { XDG_CONFIG_HOME: world.write("no-directory", "") };
    const { code, stderr } = await world.run(["login"], { env });
    assertEquals(code !== 0, true);
    assertMatch(stderr, /Cannot write the client's settings/);
    assertEquals(await tokens(), before);
  });
});
