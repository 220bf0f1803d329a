/** Reply codes as clients know them from other servers, and the options that change what FTP does. */
import { assertEquals, assertMatch } from "@std/assert";
import { ROWS } from "../../server/ftp/table.ts";
import { isUnsupported } from "../../server/ftp/unsupported.ts";
import { ftpHolds } from "../support/ftp.ts";

ftpHolds("a command that FTP has is 502, one that it has not is 500", async (bench, alice) => {
  for (const name of ["HOST", "LANG", "LPRT", "MFF", "XCRC", "xmd5", "SMNT"]) {
    const { text } = await alice.ask(`${name} x`, 502);
    assertMatch(text, new RegExp(`^502 ${name.toUpperCase()} is not supported here`));
    await alice.ask(`HELP ${name}`, 502);
  }
  for (const name of ["XYZZY", "GET", "constructor"]) await alice.ask(`${name} x`, 500);
  for (const { name, aliases = [] } of ROWS) {
    for (const called of [name, ...aliases]) assertEquals(isUnsupported(called), false, called);
  }
  // Before a login nothing tells them apart from those that need one.
  using stranger = await bench.connect();
  await stranger.ask("LANG x", 530);
  await stranger.ask("XYZZY x", 530);
});

ftpHolds("CDUP is 200, CWD 250", async (_, alice) => {
  await alice.ask("MKD a", 257);
  await alice.ask("CWD a", 250);
  await alice.ask("CDUP", 200);
  await alice.ask("CWD a", 250);
  await alice.ask("CWD ..", 250);
  await alice.ask("XCUP", 200);
});

ftpHolds("RMD removes empty directories, SITE RMDIR whole trees", async (_, alice) => {
  await alice.ask("MKD a", 257);
  await alice.ask("MKD a/b", 257);
  await alice.store("STOR a/b/f", "x");
  await alice.ask("RMD a", 550);
  await alice.ask("SITE RMDIR a/b/f", 550);
  await alice.ask("SITE RMDIR none", 550);
  await alice.ask("SITE RMDIR a", 200);
  await alice.ask("CWD a", 550);
});

ftpHolds("RMD removes whole trees with --ftp-rmd recursive", async ({ server }, alice) => {
  await alice.ask("MKD a", 257);
  await alice.store("STOR a/f", "x");
  await server.catalog.setLetters("alice", "rwc");
  assertMatch((await alice.ask("RMD a", 550)).text, /permission "d"/);
  await server.catalog.setLetters("alice", "rwcd");
  await alice.ask("RMD a", 250);
  await alice.ask("CWD a", 550);
}, { ftp: { removal: "recursive" } });

ftpHolds("STOR, APPE and STOU make directories with --ftp-make-dirs", async ({ server }, alice) => {
  await alice.store("STOR a/b/c/f", "stored");
  assertEquals(String((await alice.retrieve("RETR a/b/c/f")).content), "stored");
  await alice.store("APPE d/f", "appended");
  assertEquals(String((await alice.retrieve("RETR d/f")).content), "appended");
  await alice.store("STOU e/f", "unique");
  await alice.ask("CWD e", 250);
  await server.catalog.setLetters("alice", "rw");
  await alice.passive();
  assertMatch((await alice.ask("STOR g/f", 550)).text, /permission "c"/);
  await alice.store("STOR /a/b/c/g", "no directory is missing");
}, { ftp: { makeDirectories: true } });

ftpHolds("without --ftp-make-dirs a missing directory is 550", async (_, alice) => {
  await alice.passive();
  await alice.ask("STOR a/f", 550);
  await alice.ask("CWD a", 550);
});
