/** A server that hangs longer than `--timeout`: bytes that had arrived are stored once. */
import { assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "./world.ts";

const MIB = 1024 * 1024;

Deno.test("uploads repeated after a server stood still make no versions", async (t) => {
  await using world = await World.start();
  const { server } = world;
  const files = `${server.data}/users/a/admin/files`;
  for (let number = 0; number < 300; number++) {
    world.write(`tree/f${number}`, noise(3000, number));
  }
  const big = noise(12 * MIB);
  world.write("big", big);

  /** Stops the server once a condition holds, and lets it go on when the client gave up on it. */
  const stalled = async (args: string[], condition: () => boolean, stdin?: Uint8Array) => {
    const options = { env: world.env(), ...(stdin && { stdin: stdin as Uint8Array<ArrayBuffer> }) };
    const started = world.startWith([...args, "--timeout", "5s", "--retries", "30"], options);
    let ended = false;
    started.run.then(() => ended = true);
    await until("the upload is under way", () => ended || condition());
    Deno.kill(server.child.pid, "SIGSTOP");
    await until("the client tries again", () => ended || /Try 1 follows/.test(started.stderr));
    Deno.kill(server.child.pid, "SIGCONT");
    const run = await started.run;
    assertMatch(run.stderr, /Try 1 follows/);
    return run;
  };

  for (const mode of ["version", "fail", "overwrite"]) {
    await t.step(`a tree, --if-exists ${mode}`, async () => {
      const { code, stderr } = await stalled(
        ["upload", "-r", "tree", "--to", `/${mode}`, "--if-exists", mode],
        () => count(`${files}/${mode}`) > 20,
      );
      assertEquals(code, 0, stderr);
      assertEquals(count(`${files}/${mode}`), 300);
    });
  }

  await t.step("a large file, and standard input", async () => {
    const directory = `${server.data}/users/a/admin/parts`;
    const before = new Set(names(directory));
    const parts = () =>
      names(directory).some((name) =>
        !before.has(name) && name.endsWith(".part") && sizeOf(`${directory}/${name}`) > MIB
      );
    const file = await stalled(["upload", "big", "--limit-rate", "8M"], parts);
    assertEquals(file.code, 0, file.stderr);
    for (const name of names(directory)) before.add(name);
    const input = ["upload", "-", "--name", "stdin", "--limit-rate", "8M"];
    const stdin = await stalled(input, parts, big);
    assertEquals(stdin.code, 0, stdin.stderr);
    assertEquals(names(files), ["big", "fail", "overwrite", "stdin", "version"]);
    for (const name of ["big", "stdin"]) {
      assertEquals(sha256(Deno.readFileSync(`${files}/${name}`)), sha256(big));
    }
  });
});

function names(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function count(directory: string): number {
  return names(directory).length;
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0;
  }
}
