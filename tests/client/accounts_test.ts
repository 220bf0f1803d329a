import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ClientRun, runClient } from "../support/client/client.ts";
import { World } from "./world.ts";

const PASSWORD = "correct horse";

Deno.test("client accounts", async (t) => {
  await using world = await World.start(["--allow-register"]);
  const run = world.run.bind(world);
  const secret = world.write("secret", `${PASSWORD}\n`);
  const server = `localhost:${world.server.port}`;
  const as = (user: string, args: string[], more: Record<string, string> = {}) =>
    run(args, {
      env: {
        TOWPATH_USER: user,
        TOWPATH_PASSWORD: PASSWORD,
        XDG_CONFIG_HOME: world.path(`${user}.config`),
        ...more,
      },
    });
  const ok = (one: ClientRun) => {
    assertEquals(one.code, 0, one.stderr);
    return one;
  };

  await t.step("admin add, users, permit, quota, remove", async () => {
    ok(await run(["admin", "add", "bob", "--new-password-file", secret, "--permissions", "rw"]));
    const again = await run(["admin", "add", "bob", "--new-password-file", secret]);
    assertEquals(again.code, 8);
    ok(await run(["admin", "permit", "bob", "rwcd"]));
    ok(await run(["admin", "quota", "bob", "5M"]));
    const { users } = ok(await run(["admin", "users", "--json"])).events.at(-1)!;
    const bob = (users as Record<string, unknown>[]).find((one) => one.username === "bob")!;
    assertEquals([bob.permissions, bob.quota], ["rwcd", 5 * 1024 ** 2]);
    ok(await run(["admin", "quota", "bob", "none"]));
    assertMatch((await run(["admin", "users"])).stdout, /^bob +rwcd +0 B +none /m);
    ok(await run(["admin", "add", "gone", "--new-password-file", secret]));
    ok(await run(["admin", "remove", "gone"]));
    assertEquals((await run(["admin", "remove", "gone"])).code, 4);
    assertEquals((await as("bob", ["admin", "users"])).code, 5);
    for (
      const args of [["admin", "nonsense"], ["admin", "permit", "bob"], ["admin", "users", "x"]]
    ) {
      assertEquals((await run(args)).code, 2);
    }
    const event = ok(
      await run(["admin", "passwd", "bob", "--new-password-file", secret, "--json"]),
    );
    assert(!event.stdout.includes(PASSWORD));
  });

  await t.step("admin has the words of the program admin too", async () => {
    ok(await run(["admin", "user", "add", "dora", "--new-password-file", secret]));
    ok(await run(["admin", "user", "permit", "dora", "r"]));
    ok(await run(["admin", "user", "quota", "dora", "5M"]));
    assertMatch((await run(["admin", "user", "list"])).stdout, /^dora +r +0 B +5\.0 MiB /m);
    const { stderr, events } = ok(await as("dora", ["whoami", "--json"]));
    assertMatch(stderr, /^0 B used; the quota is 5\.0 MiB\n$/m);
    const { used, reserved, quota } = events.at(-1)!;
    assertEquals([used, reserved, quota], [0, 0, 5 * 1024 * 1024]);
    ok(await run(["admin", "user", "remove", "dora"]));
    assertEquals((await run(["admin", "user", "quota", "dora"])).code, 2);
  });

  await t.step("register, where the server allows it", async () => {
    assertMatch(ok(await as("carol", ["register"])).stdout, /Registered carol/);
    assertEquals(ok(await as("carol", ["whoami"])).stdout, "carol\n");
    assertEquals((await as("carol", ["register"])).code, 8);
  });

  await t.step("login keeps a token, logout revokes it", async () => {
    const none = { TOWPATH_USER: "", TOWPATH_PASSWORD: "" };
    assertEquals(ok(await as("bob", ["login", "--json"])).events.at(-1)!.kept, "token");
    assertEquals(ok(await as("bob", ["whoami"], none)).stdout, "bob\n");
    ok(await as("bob", ["login"])); // the first token is not left behind
    const { tokens } = ok(await as("bob", ["token", "list", "--json"], none)).events.at(-1)!;
    assertEquals((tokens as unknown[]).length, 1);
    // The kept token makes and revokes none: the password is asked for, or comes from a file.
    for (const args of [["create"], ["revoke", "x"]]) {
      const asked = await as("bob", ["token", ...args], none);
      assertEquals(asked.code, 3);
      assertMatch(
        asked.stderr,
        /no password: set TOWPATH_PASSWORD, give --password-file FILE, or use/,
      );
    }
    const extra = ok(
      await as("bob", ["token", "create", "--json", "--password-file", secret], none),
    ).events.at(-1)!;
    ok(await as("bob", ["token", "revoke", String(extra.token_id)]));
    assertEquals(ok(await as("bob", ["logout", "--json"])).events.at(-1)!.revoked, true);
    assertEquals((await as("bob", ["whoami"], none)).code, 3);
    assertEquals(ok(await as("bob", ["token", "list"])).stdout, "");
    ok(await as("bob", ["login"]));
    assertEquals(ok(await as("bob", ["logout", "--json"], none)).events.at(-1)!.revoked, true);
    assertEquals(ok(await as("bob", ["token", "list"])).stdout, "");
  });

  await t.step("token create, TOWPATH_TOKEN, letters and path, revoke", async () => {
    ok(await as("bob", ["mkdir", "in", "out"]));
    const made = ok(
      await as("bob", [
        ...["token", "create", "--label", "ci", "--permissions", "r", "--path", "/in"],
        ...["--ttl", "1h", "--json"],
      ]),
    ).events.at(-1)!;
    const env = { TOWPATH_TOKEN: String(made.token), TOWPATH_USER: "", TOWPATH_PASSWORD: "" };
    ok(await as("bob", ["list", "/in"], env));
    assertEquals((await as("bob", ["list", "/out"], env)).code, 5);
    assertEquals((await as("bob", ["mkdir", "/in/x"], env)).code, 5);
    const why = ok(await as("bob", ["why", "/in/x", "--json"], env)).events.at(-1)!;
    const letters = why.letters as { letter: string; allowed: boolean; rule: string }[];
    assertEquals(letters.filter((one) => one.allowed).map((one) => one.letter), ["r"]);
    assertMatch(ok(await as("bob", ["why", "/in/x"])).stdout, /^w {2}allowed {2}/m);
    assertMatch(ok(await as("bob", ["token", "list"])).stdout, / r +\/in +until .* ci$/m);
    ok(await as("bob", ["token", "revoke", String(made.token_id)]));
    assertEquals((await as("bob", ["list", "/in"], env)).code, 3);
    assertEquals((await as("bob", ["token", "revoke", "nonsense"])).code, 4);
    assertEquals((await as("bob", ["token", "frobnicate"])).code, 2);
  });

  await t.step("passwd changes the password and renews the kept login", async () => {
    ok(await as("bob", ["login"]));
    const other = world.write("other", "another horse");
    ok(await as("bob", ["passwd", "--new-password-file", other]));
    assertEquals((await as("bob", ["whoami"])).code, 3);
    const none = { TOWPATH_USER: "", TOWPATH_PASSWORD: "" };
    assertEquals(ok(await as("bob", ["whoami"], none)).stdout, "bob\n");
    assertEquals((await as("bob", ["passwd", "--new-password-file", secret])).code, 3);
    const back = { TOWPATH_PASSWORD: "another horse" };
    ok(await as("bob", ["passwd", "--new-password-file", secret], back));
  });

  await t.step("nothing secret is printed, nor taken from the command line", async () => {
    const { code, stderr } = await runClient(["passwd", "--new-password", "x"], {
      env: { TOWPATH_SERVER: server },
    });
    assertEquals(code, 2);
    assertMatch(stderr, /not taken from the command line/);
  });
});
