/** Permission bits of files that go up and come down. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { World } from "./world.ts";

Deno.test("permission bits come down as they went up, and never wider than is safe", async () => {
  await using world = await World.start();
  const modeOf = (name: string) => Deno.statSync(world.path(name)).mode! & 0o7777;
  const ok = async (...args: string[]) => {
    const run = await world.run(args);
    assertEquals(run.code, 0, run.stderr);
  };
  const modes: Record<string, number> = { key: 0o600, run: 0o755, plain: 0o644, wide: 0o777 };
  for (const [name, mode] of Object.entries({ ...modes, setuid: 0o4755, large: 0o700 })) {
    world.write(`up/${name}`, name === "large" ? new Uint8Array(2 * 1024 * 1024) : name);
    Deno.chmodSync(world.path(`up/${name}`), mode);
  }
  await ok("upload", "-r", "up", "--to", "/t");
  world.write("usual", "x"); // what the umask gives
  const usual = modeOf("usual");
  const executable = usual | ((usual & 0o444) >> 2);
  await ok("download", "-r", "/t", "--to", "down");
  assertEquals(modeOf("down/key"), 0o600);
  assertEquals(modeOf("down/run"), 0o755 & executable);
  assertStrictEquals(modeOf("down/plain"), usual);
  assertEquals(modeOf("down/wide"), 0o755 & executable);
  assertEquals(modeOf("down/setuid"), 0o755 & executable);
  assertEquals(modeOf("down/large"), 0o700);
  // Existing files keep their own bits; --chmod applies to all.
  Deno.chmodSync(world.path("down/key"), 0o640);
  await ok("download", "/t/key", "--to", "down/key", "--overwrite");
  assertEquals(modeOf("down/key"), 0o640);
  await ok("download", "/t/key", "--to", "none", "--chmod", "none");
  assertStrictEquals(modeOf("none"), usual);
  await ok("download", "/t/key", "--to", "down/key", "--overwrite", "--chmod", "606");
  assertEquals(modeOf("down/key"), 0o606);
  // A file that is replaced takes the mode of its replacement.
  Deno.chmodSync(world.path("up/key"), 0o644);
  world.write("up/key", "another key");
  await ok("sync", "up", "/t");
  await ok("download", "/t/key", "--to", "again");
  assertStrictEquals(modeOf("again"), usual);
  const wrong = await world.run(["download", "/t/key", "--chmod", "999"]);
  assertEquals(wrong.code, 2);
  assertMatch(wrong.stderr, /octal digits/);
});
