/** The table of commands: login and letters of every row, and what is derived from the rows. */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { SITE_ROWS } from "../../server/ftp/commands/site.ts";
import { ROWS } from "../../server/ftp/table.ts";
import { addAccount } from "../support/in_process.ts";
import { ftpHolds, ftpHoldsOnDisk, openFtp } from "../support/ftp.ts";

/** Commands that are answered before login. */
const OPEN = ["FEAT", "OPTS", "AUTH", "PBSZ", "PROT", "USER", "PASS", "SYST", "NOOP", "HELP"]
  .concat(["CLNT", "QUIT", "REG"]);

/** Arguments that any row takes; what they name is not there, but for `f`. */
const ARGUMENTS: Record<string, string> = {
  TYPE: "I",
  MODE: "S",
  STRU: "F",
  PORT: "127,0,0,1,100,1",
  EPRT: "|1|127.0.0.1|25601|",
  MFMT: "20200102030405 f",
  REST: "0",
  OPTS: "UTF8 ON",
  SITE: "HELP",
  HELP: "NOOP",
  AUTH: "TLS",
  PROT: "P",
  PBSZ: "0",
  CWD: "/",
  RNTO: "g",
  STOR: "new",
  STOU: "new",
  APPE: "new",
  MKD: "new",
  RMD: "none",
  TRANS: "alice t",
};
const DATA = new Set(["LIST", "NLST", "MLSD", "RETR", "STOR", "APPE", "STOU"]);

Deno.test("the table's rows that are open before login are those of docs/ftp.md", () => {
  const open = ROWS.filter(({ needsLogin }) => needsLogin === false).map(({ name }) => name);
  assertEquals(open.sort(), [...OPEN].sort());
});

Deno.test("without login every other row is 530, whatever its name is written like", async () => {
  await using bench = await openFtp({ ftp: { implicitTls: true } });
  using client = await bench.connect();
  for (const { name, aliases = [], needsLogin } of ROWS) {
    if (needsLogin === false) continue;
    for (const called of [name, ...aliases, name.toLowerCase()]) {
      const { text } = await client.ask(`${called} ${ARGUMENTS[name] ?? "f"}`, 530);
      assertMatch(text, /^530 \S+ .+/);
    }
  }
  for (const { name } of SITE_ROWS) await client.ask(`SITE ${name} f`, 530);
});

