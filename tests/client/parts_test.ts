/** Temporary files of downloads: ours alone, one writer, never a second name of a finished file. */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { noise, sha256, until, World } from "./world.ts";

const MIB = 1024 * 1024;

Deno.test("downloads and their temporary files", async (t) => {
  await using world = await World.start();
  const big = noise(6 * MIB);
  world.write("big", big);
  world.write("other", noise(6 * MIB, 7));
  assertEquals((await world.run(["upload", "big", "--to", "/big"])).code, 0);

  /** Downloads to `name` until some of it has come, then kills the client with SIGKILL. */
  const killed = async (name: string) => {
    const started = world.start(["download", "/big", "--to", name, "--limit-rate", "2M"]);
    await until("bytes arrive", () => world.partSize(name) > MIB);
    assertEquals(Deno.lstatSync(world.path(world.parts(name)[0]!)).mode! & 0o777, 0o600);
    started.kill("SIGKILL");
    await started.run;
    return world.path(world.parts(name)[0]!);
  };

  await t.step("of 200 pairs f and f.part each comes down with its own content", async () => {
    const names = Array.from({ length: 200 }, (_, number) => `f${number}`)
      .flatMap((name) => [name, `${name}.part`]);
    for (const name of names) world.write(`pairs/${name}`, `${name} `.repeat(50));
    assertEquals((await world.run(["upload", "-r", "pairs", "--to", "/pairs"])).code, 0);
    const { code, stderr } = await world.run(["download", "-r", "/pairs", "--to", "back"]);
    assertEquals(code, 0, stderr);
    const back = [...Deno.readDirSync(world.path("back"))].map(({ name }) => name).sort();
    assertEquals(back, [...names].sort());
    for (const name of names) assertStrictEquals(world.read(`back/${name}`), `${name} `.repeat(50));
  });

  await t.step("files of the user stay what they are, whatever they are called", async () => {
    const names = [
      ...["x.part", "x~", ".x.part", ".x.towpath-part", ".x.01234567.towpath-part.bak"],
      ...[".x.0123456.towpath-part", ".x.01234567.towpath-part", ".x.76543210.towpath-part"],
    ];
    for (const name of names) world.write(`own/${name}`, `mine ${name}`);
    for (const more of [[], ["--resume", "--overwrite"]]) {
      const { code, stderr } = await world.run(["download", "/big", "--to", "own/x", ...more]);
      assertEquals(code, 0, stderr);
      assertEquals(sha256(Deno.readFileSync(world.path("own/x"))), sha256(big));
      for (const name of names) assertEquals(world.read(`own/${name}`), `mine ${name}`);
      assertEquals(
        world.parts("", "own").sort(),
        names.slice(3).filter((name) => name.endsWith("towpath-part")).sort(),
      );
    }
  });

  await t.step(
    "--resume continues the transfer it remembers, and another try replaces that",
    async () => {
      const part = await killed("r");
      const { code, events } = await world.run(
        ["download", "/big", "--to", "r", "--resume", "--json"],
      );
      assertEquals(code, 0);
      assert(Number(events.at(-1)!.resumed_from) > MIB);
      assertEquals(world.has(part.slice(world.home.length + 1)), false);
      await killed("r2");
      assertEquals((await world.run(["download", "/big", "--to", "r2"])).code, 0);
      assertEquals(world.parts("r2"), []);
      assertEquals(sha256(Deno.readFileSync(world.path("r2"))), sha256(big));
    },
  );

  await t.step(
    "killed between the two steps of naming: the file is never written again",
    async () => {
      const part = await killed("n");
      Deno.writeFileSync(part, big); // all had come, and had been given its name
      Deno.linkSync(part, world.path("n"));
      assertEquals((await world.run(["upload", "other", "--to", "/big", "--overwrite"])).code, 0);
      Deno.linkSync(part, world.path("kept"));
      const { code, stderr } = await world.run(
        ["download", "/big", "--to", "n", "--resume", "--overwrite"],
      );
      assertEquals(code, 0, stderr);
      assertEquals(sha256(Deno.readFileSync(world.path("kept"))), sha256(big));
      assertEquals(sha256(Deno.readFileSync(world.path("n"))), sha256(noise(6 * MIB, 7)));
      assertEquals(world.parts("n"), []);
      assertEquals((await world.run(["upload", "big", "--to", "/big", "--overwrite"])).code, 0);
    },
  );

  await t.step("two at once: one continues the kept part, the other says so", async () => {
    await killed("two");
    const first = world.start(
      ["download", "/big", "--to", "two", "--resume", "--limit-rate", "1M"],
    );
    await until("the first goes on", () => world.partSize("two") > 3 * MIB);
    const none = { XDG_CONFIG_HOME: "/nonexistent" };
    const second = await world.run(["download", "/big", "--to", "two", "--resume"], { env: none });
    assertEquals(second.code, 8, second.stderr);
    assertMatch(second.stderr, /another process/);
    assertEquals((await first.run).code, 0);
    assertEquals(sha256(Deno.readFileSync(world.path("two"))), sha256(big));
  });

  await t.step("a temporary file that another program replaces is not published", async () => {
    const started = world.start(["download", "/big", "--to", "s", "--limit-rate", "2M"]);
    await until("bytes arrive", () => world.partSize("s") > MIB);
    const part = world.path(world.parts("s")[0]!);
    Deno.renameSync(part, `${part}.moved`);
    Deno.writeTextFileSync(part, "strange");
    const { code, stderr } = await started.run;
    assertEquals(code, 8);
    assertMatch(stderr, /replaced by another program/);
    assertEquals(world.has("s"), false);
    assertEquals(Deno.readTextFileSync(part), "strange");
  });

  await t.step(
    "permission bits: those of the replaced file, else those of any new file",
    async () => {
      world.write("small", "small");
      await world.run(["upload", "small", "--to", "/small"]);
      for (const remote of ["/big", "/small"]) {
        const name = `mode${remote.slice(1)}`;
        const path = world.path(name);
        assertEquals((await world.run(["download", remote, "--to", name])).code, 0);
        Deno.writeTextFileSync(world.path("any"), "");
        const usual = Deno.lstatSync(world.path("any")).mode;
        assertStrictEquals(Deno.lstatSync(path).mode, usual);
        Deno.chmodSync(path, 0o640);
        Deno.linkSync(path, `${path}.link`);
        Deno.writeTextFileSync(path, "old");
        assertEquals((await world.run(["download", remote, "--to", name, "--overwrite"])).code, 0);
        assertEquals(Deno.lstatSync(path).mode! & 0o7777, 0o640);
        assertEquals(Deno.readTextFileSync(`${path}.link`), "old");
        Deno.removeSync(path);
        Deno.symlinkSync(`${path}.link`, path);
        assertEquals((await world.run(["download", remote, "--to", name, "--overwrite"])).code, 0);
        assertStrictEquals(Deno.lstatSync(path).mode, usual);
        assertEquals(Deno.readTextFileSync(`${path}.link`), "old");
      }
    },
  );

  await t.step("zeros come down as holes, and the size is right", async () => {
    const content = new Uint8Array(12 * MIB);
    content.set(noise(100_000), 3 * MIB + 17);
    content.set(noise(70_000), 8 * MIB);
    world.write("sparse", content);
    for (const size of [12 * MIB, 8 * MIB + 70_000, 10 * MIB + 5]) {
      Deno.truncateSync(world.path("sparse"), size);
      await world.run(["upload", "sparse", "--to", "/sparse", "--overwrite"]);
      const { code } = await world.run(["download", "/sparse", "--to", "holes", "--overwrite"]);
      assertEquals(code, 0);
      const { size: came, blocks } = Deno.lstatSync(world.path("holes"));
      assertStrictEquals(came, size);
      assert(blocks! * 512 < MIB, `${blocks} blocks`);
      const expected = sha256(content.subarray(0, size));
      assertEquals(sha256(Deno.readFileSync(world.path("holes"))), expected);
    }
  });

  await t.step("devices are written to, not replaced", async () => {
    const { code } = await world.run(["download", "/big", "--to", "/dev/null", "--overwrite"]);
    assertEquals(code, 0);
    assert(Deno.lstatSync("/dev/null").isCharDevice);
    const { code: out, stdout } = await world.run(["download", "/small", "--to", "/dev/stdout"]);
    assertEquals([out, stdout], [0, "small"]);
  });

  await t.step("a pipe that is full, and one whose reader goes", async () => {
    const pipe = (reader: string) =>
      new Deno.Command("python3", {
        args: ["-c", PIPE, reader, Deno.execPath(), ...world.command(["download", "/big"])],
        env: world.env(),
        stdout: "piped",
      }).output();
    const slow = new TextDecoder().decode((await pipe("slow")).stdout).trim();
    assertEquals(slow, `0 ${sha256(big)}`);
    const gone = new TextDecoder().decode((await pipe("gone")).stdout).trim();
    assertMatch(gone, /^1 /);
  });

  await t.step("a local file in the place of a directory fails alone", async () => {
    world.write("tree/d/inside", "1");
    world.write("tree/a", "2");
    world.write("tree/z/z", "3");
    await world.run(["upload", "-r", "tree", "--to", "/tree"]);
    world.write("down/tree/d", "a file of mine");
    const { code, stderr } = await world.run(["download", "-r", "/tree", "--to", "down"]);
    assertEquals(code, 10, stderr);
    assertMatch(stderr, /down\/tree\/d": a file is there/);
    assertEquals(world.read("down/tree/d"), "a file of mine");
    assertEquals([world.read("down/tree/a"), world.read("down/tree/z/z")], ["2", "3"]);
    world.write("root", "mine too");
    const whole = await world.run(["download", "-r", "/tree", "--to", join("root", "tree")]);
    assertEquals(whole.code, 8, whole.stderr);
    assertEquals(world.read("root"), "mine too");
  });
});

/** Runs a program with a non-blocking pipe as its standard output, and prints the result. */
const PIPE = `
import hashlib, os, subprocess, sys, time
reader, *command = sys.argv[1:]
r, w = os.pipe()
os.set_blocking(w, False)
child = subprocess.Popen(command + ["--to", "-"], stdout=w, stderr=subprocess.DEVNULL)
os.close(w)
digest = hashlib.sha256()
if reader == "gone": os.read(r, 10); os.close(r)
else:
    time.sleep(2)
    while (piece := os.read(r, 65536)): digest.update(piece)
print(child.wait(), digest.hexdigest())
`;
