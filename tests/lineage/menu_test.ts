/**
 * The features of a plain file server on a socket with a menu client, line by line, as its users
 * have them: a file of accounts, a numbered menu on a terminal or with lines from a pipe, uploads,
 * downloads, a look into a file, deletions, lists, and what goes wrong with each.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { World } from "../client/world.ts";
import { inTerminal } from "../support/client/client_terminal.ts";
import { is } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { adminBeside } from "../support/server_admin.ts";

function includes(text: string, part: string): void {
  assert(text.includes(part), text);
}

Deno.test("the menu of a plain file server, line by line", async (t) => {
  await using world = await World.start();
  const { server } = world;
  const accounts = world.write(
    "users.txt",
    "# accounts\nalice:correct horse\nbob:battery staple\n",
  );
  const alice = { TOWPATH_USER: "alice", TOWPATH_PASSWORD: "correct horse" };
  /** Answers the menu's questions by lines from a pipe. */
  const answer = (lines: readonly string[], env: Record<string, string> = alice) =>
    world.run(["menu"], { stdin: lines.map((line) => `${line}\n`).join(""), env });

  await t.step("accounts come from a file of username:password lines", async () => {
    const report = await adminBeside(server, "user", "import", accounts, "--permissions", "rwd");
    assertMatch(report, /alice/);
    assertMatch(report, /bob/);
  });

  await t.step(
    "name and password are asked for; a wrong one is said, and asked for again",
    async () => {
      const noUser = { TOWPATH_USER: "", TOWPATH_PASSWORD: "" };
      const env = { ...noUser, XDG_CONFIG_HOME: world.path("none") };
      const typed = ["alice", "wrong password", "alice", "correct horse", "6"];
      const { code, stderr } = await answer(typed, env);
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /The user name or password is wrong/);
      assertMatch(stderr, /Logged in as alice at localhost:/);
      const thrice = [
        "alice",
        "one wrong one",
        "alice",
        "two wrong ones",
        "alice",
        "three of them",
      ];
      assertEquals((await answer(thrice, env)).code, 3);
    },
  );

  await t.step("upload, list, view, download, delete, exit, by number", async () => {
    world.write("report.txt", "first line\nsecond line\n");
    const { code, stdout, stderr } = await answer([
      ...["1", "report.txt", "5", "3", "report.txt"],
      ...["2", "report.txt", "n", "4", "report.txt", "y", "list", "6"],
    ]);
    assertEquals(code, 0, stderr);
    // The local file is there already: it is asked about, and kept.
    assertMatch(stderr, /exists\. Replace it\? \(y\/n\)/);
    assertMatch(stdout, /^\/report\.txt$/m);
    assertMatch(stdout, /report\.txt is deleted\n$/); // the list behind it is empty
    includes(stdout, "first line\nsecond line\n");
    for (const title of ["1) Upload a file", "2) Download a file", "6) Exit"]) {
      includes(stderr, title);
    }
  });

  await t.step(
    "a download is whole under its name, in the directory that was asked for",
    async () => {
      await answer(["1 report.txt", "6"]);
      const places = ["--download-dir", "downloads", "--incomplete-dir", "incomplete"];
      const stdin = "2\nreport.txt\n2 report.txt\ny\nexit\n";
      const { code, stderr } = await world.run(["menu", ...places], { stdin, env: alice });
      assertEquals(code, 0, stderr);
      assertEquals(world.read("downloads/report.txt"), "first line\nsecond line\n");
      assertEquals([...Deno.readDirSync(world.path("downloads"))].length, 1);
      assertEquals([...Deno.readDirSync(world.path("incomplete"))], []);
    },
  );

  await t.step("an existing name is kept, and the new file becomes a version", async () => {
    const { stdout } = await answer(["1 report.txt", "1 report.txt", "q"]);
    assertMatch(stdout, /^\/report_v2\.txt$/m);
    assertMatch(stdout, /^\/report_v3\.txt$/m);
  });

  await t.step("names with spaces, and an empty file", async () => {
    world.write("my summer notes.txt", "sun");
    world.write("empty", "");
    const { code, stdout, stderr } = await answer([
      ...["1", "my summer notes.txt", '1 "empty"', "3 my summer notes.txt", "3 empty"],
      ...["delete my summer notes.txt", "yes", "list", "exit"],
    ]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^\/my summer notes\.txt$/m);
    assertMatch(stdout, /^sun/m);
    assertMatch(stdout, /my summer notes\.txt is deleted$/m);
    assertMatch(stdout, /\bempty$/m);
  });

  await t.step("every error says what to do next and returns to the menu", async () => {
    const { code, stdout, stderr } = await answer([
      ...["1", "none.txt", "2", "none.txt", "3", "none.txt", "4", "none.txt", "y"],
      ...["9", "", "dance", "1", "", "4 empty", "n", "5"],
    ]);
    assertEquals(code, 0, stderr); // the end of the input leaves the menu
    assertMatch(stderr, /Cannot (read|upload) "[^"]*none\.txt"/);
    assertMatch(stderr, /Cannot (download|view) "[^"]*none\.txt"/);
    assertMatch(stderr, /Cannot remove "\/none\.txt"/);
    assert((stderr.match(/List the files \(5\) to see their names/g) ?? []).length >= 3, stderr);
    assertMatch(stderr, /There is no "9"\. Type a number from 1 to 6\./);
    assertMatch(stderr, /Nothing was deleted/);
    assertMatch(stdout, /\bempty$/m); // what came after the errors was done
  });

  await t.step(
    "an account without a permission is told so, and a file of another is not there",
    async () => {
      const bob = { TOWPATH_USER: "bob", TOWPATH_PASSWORD: "battery staple" };
      await adminBeside(server, "user", "permit", "bob", "r");
      const { code, stderr } = await answer(["1 report.txt", "3 report.txt", "6"], bob);
      assertEquals(code, 0);
      assertMatch(stderr, /may not|permission/i);
      assertMatch(stderr, /ask the administrator of the server/);
    },
  );

  await t.step("on a terminal: the same menu, and the password is not shown", async () => {
    const env: Record<string, string> = { ...world.env(), TOWPATH_USER: "alice" };
    delete env["TOWPATH_PASSWORD"];
    const { code, shown } = await inTerminal(["menu"], env, [
      ["Password of alice", "correct horse\r"],
      ["Choose 1 to 6: ", "1\r"],
      ["Local file: ", "report.txt\r"],
      ["report_v", ""],
      ["Choose 1 to 6: ", "3 none\r"],
      ["List the files (5)", ""],
      ["Choose 1 to 6: ", "\x04"],
    ]);
    assertEquals(code, 0, shown);
    includes(shown, "Logged in as alice");
    assert(!shown.includes("correct horse"), shown);
  });

  await t.step("files are the ones that every other client sees", async () => {
    using client = await RawClient.login(server, "alice", "correct horse");
    const { names } = is(await client.ask("NLST"), "OK") as { names: string[] };
    assert(names.includes("report_v2.txt") && names.includes("empty"), `${names}`);
  });
});