for (const { name, letters } of ROWS.filter(({ letters }) => letters !== "")) {
  Deno.test(`${name} needs each of the letters ${letters}, and no other`, async () => {
    await using bench = await openFtp();
    using alice = await bench.login();
    await alice.store("STOR f", "x");
    for (const missing of letters) {
      await addAccount(bench.server.vault, `no-${missing}`, "rwcd".replace(missing, ""));
      using client = await bench.login(`no-${missing}`);
      if (DATA.has(name)) await client.passive();
      const { text } = await client.ask(`${name} ${ARGUMENTS[name] ?? "f"}`, 550);
      assertMatch(text, new RegExp(`permission "${missing}"`), text);
    }
    await alice.ask("RNFR f", 350);
    await bench.server.catalog.setLetters("alice", letters);
    if (DATA.has(name)) await alice.passive();
    const { code, text } = await alice.ask(`${name} ${ARGUMENTS[name] ?? "f"}`);
    assertNotMatch(text, /permission "/);
    if (code === 150) await alice.ask("ABOR"); // 425: no connection came
  });
}

ftpHolds("rows without letters are answered to an account that has none", async (bench, alice) => {
  await bench.server.catalog.setLetters("alice", "");
  const needless = ROWS.filter(({ letters, name }) =>
    letters === "" &&
    !["USER", "PASS", "REIN", "QUIT", "AUTH", "CCC", "REG", "SHAR", "UNSH"].includes(name)
  );
  for (const { name, syntax } of needless) {
    const argument = syntax === "" || name === "STAT" || name === "EPSV"
      ? ""
      : ` ${ARGUMENTS[name] ?? "f"}`;
    const { code, text } = await alice.ask(`${name}${argument}`);
    assert(code < 400, `${name}: ${text}`);
  }
  await alice.ask("SITE CHMOD 777 f", 200);
  await alice.ask("CDUP", 200);
});

ftpHolds("HELP, FEAT and SITE HELP are derived from the rows", async (_, alice) => {
  const help = (await alice.ask("HELP", 214)).text;
  for (const { name, aliases = [] } of ROWS) {
    for (const called of [name, ...aliases]) {
      assertMatch(help, new RegExp(`\\b${called}\\b`));
      assertMatch((await alice.ask(`HELP ${called}`, 214)).text, /\.$|SITE QUOTA/s);
    }
  }
  await alice.ask("HELP NONSENSE", 502);
  const site = (await alice.ask("SITE HELP", 214)).text;
  for (const { name } of SITE_ROWS) assert(site.includes(` SITE ${name}`), name);
  const { text } = await alice.ask("FEAT", 211);
  const lines = text.split("\r\n");
  for (const line of lines.slice(1, -1)) assertMatch(line, /^ \S/);
  for (
    const feature of [
      "AUTH TLS",
      "PBSZ",
      "PROT",
      "UTF8",
      "EPSV",
      "EPRT",
      "SIZE",
      "MDTM",
      "MFMT",
      "REST STREAM",
      "TVFS",
      "HASH SHA-256*",
      "XSHA256",
    ]
  ) assert(lines.includes(` ${feature}`), feature);
  assert(!text.includes("MODE Z"));
});

ftpHoldsOnDisk("files: names, sizes, times, checksums", async (_, alice) => {
  await alice.store('STOR a "b".txt', "12345");
  await alice.ask('MKD q"q', 257);
  assertMatch((await alice.ask('CWD q"q', 250)).text, /"\/q""q"/);
  assertMatch((await alice.ask("PWD", 257)).text, /^257 "\/q""q" /);
  assertMatch((await alice.ask("XPWD", 257)).text, /^257 "\/q""q" /);
  await alice.ask("XCUP", 200);
  const name = 'a "b".txt';
  assertEquals((await alice.ask(`SIZE ${name}`, 213)).text, "213 5");
  const hash = "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5";
  assertEquals((await alice.ask(`HASH ${name}`, 213)).text, `213 SHA-256 0-5 ${hash} ${name}`);
  assertEquals((await alice.ask(`XSHA256 ${name}`, 250)).text, `250 ${hash}`);
  await alice.ask(`MFMT 20200102030405 ${name}`, 213);
  assertEquals((await alice.ask(`MDTM ${name}`, 213)).text, "213 20200102030405");
  await alice.ask(`SITE UTIME 202102030405 ${name}`, 200);
  assertEquals((await alice.ask(`MDTM ${name}`, 213)).text, "213 20210203040500");
  await alice.ask(`SITE UTIME ${name} 20220101000000 20220304050607 20220101000000 UTC`, 200);
  assertEquals((await alice.ask(`MDTM ${name}`, 213)).text, "213 20220304050607");
  for (const time of ["2020", "20201301000000", "20200230000000", "x"]) {
    await alice.ask(`MFMT ${time} ${name}`, 501);
  }
  // RNTO replaces a file, never a directory; nothing is renamed twice.
  await alice.store("STOR other", "gone");
  await alice.ask(`RNFR ${name}`, 350);
  await alice.ask("RNTO other", 250);
  assertEquals((await alice.retrieve("RETR other")).content.toString(), "12345");
  await alice.ask("RNTO again", 503);
  await alice.ask("RNFR other", 350);
  await alice.ask('RNTO q"q', 550);
  await alice.ask("RNFR none", 550);
  // Directories and files are not taken for each other.
  await alice.ask('DELE q"q', 550);
  await alice.ask("RMD other", 550);
  await alice.ask('MKD q"q', 550);
  await alice.ask('SIZE q"q', 550);
  await alice.passive();
  await alice.ask('STOR q"q', 550);
  await alice.passive();
  await alice.ask("STOR none/f", 550);
  await alice.ask("RMD none", 550);
  await alice.ask("MKD .../x", 553);
  await alice.ask('RMD q"q', 250);
  await alice.ask("DELE other", 250);
});

ftpHolds(
  "old names of commands do the same as the new ones; options and sizes are answered",
  async (_, alice) => {
    assertMatch((await alice.ask("XMKD d", 257)).text, /^257 "\/d" /);
    assertMatch((await alice.ask("XCWD d", 250)).text, /"\/d"/);
    assertMatch((await alice.ask("XPWD", 257)).text, /^257 "\/d" /);
    await alice.ask("XCUP", 200);
    await alice.ask("XRMD d", 250);
    await alice.ask("CWD d", 550);
    for (const options of ["HASH", "HASH SHA-256", "hash sha-256"]) {
      assertEquals((await alice.ask(`OPTS ${options}`, 200)).text, "200 SHA-256");
    }
    await alice.ask("OPTS HASH MD5", 501);
    await alice.ask("OPTS NONSENSE", 501);
    for (const size of ["5", "5 R 5"]) await alice.ask(`ALLO ${size}`, 202);
  },
);

ftpHolds("STOU tells the name that it made", async (_, alice) => {
  const data = await alice.open(await alice.passive());
  const { text } = await alice.ask("STOU", 150);
  const name = /^150 FILE: (\S+)$/.exec(text)![1]!;
  await data.secure();
  await data.write("unique");
  await data.end();
  await alice.reply(226);
  assertEquals(await alice.lines("NLST"), [name]);
});

ftpHolds(
  "SITE CHMOD is kept for those who fetch the file, and shown in listings",
  async (_, alice) => {
    await alice.store("STOR f", "x");
    assertMatch((await alice.ask("MLST f", 250)).text, /UNIX\.mode=0600;/);
    await alice.ask("SITE CHMOD 0755 f", 200);
    assertMatch((await alice.ask("MLST f", 250)).text, /UNIX\.mode=0755;/);
    assertMatch((await alice.lines("LIST"))[0]!, /^-rwxr-xr-x 1 alice/);
    await alice.ask("SITE CHMOD 4644 f", 200);
    assertMatch((await alice.ask("MLST f", 250)).text, /UNIX\.mode=0644;/);
    assertMatch((await alice.ask("SITE CHMOD 644 none", 200)).text, /Nothing was changed/);
  },
);

ftpHolds("SITE CHMOD without an octal mode or a path is refused", async (_, alice) => {
  await alice.store("STOR f", "x");
  const modes = async () =>
    [await alice.ask("MLST f", 250), await alice.ask("MLST /", 250)].map(({ text }) =>
      /UNIX\.mode=\d+/.exec(text)?.[0]
    );
  const before = await modes();
  for (const argument of ["", "777", "777 ", "778 f", "-177 f", "77 f", "u+x f", "f 777"]) {
    await alice.ask(`SITE CHMOD ${argument}`.trimEnd(), 501);
    assertEquals(await modes(), before, argument);
  }
});
