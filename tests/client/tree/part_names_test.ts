/** Files at the server that have the names of temporary files of downloads. */
import { assertEquals, assertMatch } from "@std/assert";
import { noise, World } from "../world.ts";

/** The name of a temporary file of `x`. */
const PART = ".x.0123abcd.towpath-part";

Deno.test("a tree command brings no file that would pass for a temporary one", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  const names = (path: string) => Array.from(Deno.readDirSync(world.path(path)), (e) => e.name);
  world.write("x", noise(1000));
  world.write("mine", "content of the server's file");
  await run(["upload", "x", "--to", "/tree/x"]);
  await run(["upload", "mine", "--to", `/tree/${PART}`]);
  await run(["upload", "mine", "--to", "/tree/.d.0123abcd.towpath-part/y"]);

  await t.step("download -r names it and goes on", async () => {
    const { code, stderr } = await run(["download", "-r", "/tree", "--to", "down"]);
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /Skipped "\/tree\/\.x\.0123abcd\.towpath-part": a temporary file/);
    assertMatch(stderr, /Skipped "\/tree\/\.d\.0123abcd\.towpath-part": a temporary file/);
    assertEquals(names("down"), ["x"]);
  });

  await t.step("sync --down too, so that none is written over by the next one", async () => {
    const sync = async (...more: string[]) => {
      const { code, stderr } = await run(["sync", "--down", "/tree", "synced", ...more]);
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /Skipped "\/tree\/\.x\.0123abcd\.towpath-part"/);
      assertEquals(names("synced"), ["x"]);
      return stderr;
    };
    await sync();
    world.write("x", noise(400_000));
    await run(["upload", "x", "--to", "/tree/x", "--overwrite"]);
    assertMatch(await sync("--delete"), /1 transferred, 0 removed/);
    assertMatch(await sync("--delete"), /0 transferred, 0 removed/);
    assertEquals(Deno.readFileSync(world.path("synced/x")), noise(400_000));
  });

  await t.step("by its own name it is downloaded", async () => {
    assertEquals((await run(["download", `/tree/${PART}`, "--to", "named"])).code, 0);
    assertEquals(world.read("named"), "content of the server's file");
  });
});
