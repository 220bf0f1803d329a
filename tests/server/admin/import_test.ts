import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { verifyPassword } from "../../../common/secrets.ts";
import { readImport } from "../../../common/admin/import_lines.ts";
import { terminalWith, withData } from "../../support/admin.ts";

const FILE = `\ufeff# accounts of the old server

alice:correct horse
bob:battery staple
Carol:tr0ub4dor and 3
dave:short7!\r
alice:another secret
no colon and a secret
erin:with:colons: and spaces 
frank:$6$salt$hashhashhash
grace:x:1000:1000:Grace:/home/grace:/bin/sh
shared:hunter2hunter2
`;

Deno.test("admin: user import makes an account of each good line and names every other", async () => {
  await withData(async ({ run, catalog, data }) => {
    Deno.writeTextFileSync(join(data, "users.txt"), FILE);
    const { exitCode, data: reported } = await run(
      "user import users.txt --permissions rw --quota 1M",
    );
    assertEquals(exitCode, 10);
    const lines = reported.lines as {
      line: number;
      username: string | null;
      reason: string | null;
    }[];
    assertEquals(lines.map(({ line, username, reason }) => [line, username, reason === null]), [
      [3, "alice", true],
      [4, "bob", false],
      [5, null, false],
      [6, "dave", false],
      [7, "alice", false],
      [8, null, false],
      [9, "erin", true],
      [10, "frank", false],
      [11, "grace", false],
      [12, null, false],
    ]);
    assertMatch(lines[1]!.reason!, /"bob" already/);
    assertMatch(lines[4]!.reason!, /^Line 3 has this name/);
    assertMatch(lines[7]!.reason!, /hash/);
    assertEquals([reported.made, reported.refused, reported.dry_run], [2, 8, false]);
    assert(
      !/horse|staple|tr0ub|short7|secret|spaces|salt|grace:|hunter/i.test(JSON.stringify(reported)),
    );

    const alice = (await catalog.account("alice"))!;
    assertEquals([alice.letters, alice.quotaBytes], ["rw", 1024 * 1024]);
    assert(await verifyPassword("correct horse", alice.passwordHash));
    const erin = (await catalog.account("erin"))!;
    assert(await verifyPassword("with:colons: and spaces ", erin.passwordHash));
    assertEquals((await catalog.account("bob"))!.passwordHash, "none");

    const audited = Deno.readTextFileSync(join(data, "logs/audit.log")).trimEnd().split("\n")
      .map((line) => JSON.parse(line)).map(({ action, result, subject }) => [
        action,
        result,
        subject,
      ]);
    assertEquals(audited, [["account", "ok", "alice"], ["account", "ok", "erin"]]);
  });
});

Deno.test("admin: user import --dry-run reports the same lines and changes nothing", async () => {
  await withData(async ({ run, catalog }) => {
    const { exitCode, data: reported } = await run(
      "user import - --dry-run",
      terminalWith("alice:correct horse\nbob:battery staple\n"),
    );
    assertEquals([exitCode, reported.made, reported.refused, reported.dry_run], [10, 1, 1, true]);
    assertEquals(await catalog.account("alice"), undefined);
    const good = await run("user import - --dry-run", terminalWith("alice:correct horse"));
    assertEquals(good.exitCode, 0);
  });
});

Deno.test("admin: user import says where there is no file, and no account in it", async () => {
  await withData(async ({ refused }) => {
    const [code, message] = await refused("user import none.txt");
    assertEquals(code, 1);
    assertMatch(message, /^The file of accounts cannot be read: .*none\.txt: No such file/);
    const empty = await refused("user import -", terminalWith("# nothing\n\n"));
    assertEquals(empty, [1, "- has no line user:password"]);
  });
});

Deno.test("readImport() takes no hash of another program for a password", () => {
  const foreign = [
    ...["$apr1$salt$hash", "$2y$10$abcdefghijklmnop", "$y$j9T$salt$hash", "$argon2id$v=19$m=1"],
    ...["{SSHA}aGFzaGhhc2g=", "x:1000:1000:Alice:/home/alice:/bin/sh", "!:19000:0:99999:7:::"],
    ...["*:19000:0:99999:7:::", ":1000:1000::/home/alice:"],
  ];
  for (const text of foreign) {
    assertMatch(readImport(`alice:${text}`)[0]!.fault!, /hash/, text);
  }
  for (const text of ["$1 and a half", "{brace yourself", "x:y and so on", "100% secret"]) {
    assertEquals(readImport(`alice:${text}`)[0], { line: 1, name: "alice", password: text });
  }
  assertMatch(readImport("alice:caf\ufffd au lait")[0]!.fault!, /UTF-8/);
});
