/** Transfers that fail half-way: the error names how to go on (docs/cli.md, "Client"). */
import { assertEquals, assertMatch } from "@std/assert";
import { noise, World } from "./world.ts";
import { FaultProxy } from "../support/client/client_proxy.ts";
import { mayMount, smallDisk } from "../support/machine/small_disk.ts";

const MIB = 1024 * 1024;

Deno.test("a lost transfer names how to resume it", async (t) => {
  await using world = await World.start();
  world.write("big", noise(8 * MIB));
  world.write("tree/one", noise(8 * MIB));
  world.write("tree/two", noise(8 * MIB, 2));
  assertEquals((await world.run(["upload", "big", "--to", "/stored"])).code, 0);

  const cases: [string[], RegExp][] = [
    [["upload", "big"], /The sent part is kept; continue with: .*client resume big\.\n$/],
    [["upload", "-r", "tree"], /The sent part is kept; continue with: .*client resume\.\n$/],
    [["upload", "-", "--name", "piped"], /drop it with: .*client parts rm \S+\.\n$/],
    [["download", "/stored", "--to", "new"], /run the same command with --resume.*\n$/],
    [["sync", "tree", "/synced"], /The sent part is kept; continue with: .*client resume\.\n$/],
  ];
  for (const [args, how] of cases) {
    await t.step(args.join(" "), async () => {
      using proxy = new FaultProxy(world.server.port);
      for (let i = 0; i < 4; i++) proxy.faults.push({ kind: "reset", afterBytes: 3 * MIB });
      const { code, stderr } = await world.run([...args, "--retries", "0"], {
        env: world.env(proxy.port),
        stdin: new Uint8Array(noise(8 * MIB)),
      });
      assertEquals(code, 7, stderr);
      assertMatch(stderr, how);
    });
  }
});

Deno.test({
  name: "a download that fills the disk names the missing space and the kept part",
  ignore: !mayMount(),
  async fn() {
    await using world = await World.start();
    await using disk = await smallDisk("size=5m");
    world.write("big", noise(8 * MIB));
    assertEquals((await world.run(["upload", "big"])).code, 0);
    const args = ["download", "/big", "--to", `${disk.path}/big`];
    const { code, stderr } = await world.run(args);
    assertEquals(code, 9, stderr);
    assertMatch(
      stderr,
      /no space is left: .* \([\d.]+ MiB are still to come, [\d.]+ K?i?B are free\)/,
    );
    assertMatch(stderr, /The received part is kept; run the same command with --resume/);
  },
});
