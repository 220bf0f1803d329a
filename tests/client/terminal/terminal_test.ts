/** Prompts and output of the client on a terminal (docs/cli.md, "Client"). */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { noise, World } from "../world.ts";
import { inTerminal } from "../../support/client/client_terminal.ts";

Deno.test("client on a terminal", async (t) => {
  await using world = await World.start();
  const { password, port } = world.server;
  const { TOWPATH_PASSWORD: _password, TOWPATH_CA: _ca, ...asked } = world.env();

  await t.step("no prompt for a password of a server that is not trusted", async () => {
    const { code, shown } = await inTerminal(["whoami"], asked, []);
    assertEquals(code, 7, shown);
    assertMatch(shown, /unknown authority/);
    assertNotMatch(shown, /Password/);
  });

  await t.step("trust keeps the authority after a yes, and only then", async () => {
    const trust = ["trust", `localhost:${port}`];
    const no = await inTerminal(trust, asked, [["(yes/no)", "n\r"]]);
    assertEquals(no.code, 7, no.shown);
    const yes = await inTerminal(trust, asked, [["(yes/no)", "yes\r"]]);
    assertEquals(yes.code, 0, yes.shown);
    assertMatch(yes.shown, /fingerprint\r?\n? +([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    const { code, shown } = await inTerminal(["whoami"], asked, [["Password of", `${password}\r`]]);
    assertEquals(code, 0, shown);
    assert(!shown.includes(password), "the password was echoed");
  });

  await t.step("after login, token create and revoke ask for the password", async () => {
    const login = await inTerminal(["login"], asked, [["Password of", `${password}\r`]]);
    assertEquals(login.code, 0, login.shown);
    const { TOWPATH_SERVER: _server, TOWPATH_USER: _user, ...kept } = asked;
    const made = await inTerminal(["token", "create"], kept, [
      [`Password of admin at localhost:${port}`, `${password}\r`],
    ]);
    assertEquals(made.code, 0, made.shown);
    const id = /Token (\S+) is valid/.exec(made.shown)?.[1];
    assert(id !== undefined, made.shown);
    const revoked = await inTerminal(["token", "revoke", id], kept, [
      ["Password of", `${password}\r`],
    ]);
    assertEquals(revoked.code, 0, revoked.shown);
    assertEquals((await inTerminal(["logout"], kept, [])).code, 0);
  });

  await t.step(
    "a list of administration that is wider than the terminal has a line for each value",
    async () => {
      const narrow = { ...world.env(), TERMINAL_COLUMNS: "40" };
      const list = ["admin", "user", "list"];
      const { code, shown } = await inTerminal(list, narrow, []);
      assertEquals(code, 0, shown);
      assertMatch(shown, /^name +admin\r?\npermissions +rwcdt\r?\nused /m);
      const wide = await inTerminal(list, { ...narrow, TERMINAL_COLUMNS: "200" }, []);
      assertMatch(wide.shown, /^name +permissions +used /m);
    },
  );

  await t.step("a new password is asked for twice", async () => {
    const { code, shown } = await inTerminal(["passwd"], asked, [
      ["Password of", `${password}\r`],
      ["New password", "correct horse\r"],
      ["again", "correct house\r"],
    ]);
    assertEquals(code, 2, shown);
    assertMatch(shown, /differ/);
    assertEquals((await world.run(["whoami"])).code, 0);
  });

  await t.step(
    "one bar for each transfer and one for the whole; none where not wanted",
    async () => {
      for (const name of ["one", "two", "three"]) world.write(`tree/${name}`, noise(1_500_000));
      const args = ["upload", "-r", "tree", "--parallel", "2", "--limit-rate", "2M"];
      const { code, shown } = await inTerminal(args, world.env(), []);
      assertEquals(code, 0, shown);
      assertMatch(shown, /tree\/(one|two|three) .*%.* MiB\/1\.4 MiB .* MiB\/s +\d+s/);
      assertMatch(shown, /[012] of 3 files .*%.*\/4\.3 MiB/);
      for (const off of ["--no-progress", "--quiet", "--json"]) {
        const plain = await inTerminal([...args, off], world.env(), []);
        assertEquals(plain.code, 0, plain.shown);
        assertNotMatch(plain.shown, /%/);
      }
    },
  );
});
