/** One process at a time does a piece of work, and none waits for a process that was killed. */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "../world.ts";

const MIB = 1024 * 1024;

Deno.test("each piece of the client's work has one owner", async (t) => {
  await using world = await World.start();
  const big = noise(8 * MIB);
  world.write("big", big);
  assertEquals((await world.run(["upload", "big", "--to", "/big"])).code, 0);
  const config = join(world.home, ".config/towpath");

  await t.step("two resumes of one journal make no versions", async () => {
    for (let number = 0; number < 60; number++) {
      world.write(`tree/f${number}`, noise(20_000, number));
    }
    const begun = world.start(
      ["upload", "-r", "tree", "--to", "/tree", "--parallel", "1", "--limit-rate", "300K"],
    );
    await until("some have arrived", async () => (await world.names("/tree")).length > 10);
    begun.kill("SIGKILL");
    await begun.run;
    const both = await Promise.all([0, 1].map(() => world.run(["resume"])));
    for (const { code, stderr } of both) assert([0, 8].includes(code), stderr);
    assert(both.some(({ code }) => code === 0));
    assertEquals((await world.names("/tree")).length, 60);
  });

  await t.step(
    "a running upload is not resumed beside itself: exit 8 says who has it",
    async () => {
      const running = world.start(["upload", "big", "--to", "/up", "--limit-rate", "600K"]);
      await until("it has begun", () => count(`${config}/transfers`) > 0);
      const { code, stderr } = await world.run(["resume", "big"]);
      assertEquals(code, 8, stderr);
      assertMatch(stderr, /process \d+ has been working on it since \d{4}-\d\d-\d\d/);
      running.kill("SIGKILL");
      await running.run;
      assertEquals((await world.run(["resume", "big"])).code, 0);
      assertEquals((await world.stored("/")).get("up"), sha256(big));
      assertEquals(count(`${config}/transfers`), 0);
    },
  );

  await t.step("a second download waits for the first, and finds the file done", async () => {
    const first = world.start(["download", "/big", "--to", "d", "--limit-rate", "2M"]);
    await until("bytes arrive", () => world.partSize("d") > MIB);
    const second = await world.run(["download", "/big", "--to", "d", "--resume"]);
    assertEquals([second.code, (await first.run).code], [0, 0], second.stderr);
    assertMatch(second.stderr, /Waiting for .* process \d+/);
    assertEquals(sha256(Deno.readFileSync(world.path("d"))), sha256(big));
    assertEquals((await world.run(["download", "/big", "--to", "d"])).code, 8);
  });

  await t.step("a state that a kill left half-named is no transfer", async () => {
    const state = {
      ...{ kind: "upload", server: `localhost:${world.server.port}`, user: "admin" },
      ...{ local: world.path("big"), remote: "/ghost", started: 1, temp_id: "x", size: 8 * MIB },
      ...{ mtime: 1, if_exists: "version" },
    };
    const name = `${config}/transfers/${"0".repeat(32)}.json.${crypto.randomUUID()}.tmp`;
    Deno.writeTextFileSync(name, JSON.stringify(state));
    Deno.utimeSync(name, 1, 1);
    Deno.writeTextFileSync(`${config}/transfers/${"1".repeat(32)}.json`, "{");
    const { code, stderr } = await world.run(["resume"]);
    assertEquals(code, 0);
    assertMatch(stderr, /Nothing is unfinished/);
    assertEquals((await world.names()).includes("ghost"), false);
    assertEquals(count(`${config}/transfers`), 0);
  });
});

function count(directory: string): number {
  try {
    return [...Deno.readDirSync(directory)].length;
  } catch {
    return 0;
  }
}
