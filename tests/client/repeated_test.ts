/** A server that hangs longer than `--timeout`: bytes that had arrived are stored once. */
import { assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "./world.ts";

const MIB = 1024 * 1024;

Deno.test("uploads repeated after a server stood still make no versions", async (t) => {
  await using world = await World.start();
  const { server } = world;
  for (let number = 0; number < 300; number++) {
    world.write(`tree/f${number}`, noise(3000, number));
  }
  const big = noise(12 * MIB);
  world.write("big", big);

  /** Stops the server once a condition holds, and lets it go on when the client gave up on it. */
  const stalled = async (args: string[], condition: () => Promise<boolean>, stdin?: Uint8Array) => {
    const options = { env: world.env(), ...(stdin && { stdin: stdin as Uint8Array<ArrayBuffer> }) };
    const started = world.startWith([...args, "--timeout", "5s", "--retries", "30"], options);
    let ended = false;
    started.run.then(() => ended = true);
    await until("the upload is under way", async () => ended || await condition());
    Deno.kill(server.child.pid, "SIGSTOP");
    await until("the client tries again", () => ended || /Try 1 follows/.test(started.stderr));
    Deno.kill(server.child.pid, "SIGCONT");
    const run = await started.run;
    assertMatch(run.stderr, /Try 1 follows/);
    return run;
  };

  // So that the server stops before all files have come, also where the test has its turns late.
  const slow = ["--limit-rate", "600K"];
  for (const mode of ["version", "fail", "overwrite"]) {
    await t.step(`a tree, --if-exists ${mode}`, async () => {
      const { code, stderr } = await stalled(
        ["upload", "-r", "tree", "--to", `/${mode}`, "--if-exists", mode, ...slow],
        async () => (await world.names(`/${mode}`)).length > 20,
      );
      assertEquals(code, 0, stderr);
      assertEquals((await world.names(`/${mode}`)).length, 300);
    });
  }

  await t.step("a large file, and standard input", async () => {
    const parts = async () => await world.uploadedBytes() > MIB;
    const file = await stalled(["upload", "big", "--limit-rate", "8M"], parts);
    assertEquals(file.code, 0, file.stderr);
    const input = ["upload", "-", "--name", "stdin", "--limit-rate", "8M"];
    const stdin = await stalled(input, parts, big);
    assertEquals(stdin.code, 0, stdin.stderr);
    assertEquals(await world.names(), ["big", "fail", "overwrite", "stdin", "version"]);
    for (const name of ["big", "stdin"]) {
      const { code } = await world.run(["download", name, "--to", `${name}.back`]);
      assertEquals(code, 0);
      assertEquals(sha256(Deno.readFileSync(world.path(`${name}.back`))), sha256(big));
    }
  });
});
