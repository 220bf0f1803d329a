import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { type Json, putFile, terminalWith, withData } from "../../support/admin.ts";

Deno.test("admin: user add makes an account with its place, once", async () => {
  await withData(async ({ run, refused, catalog, data }) => {
    const stdin = terminalWith("correct horse\n");
    const line = "user add alice --password-stdin --permissions tr --quota 10M";
    const { data: reported } = await run(line, stdin);
    assertEquals(reported, { username: "alice", permissions: "rt" });
    const account = (await catalog.account("alice"))!;
    assertEquals(account.quotaBytes, 10 * 1024 * 1024);
    assertMatch(account.passwordHash, /^\$scrypt\$/);
    assert(existsSync(join(data, "users/a/alice/files")));
    assertEquals((await refused("user add alice"))[0], 8);
    assertEquals((await refused("user add Alice"))[0], 2);
    assertEquals(await refused("user"), [
      2,
      "user needs one of add, list, remove, passwd, permit, quota, disable, enable, expire, import, limit",
    ]);
    for (
      const [typed, meant] of [
        ["user ad carol", "user add"],
        ["usr add carol", "user add"],
        ["pasword carol", undefined],
        ["pssswd carol", "passwd"],
        ["verfy", "verify"],
        ["tls renew-authorty", "tls renew-authority"],
      ] as const
    ) {
      const [code, message] = await refused(typed);
      assertEquals(code, 2);
      if (meant === undefined) assertMatch(String(message), /--help lists them$/);
      else assert(String(message).endsWith(`; did you mean ${meant}?`), String(message));
    }
    assertEquals((await refused("user add shared"))[0], 2);
    assertEquals((await refused("user add carol --password-stdin", terminalWith("short")))[0], 2);
    assertEquals((await refused("user add carol --permissions rx"))[0], 2);
    assertEquals(await catalog.account("carol"), undefined);
  });
});

Deno.test("admin: user quota sets the quota, and user may be left out", async () => {
  await withData(async ({ run, refused, catalog }) => {
    // A list is not cached: it shows the change of another process at once.
    const bob = async () => (await catalog.accounts()).find(({ name }) => name === "bob")!;
    const quota = async () => (await bob()).quotaBytes;
    const { data: reported } = await run("user quota bob 1.5M");
    assertEquals([reported, await quota()], [{ username: "bob", quota: 1572864 }, 1572864]);
    await run("quota bob none");
    assertEquals(await quota(), null);
    assertEquals((await refused("user quota bob much"))[0], 2);
    assertEquals((await refused("user quota missing 1M"))[0], 4);
    await run("permit bob none");
    assertEquals((await bob()).letters, "");
    assertEquals((await run("users")).data, (await run("user list")).data);
  });
});

Deno.test("admin: passwords are asked for twice, or made up and shown once", async () => {
  await withData(async ({ run, refused, catalog }) => {
    const { data: made } = await run("user add carol");
    assertMatch(made.password, /^[a-z2-9]{6}(-[a-z2-9]{6}){3}$/);
    const typed = await run(
      "user passwd carol",
      terminalWith("", ["battery staple", "battery staple"]),
    );
    assertEquals(typed.data, { username: "carol" });
    const before = await catalog.account("carol");
    const faults: [(string | undefined)[], number][] = [
      [["battery staple", "battery stable"], 2],
      [["short"], 2],
      [[undefined], 1],
    ];
    for (const [answers, code] of faults) {
      assertStrictEquals((await refused("user passwd carol", terminalWith("", answers)))[0], code);
    }
    assertEquals(await catalog.account("carol"), before);
  });
});

Deno.test("admin: another password ends what the old one opened", async () => {
  await withData(async ({ run, refused, catalog }) => {
    await run("user passwd bob --password-stdin", terminalWith("correct horse"));
    assertEquals((await catalog.account("bob"))!.generation, 2);
    assertEquals((await refused("user passwd missing"))[0], 4);
  });
});

Deno.test("admin: the last administrator keeps the letter and the account", async () => {
  await withData(async ({ run, refused, catalog }) => {
    assertEquals((await refused("user permit admin rw"))[0], 5);
    assertEquals((await refused("user remove admin"))[0], 5);
    await run("user permit bob trw");
    assertEquals((await catalog.account("bob"))!.letters, "rwt");
    await run("user permit admin r");
    assertEquals((await catalog.account("admin"))!.letters, "r");
    assertEquals((await refused("user remove bob"))[0], 5);
    assertEquals((await refused("user permit missing r"))[0], 4);
    assertEquals((await refused("user permit bob x"))[0], 2);
  });
});

Deno.test("admin: a removed account's files are kept aside, and a new one starts empty", async () => {
  await withData(async (bench) => {
    const { run, refused, catalog, data } = bench;
    const place = await putFile(bench, "bob", "a.txt", "content");
    await run("user remove bob");
    assertEquals(await catalog.account("bob"), undefined);
    assert(!existsSync(place));
    const [aside] = [...Deno.readDirSync(join(data, "removed"))];
    assert(existsSync(join(data, "removed", aside!.name, "files/a.txt")));
    await run("user add bob");
    assert(!existsSync(place));
    assertEquals(await catalog.file("bob", "/a.txt"), undefined);
    assertEquals((await refused("user remove missing"))[0], 4);
  });
});

Deno.test("admin: user list reports the same as USERS", async () => {
  await withData(async (bench) => {
    const { data } = await bench.run("user list");
    assertEquals(data.users.map((user: Json) => [user.username, user.role, user.permissions]), [
      ["admin", "admin", "rwcdt"],
      ["bob", "user", "rw"],
    ]);
  });
});
