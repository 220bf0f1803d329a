/**
 * Targets of transfers: two targets for one file, one target for two files, and files without one.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { clientFlags } from "../support/client/client.ts";
import { noise, until, World } from "./world.ts";

const MIB = 1024 * 1024;

Deno.test("places of transfers", async (t) => {
  await using world = await World.start();
  const list = async (path: string) =>
    (await world.run(["list", "-r", path])).stdout.trim().split("\n").sort();

  await t.step("two interrupted uploads of one file are both remembered", async () => {
    world.write("big", noise(3 * MIB));
    const transfers = world.path(".config/towpath/transfers");
    for (const [index, to] of ["/one", "/two"].entries()) {
      const started = world.start(["upload", "big", "--to", to, "--limit-rate", "2M"]);
      await until("it is remembered", () => wholeFiles(transfers).length > index);
      started.kill("SIGKILL");
      await started.run;
    }
    const { code, stderr } = await world.run(["resume", "big"]);
    assertEquals(code, 0, stderr);
    for (const to of ["/one", "/two"]) {
      const { stdout } = await world.run(["stat", to, "--json"]);
      assertMatch(stdout, /"size":3145728/);
    }
    assertEquals(wholeFiles(transfers), []);
  });

  await t.step("damaged state is named and removed, that of others stays", async () => {
    const config = world.path(".config/towpath");
    for (const name of ["transfers/a.json", "trees/b.jsonl"]) {
      world.write(`.config/towpath/${name}`, '{"kind": "upl');
      const { code, stderr } = await world.run(["resume"]);
      assertEquals(code, 0, stderr);
      assertMatch(stderr, new RegExp(`Removed "${name}" .*: it was damaged`));
      assertEquals(wholeFiles(`${config}/${name.split("/")[0]}`), []);
    }
  });

  await t.step("of two files that go to one place, the first does", async () => {
    for (const name of ["a", "b"]) world.write(`${name}/x`, name);
    await world.run(["upload", "-r", "a", "b", "--to", "/"]);
    for (const more of [["/a/x", "/b/x"], ["-r", "/a/x", "/b/x", "/b"]]) {
      const args = ["download", ...more, "--to", "into/", "--overwrite"];
      const { code, stderr } = await world.run(args);
      assertEquals(code, 10, stderr);
      assertMatch(stderr, /"\/b\/x" to ".*into\/x": "\/a\/x" goes there too/);
      assertEquals(world.read("into/x"), "a");
    }
    assertEquals((await world.run(["download", "/a/x", "/a/x", "--to", "twice/"])).code, 0);
    const up = await world.run(["upload", "a/x", "b/x", "--to", "/into/", "--overwrite"]);
    assertEquals(up.code, 10, up.stderr);
    assertMatch(up.stderr, /b\/x" to "\/into\/x": ".*a\/x" goes there too/);
    assertEquals((await world.run(["view", "/into/x"])).stdout.trim(), "a");
  });

  await t.step("temporary files of downloads are skipped and named", async () => {
    const part = ".f.01234567.towpath-part";
    const like = [".f.0123456.towpath-part", "f.01234567.towpath-part", ".f.towpath-part"];
    for (const name of ["f", "d/g", `d/${part}`, part, ...like]) world.write(`parts/${name}`, name);
    for (const command of [["upload", "-r", "parts", "--to", "/parts"], ["sync", "parts", "/p2"]]) {
      const { code, stderr } = await world.run(command);
      assertEquals(code, 0, stderr);
      assertEquals(stderr.match(/parts\/(d\/)?\.f\.01234567\.towpath-part": a temp/g)?.length, 2);
      const names = await list(command.at(-1)!);
      assertEquals(names.filter((name) => name !== "d"), [...like, "d/g", "f"].sort());
    }
    assertEquals((await world.run(["upload", `parts/${part}`])).code, 0); // asked for by its name
  });

  await t.step("sync goes on past a file that cannot be hashed, and removes nothing", async () => {
    for (const name of ["empty", "gone", "z"]) world.write(`sums/${name}`, "");
    assertEquals((await world.run(["sync", "sums", "/sums"])).code, 0);
    world.write("sums/new", "new");
    Deno.removeSync(world.path("sums/gone"));
    const flags = [...clientFlags(), `--deny-read=${world.path("sums/empty")}`];
    const { code, stderr } = await world.run(["sync", "sums", "/sums", "--delete"], { flags });
    assertEquals(code, 10, stderr);
    assertMatch(stderr, /Cannot read ".*sums\/empty"/);
    assertEquals(await list("/sums"), ["empty", "gone", "new", "z"]);
    assertEquals((await world.run(["sync", "sums", "/sums", "--delete"])).code, 0);
    assertEquals(await list("/sums"), ["empty", "new", "z"]);
  });

  await t.step("sync goes on past what cannot be read, and removes nothing", async () => {
    for (const name of ["a", "locked/in", "z"]) world.write(`tree/${name}`, name);
    assertEquals((await world.run(["sync", "tree", "/tree"])).code, 0);
    world.write("tree/new", "new");
    Deno.removeSync(world.path("tree/a"));
    const flags = [...clientFlags(), `--deny-read=${world.path("tree/locked")}`];
    for (const more of [["--dry-run"], []]) {
      const args = ["sync", "tree", "/tree", "--delete", ...more];
      const { code, stderr } = await world.run(args, { flags });
      assertEquals(code, 10, stderr);
      assertMatch(stderr, /Cannot read the directory ".*tree\/locked"/);
    }
    const names = await list("/tree");
    assertEquals(names, ["a", "locked", "locked/in", "new", "z"]);
    Deno.writeTextFileSync(world.path("tree/locked/in"), "other");
    await world.run(["sync", "tree", "/tree", "--delete"]);
    assertEquals(await list("/tree"), ["locked", "locked/in", "new", "z"]);
    const down = await world.run(["sync", "--down", "/tree", "tree", "--delete"], { flags });
    assertEquals(down.code, 8, down.stderr); // it has the name of a target
    assertMatch(down.stderr, /Cannot sync "locked": .*an unreadable entry/);
  });
});

/** Names in a directory but for what is being written; none where there is no directory. */
function wholeFiles(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name)
      .filter((name) => !name.endsWith(".tmp"));
  } catch {
    return [];
  }
}
