/** Actions of the `admin` command line are in the audit log, beside the server's own lines. */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { putFile, terminalWith, withData } from "../../support/admin.ts";

Deno.test("admin: every change of an account is written to the audit log, refused ones too", async () => {
  await withData(async ({ run, refused, data }) => {
    const file = join(data, "logs/audit.log");
    await run("user list");
    await run("status");
    await refused("user add Alice"); // wrong usage: nothing was tried
    assert(!existsSync(file));

    await run("user add alice --password-stdin --permissions rw", terminalWith("correct horse\n"));
    await refused("user add alice --password-stdin", terminalWith("correct horse\n"));
    await run("user permit alice rwc");
    await refused("user permit admin rw");
    await run("user passwd alice --password-stdin", terminalWith("battery staple\n"));
    await run("user remove alice");
    await refused("user remove missing");
    await run("parts");
    await run("parts --expire");
    await run("backup copy.tar");

    const text = Deno.readTextFileSync(file);
    for (const secret of ["correct horse", "battery staple"]) assert(!text.includes(secret));
    assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
    const entries = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    for (const { time, account, door, address, session, ms } of entries) {
      assert(Date.parse(time) <= Date.now() && ms >= 0);
      assertEquals([account, door, address], [null, "admin", "local"]);
      assertMatch(session, /^admin-\d+$/);
    }
    assertEquals(
      entries.map(({ action, subject, value, result }) => [action, subject, value, result]),
      [
        ["account", "alice", "rw", "ok"],
        ["account", "alice", "rwcd", "exists"],
        ["letters", "alice", "rwc", "ok"],
        ["letters", "admin", "rw", "denied"],
        ["reset-password", "alice", undefined, "ok"],
        ["remove-account", "alice", undefined, "ok"],
        ["remove-account", "missing", undefined, "not-found"],
        ["expire-uploads", undefined, undefined, "ok"],
        ["backup", undefined, undefined, "ok"],
      ],
    );
  });
});

Deno.test("admin: verify reads what its account may not read itself, and records it in the audit log", async () => {
  await withData(async (bench) => {
    const { run, data } = bench;
    await run("user permit bob w");
    await putFile(bench, "bob", "good.txt", "content");
    assertEquals((await run("verify bob")).exitCode, 0);
    await putFile(bench, "bob", "bad.txt", "contenT");
    const { exitCode, data: found } = await run("verify");
    assertEquals(exitCode, 6);
    assertEquals([found.files, found.damaged.length], [2, 1]);
    const entries = Deno.readTextFileSync(join(data, "logs/audit.log")).trimEnd().split("\n")
      .map((line) => JSON.parse(line)).filter(({ action }) => action === "verify");
    assertEquals(entries.map(({ subject, result }) => [subject, result]), [
      ["bob", "ok"],
      [undefined, "checksum"],
    ]);
  });
});
