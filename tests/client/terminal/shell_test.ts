import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { noise, sha256, World } from "../world.ts";
import { inTerminal } from "../../support/client/client_terminal.ts";

const PASSWORD = "correct horse";

Deno.test("client shell", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  const secret = world.write("secret", PASSWORD);
  await run(["admin", "add", "bob", "--new-password-file", secret, "--permissions", "r"]);
  await run(["admin", "add", "carol", "--new-password-file", secret]);
  world.write("report.txt", "first");
  world.write("sub dir/other.txt", "other");

  await t.step(
    "from a pipe: verbs in any case, both directories, the last failure's code",
    async () => {
      const script = [
        "# a comment",
        "PWD",
        "mkd reports",
        "Cwd reports",
        "STOR report.txt may.txt",
        "LCD 'sub dir'",
        "put other.txt",
        "upload other.txt --to deeper/",
        "list -r",
        "SIZE may.txt",
        "RNFR may.txt",
        "RNTO june.txt",
        "RETR june.txt got.txt",
        "get june.txt",
        "rm none.txt",
        "cdup",
        "CWD /reports/../reports/deeper",
        "nlst",
        "QUIT",
        "mkd /never",
      ].join("\n");
      const { code, stdout, stderr } = await run(["shell"], { stdin: script });
      assertEquals(code, 4, stderr);
      const lines = stdout.split("\n");
      assertEquals(lines.slice(0, 3), ["/", "/reports", "/reports/may.txt"]);
      assertEquals(lines.slice(-4), ["/", "/reports/deeper", "other.txt", ""]);
      assert(lines.includes("deeper/other.txt") && lines.includes("size  5"));
      assertMatch(stderr, /Cannot remove "\/reports\/none\.txt"/);
      assertEquals(world.read("sub dir/got.txt"), "first");
      assertEquals(world.read("sub dir/june.txt"), "first");
      assertEquals((await run(["stat", "/never"])).code, 4);
      assertEquals((await run(["shell"], { stdin: "pwd\n" })).code, 0);
    },
  );

  await t.step("changing the user: USER and PASS, TRANS, SHAR, SHWM", async () => {
    const script = [
      "TRANS bob rwc",
      "SHAR reports bob rw",
      "SHBY",
      "USER bob",
      `PASS "${PASSWORD}"`,
      "whoami",
      "shwm",
      "STOR report.txt /shared/admin/reports/b.txt",
      "USERS",
      "TRANS",
      "nonsense",
    ].join("\n");
    const { code, stdout, stderr } = await run(["shell"], { stdin: script });
    assertEquals(code, 2);
    assertMatch(stdout, /^Logged in as bob, letters rwc$/m);
    assertMatch(stdout, /^with me +\/shared\/admin\/reports +by admin +rw$/m);
    assertMatch(stdout, /^\/shared\/admin\/reports\/b\.txt$/m);
    assertMatch(stderr, /Cannot list the accounts/);
    assertMatch(stderr, /It is used so: TRANS NAME LETTERS/);
    assert(!(stdout + stderr).includes(PASSWORD));
  });

  await t.step("three accounts: a share with one does not exist for the other", async () => {
    const script = [
      "SHAR reports bob r",
      "USER carol",
      `PASS "${PASSWORD}"`,
      "SHWM",
      "RETR /shared/admin/reports/b.txt carol.txt",
      "USER bob",
      `PASS "${PASSWORD}"`,
      "RETR /shared/admin/reports/b.txt bob.txt",
      "SHAR /shared/admin/reports carol",
      "STOR report.txt /shared/admin/reports/c.txt",
    ].join("\n");
    const { code, stdout, stderr } = await run(["shell"], { stdin: script });
    assertEquals(code, 5, stderr);
    assertMatch(stdout, /^Logged in as carol, letters rwcd$/m);
    assertMatch(stderr, /"\/shared\/admin\/reports\/b\.txt" does not exist/);
    assertThrows(() => world.read("carol.txt"));
    assertEquals(world.read("bob.txt"), "first");
    assertMatch(stderr, /Cannot share/);
    assertEquals((await run(["stat", "/reports/c.txt"])).code, 4);
  });

  await t.step("--json: each command ends with done or error", async () => {
    const { events } = await run(["shell", "--json"], { stdin: "pwd\nsize nothing\nlist\n" });
    assertEquals(events.map((one) => one.event).slice(0, 3), ["done", "error", "done"]);
  });

  await t.step("in a terminal: completion, history, editing, a password without echo", async () => {
    await run(["upload", "report.txt", "--to", "/with space/long name.txt"]);
    const { code, shown } = await inTerminal(["shell"], world.env(), [
      [":/> ", "cwd wi\t"], // Tab is a key only where it ends what arrives together
      ["th\\ space/", "\r"],
      ["/with space> ", "retr lo\t"],
      ["ng\\ name.txt ", "\x15pwd\r"], // the line is dropped
      ["/with space\r\n", ""],
      ["/with space> ", "hash long\\ \t"],
      ["name.txt ", "\r"],
      [sha256("first"), ""],
      ["/with space> ", "\x1b[A\x1b[A\x1b[DX\x7f\r"], // "pwd" again, edited to the same
      ["/with space\r\n", ""],
      ["/with space> ", "stor repo\t"],
      ["rt.txt ", "\r"],
      ["/with space/report.txt", ""],
      ["/with space> ", "abandoned\x03"],
      ["^C", ""],
      ["/with space> ", "USER bob\r"],
      ["Password of bob", `${PASSWORD}\r`],
      ["Logged in as bob", ""],
      ["bob@", "PASS of-nobody\r"],
      ["Say first who you are", ""],
      ["bob@", "\x04"],
    ]);
    assertEquals(code, 0, shown);
    assert(!shown.includes(PASSWORD));
    const history = `${world.home}/.config/towpath/history`;
    assertEquals(Deno.statSync(history).mode! & 0o777, 0o600);
    const lines = Deno.readTextFileSync(history).split("\n");
    assertEquals(lines.slice(0, 3), ["cwd with\\ space/", "pwd", "hash long\\ name.txt "]);
    assert(!lines.some((line) => /PASS|USER/.test(line)));
  });

  await t.step("in a terminal: wide names, options, pasted lines, Ctrl-Z", async () => {
    await run(["upload", "report.txt", "--to", "/wide/日本 語.txt"]);
    await run(["upload", "report.txt", "--to", "/wide/日本 2.txt"]);
    const { code, shown } = await inTerminal(["shell"], world.env(), [
      [":/> ", "CWD 'wid\t"],
      ["CWD wide/", "\r"], // the quote went, as the name needs none
      [":/wide> ", "hash 日\t"],
      ["日本\\ ", "\t"], // as far as the names agree; once more lists them
      ["日本\\ 語.txt", "語\t"],
      ["語.txt ", "\r"],
      [sha256("first"), ""],
      [":/wide> ", "list --lon\t"],
      ["g ", "\x15pwd\rcwd ..\rpw\x1a"], // the second line is run too, and the third goes on
      ["/wide\r\n", ""],
      ["/\r\n", ""],
      [":/> pw", "d\r"],
      ["/\r\n", ""],
      [":/> ", "\x04"],
    ]);
    assertEquals(code, 0, shown);
  });

  await t.step("in a terminal: Ctrl-C stops the transfer and not the shell", async () => {
    world.write("big.bin", noise(8_000_000));
    const { code, shown } = await inTerminal(["shell"], world.env(), [
      [":/> ", "upload big.bin --limit-rate 1M\r"],
      ["%", "\x03"], // the progress bar
      ["Interrupted. The sent part is kept; continue with: resume big.bin", ""],
      [":/> ", "parts\r"],
      ["/big.bin", ""],
      [":/> ", "resume big.bin\r"],
      ["/big.bin", ""],
      [":/> ", "hash big.bin\r"],
      [sha256(noise(8_000_000)), ""],
      [":/> ", "quit\r"],
    ]);
    assertEquals(code, 0, shown);
  });
});
