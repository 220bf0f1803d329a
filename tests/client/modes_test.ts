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

Deno.test("directories come down no wider than they went up", async () => {
  await using world = await World.start();
  const modeOf = (name: string) => Deno.statSync(world.path(name)).mode! & 0o7777;
  const ok = async (...args: string[]) => {
    const run = await world.run(args);
    assertEquals(run.code, 0, run.stderr);
  };
  const usual = 0o777 & ~Deno.umask();
  const modes = { ".": 0o700, "private": 0o700, "private/deep": 0o750, "bare": 0o700 };
  world.write("up/private/deep/key", "key");
  world.write("up/private/key", "key");
  world.write("up/open/file", "file");
  Deno.mkdirSync(world.path("up/bare"));
  Deno.mkdirSync(world.path("up/tight"));
  for (const [name, mode] of Object.entries(modes)) Deno.chmodSync(world.path(`up/${name}`), mode);
  Deno.chmodSync(world.path("up/tight"), 0o500);
  const assertKept = (root: string) => {
    for (const [name, mode] of Object.entries(modes)) {
      assertStrictEquals(modeOf(`${root}/${name}`), mode & usual, `${root}/${name}`);
    }
    assertStrictEquals(modeOf(`${root}/open`), usual);
    // Else nothing could be put into it.
    assertStrictEquals(modeOf(`${root}/tight`), 0o700);
  };
  await ok("upload", "-r", "up", "--to", "/t");
  await ok("download", "-r", "/t", "--to", "down");
  assertKept("down");
  await ok("sync", "up", "/s");
  await ok("sync", "--down", "/s", "synced");
  assertKept("synced");
  // Those that exist keep their own bits, on both sides.
  Deno.chmodSync(world.path("down/private"), 0o755);
  Deno.chmodSync(world.path("up/open"), 0o700);
  await ok("upload", "-r", "up/.", "--to", "/t", "--if-exists", "skip");
  await ok("download", "-r", "/t/.", "--to", "down", "--overwrite");
  assertStrictEquals(modeOf("down/private"), 0o755);
  await ok("download", "-r", "/t", "--to", "again", "--chmod", "640");
  assertStrictEquals(modeOf("again/private"), usual);
  await ok("download", "-r", "/t", "--to", "third");
  assertStrictEquals(modeOf("third/open"), usual);
});
