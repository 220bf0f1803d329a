import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { World } from "./world.ts";

Deno.test("client doctor", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);

  await t.step("all is well: one sentence for each check", async () => {
    const { code, stdout, stderr } = await run(["doctor"]);
    assertEquals(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assertEquals(lines.map((line) => line.slice(8, 21).trim()), [
      ...["name", "port", "certificate", "trust", "clock", "login", "rights", "quota", "space"],
    ]);
    assert(lines.every((line) => /^ok {6}.*\.$/.test(line)), stdout);
    const { checks } = (await run(["doctor", "--json"])).events.at(-1)!;
    assertEquals((checks as unknown[]).length, 9);
  });

  await t.step(
    "the fault is the last line, with the exit code that belongs to it",
    async () => {
      const listener = Deno.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      listener.close();
      const cases: [Record<string, string>, number, RegExp][] = [
        [{ TOWPATH_SERVER: `localhost:${port}` }, 7, /^failed +port +.*Start the server/],
        [{ TOWPATH_CA: "" }, 7, /^failed +trust +.*client trust/],
        [{ TOWPATH_PASSWORD: "wrong password" }, 3, /^failed +login +.*Check the user name/],
        [{ TOWPATH_PASSWORD: "" }, 3, /^failed +login +.*There is no password/],
      ];
      for (const [env, expected, message] of cases) {
        const { code, stdout } = await run(["doctor"], { env });
        assertStrictEquals(code, expected, stdout);
        assertMatch(stdout.trimEnd().split("\n").at(-1)!, message);
      }
    },
  );

  await t.step("a quota that is used up, and letters that are missing", async () => {
    const secret = world.write("secret", "correct horse");
    await run(["admin", "add", "bob", "--new-password-file", secret, "--permissions", "r"]);
    const env = { TOWPATH_USER: "bob", TOWPATH_PASSWORD: "correct horse" };
    assertMatch((await run(["doctor"], { env })).stdout, /rights +The account may read\.$/m);
    await run(["admin", "permit", "bob", "rw"]);
    await run(["admin", "quota", "bob", "0"]);
    const { code, stdout } = await run(["doctor"], { env });
    assertEquals(code, 0);
    assertMatch(stdout, /^unknown +quota +.*used up/m);
  });
});
