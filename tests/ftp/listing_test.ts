/** Listings as clients read them (docs/ftp.md, "Listings"). */
import { assertEquals, assertMatch } from "@std/assert";
import { addAccount } from "../support/in_process.ts";
import { ftpHolds, ftpHoldsOnDisk } from "../support/ftp.ts";
import { sha256 } from "../support/raw_client.ts";

ftpHolds(
  "LIST is like ls -l, with or without options, of directories and files",
  async (_, alice) => {
    await alice.store("STOR b.txt", "12345");
    await alice.store("STOR .hidden", "");
    await alice.ask("MKD a dir", 257);
    await alice.ask("MFMT 20200102030405 b.txt", 213);
    const lines = await alice.lines("LIST");
    assertEquals(lines.length, 3);
    assertMatch(
      lines[0]!,
      /^-rw------- 1 alice +alice +0 [A-Z][a-z]{2} [ \d]\d \d\d:\d\d \.hidden$/,
    );
    assertMatch(lines[1]!, /^drwx------ 1 alice +alice +0 .* a dir$/);
    assertMatch(lines[2]!, /^-rw------- 1 alice +alice +5 Jan {2}2 {2}2020 b\.txt$/);
    for (const options of ["-a", "-l", "-la", "-a -l", "-al /"]) {
      assertEquals(await alice.lines(`LIST ${options}`), lines);
    }
    assertEquals(await alice.lines("LIST b.txt"), [lines[2]]);
    assertEquals(await alice.lines("LIST a dir"), []);
    assertMatch((await alice.ask("STAT b.txt", 213)).text, /5 Jan {2}2 {2}2020 b\.txt/);
  },
);

ftpHolds("NLST gives names: of a pattern with the directory before them", async (_, alice) => {
  await alice.ask("MKD d", 257);
  for (const name of ["a.bin", "b.bin", "c.txt", "[x].bin", "ä b.bin"]) {
    await alice.store(`STOR d/${name}`, name);
  }
  const all = ["[x].bin", "a.bin", "b.bin", "c.txt", "ä b.bin"];
  for (const line of ["NLST d", "NLST -1 d", "NLST -CF d"]) {
    assertEquals(await alice.lines(line), all);
  }
  assertEquals(await alice.lines("NLST d/?.bin"), ["d/a.bin", "d/b.bin"]);
  assertEquals(await alice.lines("NLST d/[ab]*"), ["d/a.bin", "d/b.bin"]);
  assertEquals(await alice.lines("NLST d/[!a-b].*"), ["d/c.txt"]);
  assertEquals(await alice.lines("NLST d/[x].bin"), ["d/[x].bin"]); // there is one of that name
  await alice.ask("CWD d", 250);
  assertEquals(await alice.lines("NLST *.txt"), ["c.txt"]);
  assertEquals((await alice.lines("LIST *.txt")).length, 1);
  const none = await alice.retrieve("NLST *.none");
  assertEquals(none.content.length, 0);
  assertEquals(none.final.code, 226);
  assertEquals(await alice.lines(`NLST ${"*a".repeat(100)}*`), []);
});

ftpHolds("LIST -R and NLST -1R go down the tree", async (_, alice) => {
  await alice.ask("MKD d", 257);
  await alice.ask("MKD d/e", 257);
  await alice.store("STOR d/e/f", "x");
  assertEquals(await alice.lines("NLST -1R"), [".:", "d", "", "./d:", "e", "", "./d/e:", "f"]);
  assertMatch((await alice.lines("LIST -R d")).at(-1)!, / f$/);
});

ftpHolds("MLSD and MLST tell the facts that OPTS MLST chose", async (_, alice) => {
  await alice.store("STOR f=; x", "12345");
  await alice.ask("MFMT 20200102030405 f=; x", 213);
  await alice.ask("MKD d", 257);
  const [directory, file] = await alice.lines("MLSD");
  assertMatch(
    directory!,
    /^type=dir;modify=\d{14};perm=cdeflmp;unique=[0-9a-f]+;UNIX\.mode=0700; d$/,
  );
  assertEquals(
    file!.replace(/unique=[0-9a-f]+;/, ""),
    `type=file;size=5;modify=20200102030405;perm=adfrw;UNIX.mode=0600;X.sha256=${
      sha256("12345")
    }; f=; x`,
  );
  assertEquals(
    (await alice.ask("OPTS MLST size;TYPE;nonsense;", 200)).text,
    "200 MLST OPTS type;size;",
  );
  assertMatch((await alice.ask("FEAT", 211)).text, /\r\n MLST type\*;size\*;modify;perm;/);
  assertEquals(await alice.lines("MLSD /"), ["type=dir; d", "type=file;size=5; f=; x"]);
  assertMatch((await alice.ask("MLST f=; x", 250)).text, /\r\n type=file;size=5; \/f=; x\r\n250 /);
  await alice.passive();
  await alice.ask("MLSD f=; x", 501);
  for (
    const line of ["MLSD none", "LIST none", "NLST none", "MLST none", "CWD none", "LIST none/*"]
  ) {
    await alice.ask(line, 550);
  }
});

ftpHoldsOnDisk("a directory of 12,000 names is listed whole", async (bench, alice) => {
  const place = `${bench.server.data}/users/a/alice/files/many`;
  await Deno.mkdir(place);
  for (let i = 0; i < 12_000; i++) Deno.writeTextFileSync(`${place}/${i}`, "");
  assertEquals((await alice.lines("NLST many")).length, 12_000);
});

ftpHolds(
  "shares of others are listed under /shared, with their own letters",
  async (bench, alice) => {
    await addAccount(bench.server.vault, "bob");
    await alice.ask("MKD docs", 257);
    await alice.store("STOR docs/f.txt", "hers");
    assertMatch((await alice.ask("SITE SHARE docs bob", 200)).text, /\/shared\/alice\/docs/);
    using bob = await bench.login("bob");
    assertEquals(await bob.lines("NLST"), ["shared"]);
    await bob.ask("CWD /shared/alice/docs", 250);
    await bob.ask("OPTS MLST perm;", 200);
    assertEquals(await bob.lines("MLSD"), ["perm=r; f.txt"]);
    assertEquals((await bob.retrieve("RETR f.txt")).content.toString(), "hers");
    await bob.passive();
    await bob.ask("STOR g.txt", 550);
    assertMatch((await bob.ask("SITE SHARED", 211)).text, /with me: \/shared\/alice\/docs r/);
    assertMatch((await bob.ask("SITE WHY f.txt", 211)).text, / w denied: the share/);
    assertMatch((await alice.ask("SITE SHARED", 211)).text, /by me: \/docs r \(with bob\)/);
    await alice.ask("SITE SHARE docs bob rw", 200);
    assertEquals(await bob.lines("MLSD"), ["perm=arw; f.txt"]);
    await alice.ask("SITE UNSHARE docs bob", 200);
    await bob.ask("CWD /shared/alice/docs", 550);
  },
);
