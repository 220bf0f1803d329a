// The default server, logins kept under names, and the order in which the server is chosen.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { World } from "./world.ts";

/** Mode of every file below a directory. */
function modes(directory: string): number[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = join(directory, name);
    return isDirectory ? modes(path) : [Deno.statSync(path).mode! & 0o777];
  });
}

Deno.test("login remembers the server, and several under names", async (t) => {
  await using one = await World.start();
  await using two = await World.start();
  const first = `localhost:${one.server.port}`;
  const second = `localhost:${two.server.port}`;
  const { TOWPATH_SERVER: _server, TOWPATH_PASSWORD: _password, TOWPATH_USER: _user, ...plain } =
    one.env();
  /** Without a server, user or password; both authorities are trusted. */
  const ca = one.write("both.pem", one.server.caText + two.server.caText);
  const none = { TOWPATH_SERVER: "", TOWPATH_USER: "", TOWPATH_PASSWORD: "", TOWPATH_CA: ca };
  const run = (args: string[], env: Record<string, string> = {}) =>
    one.run(args, { env: { ...plain, ...none, ...env } });
  const secret = { TOWPATH_USER: "admin", TOWPATH_PASSWORD: one.server.password };
  const whose = async (args: string[] = [], env: Record<string, string> = {}) => {
    const { code, events, stderr } = await run(["whoami", "--json", ...args], env);
    assertEquals(code, 0, stderr);
    const { server, profile } = events.at(-1)!;
    return [server, profile];
  };

  await t.step("the last login's server is the default one", async () => {
    const login = await run(["login", "--server", first], secret);
    assertEquals(login.code, 0, login.stderr);
    assertMatch(login.stderr, /^Commands without --server go to this server from now on\.$/m);
    assertEquals(await whose(), [first, null]);
    const named = await run(["login", "--server", second, "--as", "work"], secret);
    assertEquals(named.code, 0, named.stderr);
    assertMatch(named.stderr, /--profile work/);
    assertEquals(await whose(), [second, "work"]);
    assert(modes(one.path(".config/towpath")).every((mode) => mode === 0o600));
  });

  await t.step("a flag goes before the environment, --server before --profile", async () => {
    assertEquals((await run(["login", "--server", first, "--as", "home"], secret)).code, 0);
    assertEquals(await whose(["--profile", "work"]), [second, "work"]);
    assertEquals(await whose([], { TOWPATH_PROFILE: "work" }), [second, "work"]);
    const server = { TOWPATH_SERVER: first };
    assertEquals(await whose([], { TOWPATH_PROFILE: "work", ...server }), [first, null]);
    assertEquals(await whose(["--profile", "work"], server), [second, "work"]);
    assertEquals(await whose(["--server", first], { TOWPATH_PROFILE: "work" }), [first, null]);
    assertMatch((await run(["whoami", "--profile", "work"])).stderr, /\(profile work\)/);
    const both = await run(["whoami", "--profile", "work", "--server", first]);
    assertEquals(both.code, 2);
    assertMatch(both.stderr, /contradict each other/);
    const wrong = await run(["whoami", "--profile", "wrok"]);
    assertEquals(wrong.code, 3);
    assertMatch(wrong.stderr, /"wrok" \(there are: "home", "work"\): make one with .*--as NAME/);
    assertEquals((await run(["login", "--as", "a b"], secret)).code, 2);
  });

  await t.step("logins lists them without secrets, and completion knows their names", async () => {
    const { stdout, stderr } = await run(["logins"]);
    const lines = stdout.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));
    assertEquals(lines, [
      ["profile", "server", "user", "kept"],
      ["-", first, "admin", "token"],
      ["*", "home", first, "admin", "token"],
      ["work", second, "admin", "token"],
    ]);
    assertMatch(stderr, /^Kept in .*\.config\/towpath$/m);
    const listed = await run(["profiles", "--json"]);
    assert(!/towpath_/.test(listed.stdout));
    const { logins } = listed.events.at(-1)!;
    assertEquals((logins as { default: boolean }[]).filter((one) => one.default).length, 1);
    for (const words of [["list", "--profile", "w"], ["logout", "w"]]) {
      assertEquals((await run(["complete", "--", ...words])).stdout, "work\t\n");
    }
    assertEquals((await run(["login", "--server", second, "--as", "extra"], secret)).code, 0);
    const { events } = await run(["logout", "extra", "--json"]);
    assertEquals(events.at(-1)!.revoked, true);
    assertEquals((await run(["logout", "extra"])).code, 3);
    assertEquals((await run(["logout", "work", "--server", first])).code, 2);
    assertEquals(await whose(["--profile", "work"]), [second, "work"]);
    assertEquals((await run(["login", "--profile", "home"], secret)).code, 0);
  });

  await t.step("the token of a profile goes to no other server", async () => {
    const { code, stderr } = await run(["whoami", "--profile", "work", "--port", first.slice(10)]);
    assertEquals(code, 0, stderr); // with the login of the first server
    const { events } = await run(["logout", "--server", first, "--json"]);
    assertEquals(events.at(-1)!.revoked, true);
    assertEquals((await run(["whoami", "--profile", "work", "--port", first.slice(10)])).code, 3);
  });

  await t.step("login again renews a profile, logout forgets it", async () => {
    assertEquals((await run(["login", "--profile", "work"], secret)).code, 0);
    assertEquals(await whose(), [second, "work"]);
    const { tokens } = (await run(["token", "list", "--json"])).events.at(-1)!;
    assertEquals((tokens as unknown[]).length, 1);
    const { events } = await run(["logout", "--profile", "work", "--json"]);
    assertEquals(events.at(-1)!.revoked, true);
    assertEquals((await run(["whoami", "--profile", "work"])).code, 3);
    const unset = await run(["whoami", "--timeout", "1s", "--retries", "0"]);
    assertMatch(unset.stderr, /localhost:9000|no user name/); // the default is none again
  });

  await t.step("a login that an older version kept counts, and is no default", async () => {
    assertEquals((await run(["login", "--server", first], secret)).code, 0);
    Deno.removeSync(one.path(".config/towpath/default-login.json"));
    assertEquals(await whose(["--server", first]), [first, null]);
    Deno.writeTextFileSync(one.path(".config/towpath/default-login.json"), "{damaged");
    assertEquals(await whose(["--server", first]), [first, null]);
  });
});
