import { assert, assertEquals, assertMatch } from "@std/assert";
import { until, World } from "./world.ts";
import type { ClientRun } from "../support/client/client.ts";

const PASSWORD = "correct horse";

Deno.test("client sharing and sessions", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  const secret = world.write("secret", PASSWORD);
  const bob = { TOWPATH_USER: "bob", TOWPATH_PASSWORD: PASSWORD };
  const asBob = (args: string[]) => run(args, { env: bob });
  const ok = (one: ClientRun) => {
    assertEquals(one.code, 0, one.stderr);
    return one;
  };
  ok(await run(["admin", "add", "bob", "--new-password-file", secret]));
  world.write("docs/a.txt", "shared");
  ok(await run(["upload", "-r", "docs"]));

  await t.step("share prints the path that the other account finds it under", async () => {
    assertEquals(ok(await run(["share", "docs", "bob"])).stdout, "/shared/admin/docs\n");
    assertEquals((await asBob(["view", "/shared/admin/docs/a.txt"])).stdout, "shared");
    assertEquals((await asBob(["rm", "/shared/admin/docs/a.txt"])).code, 5);
    ok(await run(["share", "docs", "bob", "--permissions", "rw", "--expires", "7d"]));
    ok(await asBob(["upload", "docs/a.txt", "--to", "/shared/admin/docs/b.txt"]));
    assertEquals((await run(["share", "docs", "missing"])).code, 4);
    assertEquals((await run(["share", "docs", "bob", "--expires", "soon"])).code, 2);
  });

  await t.step("shares lists both directions, for people and in JSON", async () => {
    assertMatch(ok(await run(["shares"])).stdout, /^by me +\/docs +to bob +rw +until/m);
    assertMatch(ok(await asBob(["shares"])).stdout, /^with me +\/shared\/admin\/docs +by admin/m);
    const { shares } = ok(await asBob(["shares", "--with-me", "--json"])).events.at(-1)!;
    assertEquals((shares as unknown[]).length, 1);
    assertEquals(ok(await asBob(["shares", "--by-me"])).stdout, "");
  });

  await t.step(
    "sync takes nothing of others from /, and only the named directory from a share",
    async () => {
      ok(await asBob(["sync", "--down", "/shared/admin/docs", "from-share"]));
      assertEquals(world.read("from-share/b.txt"), "shared");
      const home = ok(await asBob(["sync", "--down", "/", "home", "--json"])).events.at(-1)!;
      assertEquals(home.transferred, 0);
    },
  );

  await t.step("lock, locks and unlock; a lock of others is a conflict", async () => {
    const locked = ok(await asBob(["lock", "/shared/admin/docs", "--for", "2h", "--note", "ch 2"]));
    assertMatch(locked.stdout, /^"\/shared\/admin\/docs" is locked until 20/);
    const refused = await run(["rm", "docs/a.txt"]);
    assertEquals(refused.code, 8);
    assertMatch(refused.stderr, /"\/docs\/a.txt" is locked by bob until 20.* UTC/);
    assertMatch(ok(await run(["locks"])).stdout, /^\/docs +admin +bob +20.* ch 2$/m);
    assertEquals(ok(await run(["locks", "/other"])).stdout, "");
    const [entry] = ok(await run(["list", "docs", "--json"])).events.at(-1)!.entries as [
      { lock: { by: string } },
    ];
    assertEquals(entry.lock.by, "bob");
    assertMatch(
      ok(await run(["why", "docs/a.txt"])).stdout,
      /^w +denied +"\/docs\/a.txt" is locked/m,
    );
    // A sync removes and replaces nothing that another account has locked.
    world.write("mirror/a.txt", "other");
    assertEquals((await run(["sync", "mirror", "docs", "--delete"])).code === 0, false);
    assertEquals(ok(await run(["view", "docs/a.txt"])).stdout, "shared");
    assertEquals((await run(["unlock", "docs"])).code, 8);
    ok(await run(["unlock", "docs", "--force"]));
    ok(await asBob(["lock", "/shared/admin/docs/a.txt"]));
    ok(await asBob(["unlock", "/shared/admin/docs/a.txt"]));
    assertMatch(ok(await run(["locks"])).stderr, /Nothing is locked/);
  });

  await t.step("unshare ends it at once", async () => {
    ok(await run(["unshare", "docs", "bob"]));
    assertEquals((await asBob(["view", "/shared/admin/docs/a.txt"])).code, 4);
    assertMatch(ok(await asBob(["shares"])).stderr, /Nothing is shared/);
  });

  await t.step("admin who, kick and logs", async () => {
    world.write("big.bin", new Uint8Array(8_000_000));
    const started = world.start(
      ["upload", "big.bin", "--limit-rate", "1M", "--retries", "0"],
      bob,
    );
    await until("the upload runs", async () => {
      const { parts } = ok(await asBob(["parts", "--json"])).events[0]!;
      return (parts as unknown[]).length > 0;
    });
    const { sessions } = ok(await run(["admin", "who", "--json"])).events.at(-1)!;
    const found = (sessions as Record<string, unknown>[]).find((one) => one.username === "bob")!;
    assertMatch((await run(["admin", "who"])).stdout, /bob +native .* upload/);
    ok(await run(["admin", "kick", String(found.session_id)]));
    assertEquals((await started.run).code, 7);
    assertEquals((await run(["admin", "kick", "nonsense"])).code, 4);
    const { lines } = ok(await run(["admin", "logs", "--lines", "5", "--json"])).events.at(-1)!;
    assert(Array.isArray(lines));
    assert(!ok(await run(["admin", "logs", "server"])).stdout.includes("\x1b"));
    assertEquals((await asBob(["admin", "who"])).code, 5);
  });
});
