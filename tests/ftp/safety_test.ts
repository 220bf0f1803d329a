/** FAULTS.md's paragraph on FTP, and the rules for safety of docs/ftp.md. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { FtpClient } from "../support/ftp_client.ts";
import { ftpHolds, openFtp } from "../support/ftp.ts";
import { KIB, randomBytes, until } from "../support/native.ts";

Deno.test("unencrypted bytes after AUTH TLS end the connection", async () => {
  await using bench = await openFtp();
  using client = await bench.connect();
  client.write("AUTH TLS\r\nNOOP\r\n");
  await client.reply(234);
  assertEquals(await client.replyOrEnd(), null);
  // Behind one that is refused they are commands like others.
  using other = await bench.connect();
  other.write("AUTH KERBEROS\r\nNOOP\r\n");
  await other.reply(504);
  await other.reply(200);
});

Deno.test("without TLS there is no login, and nothing of the data", async () => {
  await using bench = await openFtp();
  using client = await bench.connect();
  assertMatch((await client.ask("USER alice", 530)).text, /TLS/);
  await client.ask("PASS correct horse", 503);
  for (const line of ["PBSZ 0", "PROT P", "PROT C"]) await client.ask(line, 503);
  for (const line of ["LIST", "CWD /", "SITE SHARED", "REIN", "ACCT x", "EPSV", "NONSENSE"]) {
    await client.ask(line, 530);
  }
});

ftpHolds("data needs PROT P, and it cannot be taken back", async (bench, _) => {
  using client = await bench.connect();
  await client.ask("AUTH SSL", 234);
  await client.startTls();
  await client.ask("USER alice", 331);
  await client.ask("PASS correct horse", 230);
  await client.ask("EPSV", 229);
  for (const line of ["LIST", "MLSD", "NLST", "RETR x", "STOR x", "APPE x", "STOU"]) {
    await client.ask(line, 521);
  }
  for (const again of ["PROT P", "USER alice", "PASS correct horse", "REIN"]) {
    client.send(again);
    await client.reply();
    await client.ask("PROT C", 534);
  }
  await client.ask("CCC", 530);
  await client.ask("USER alice", 331);
  await client.ask("PASS correct horse", 230);
  await client.ask("CCC", 533);
  for (const level of ["S", "E"]) await client.ask(`PROT ${level}`, 536);
  await client.ask("AUTH TLS", 503);
});

ftpHolds(
  "PORT and EPRT lead to the client's own address and ports from 1024 on",
  async (_, alice) => {
    for (
      const line of [
        "PORT 192,0,2,1,200,10",
        "PORT 127,0,0,2,200,10",
        "PORT 127,0,0,1,0,25",
        "PORT 127,0,0,1,3,255",
        "PORT 127,0,0,1",
        "PORT 127,0,0,1,256,1",
        "EPRT |1|192.0.2.1|5000|",
        "EPRT |2|::1|5000|",
        "EPRT |1|127.0.0.1|22|",
        "EPRT |1|127.0.0.1|70000|",
        "EPRT 1|127.0.0.1|5000",
      ]
    ) await alice.ask(line, 501);
    await alice.ask("EPRT |3|127.0.0.1|5000|", 522);
    await alice.ask("LIST", 425);
    await alice.ask("PORT 127,0,0,1,4,0", 200);
    await alice.ask("EPRT |1|127.0.0.1|5000|", 200);
  },
);

ftpHolds("a passive port is not for another address, and the wait goes on", async (_, alice) => {
  const port = await alice.passive();
  alice.dataFrom = "127.0.0.2";
  const thief = await alice.open(port);
  alice.dataFrom = undefined;
  const own = await alice.open(port);
  await alice.ask("STOR mine", 150);
  await own.secure();
  thief.plain();
  await thief.closed;
  await own.write("mine");
  await own.end();
  await alice.reply(226);
  assertEquals((await alice.retrieve("RETR mine")).content.toString(), "mine");
});

ftpHolds("REST beyond the end: 554, whatever follows; STOR makes nothing", async (_, alice) => {
  await alice.store("STOR f", "12345");
  for (const command of ["RETR f", "STOR f", "STOR none"]) {
    await alice.passive();
    await alice.ask("REST 6", 350);
    await alice.ask(command, 554);
  }
  assertEquals(await alice.lines("NLST"), ["f"]);
  assertEquals((await alice.retrieve("RETR f")).content.toString(), "12345");
  for (const offset of ["-1", "x", "1 2"]) {
    await alice.ask(`REST ${offset}`, 501);
  }
});

ftpHolds("a data connection is refused by name: 425, 501, 503, 504", async (_, alice) => {
  await alice.ask("LIST", 425);
  await alice.ask("RETR none", 425);
  await alice.ask("RNTO x", 503);
  await alice.ask("PASS x", 503);
  await alice.ask("MODE Z", 504);
  await alice.ask("MODE S", 200);
  await alice.ask("STRU R", 504);
  await alice.ask("STRU F", 200);
  await alice.ask("TYPE E", 504);
  await alice.ask("TYPE L 8", 200);
  await alice.ask("CWD", 501);
  await alice.ask("NONSENSE", 500);
  await alice.ask("__proto__", 500);
  await alice.ask("constructor", 500);
  await alice.ask("SITE EXEC id", 504);
  await alice.ask("EPSV 2", 522);
  await alice.ask("EPSV ALL", 200);
  for (const line of ["PASV", "PORT 127,0,0,1,200,10", "EPRT |1|127.0.0.1|5000|"]) {
    await alice.ask(line, 503);
  }
  await alice.ask("EPSV", 229);
});

ftpHolds("malformed lines are refused, and the connection goes on", async (_, alice) => {
  alice.write(`NOOP ${"x".repeat(20_000)}\r\n`);
  await alice.reply(501);
  alice.write(Uint8Array.of(0x43, 0x57, 0x44, 0x20, 0xc3, 0x28, 13, 10));
  await alice.reply(501);
  alice.write("\r\n\r\nNOOP\r\n");
  await alice.reply(200);
  alice.write("MKD a\0b\r\n");
  await alice.reply(553);
  // No part of a name can begin a line of a reply.
  alice.write("CWD a\rb\r\n");
  assertEquals((await alice.reply(550)).text.split("\n").length, 1);
  for (const byte of "NOOP\r\n") alice.write(byte);
  await alice.reply(200);
  alice.write("NOOP\r\n".repeat(200));
  for (let i = 0; i < 200; i++) await alice.reply(200);
});

ftpHolds("nothing above the root, in any argument", async (_, alice) => {
  for (const line of ["CWD /..", "CWD ../..", "MKD ../x", "RETR ../x", "SIZE /../x", "RNFR ../x"]) {
    await alice.passive();
    await alice.ask(line, 550);
  }
  await alice.ask("CWD ..", 250);
  await alice.ask("CDUP", 200);
  assertMatch((await alice.ask("PWD", 257)).text, /"\/"/);
  await alice.store("STOR f", "x");
  await alice.ask("RNFR f", 350);
  await alice.ask("RNTO ../f", 550);
  await alice.ask("SITE SHARE ../../etc/passwd bob", 550);
});

Deno.test("after 5 wrong passwords the connection is closed, after 20 the address is barred", async () => {
  await using bench = await openFtp({ ftp: { implicitTls: true } });
  for (let connection = 0; connection < 4; connection++) {
    using client = await bench.connect();
    for (let i = 0; i < 5; i++) {
      await client.ask(`USER nobody${connection}`, 331);
      await client.ask("PASS wrong password", 530);
    }
    assertEquals(await client.replyOrEnd(), null);
  }
  using barred = await FtpClient.connect(bench, true);
  await barred.reply(421);
  assertEquals(await barred.replyOrEnd(), null);
  // The account itself is not closed to others.
  const { authenticator } = bench.server.doorOptions;
  const origin = { address: "127.0.0.9", door: "ftp", sessionId: "other" } as const;
  await authenticator.login("alice", "correct horse", origin);
});

ftpHolds(
  "a session ends with its account, and an administrator can end it",
  async (bench, alice) => {
    const { vault, catalog } = bench.server;
    await catalog.updateAccount("alice", { letters: "rwcdt" });
    using other = await bench.login();
    const data = await other.begin("STOR f");
    await data.write(randomBytes(10 * KIB));
    const { authenticator } = bench.server.doorOptions;
    const origin = { address: "::1", door: "native", sessionId: "admin" } as const;
    const account = await authenticator.login("alice", "correct horse", origin);
    const admin = vault.enter({ account: "alice", generation: account.generation, ...origin });
    const sessions = await admin.administration.who();
    assertEquals(sessions.map(({ door }) => door), ["ftp", "ftp"]);
    const busy = sessions.find(({ transfer }) => transfer !== undefined)!;
    assertEquals(busy.transfer!.direction, "upload");
    await admin.administration.kick(busy.sessionId);
    await other.reply(426);
    await other.reply(421);
    assertEquals(await other.replyOrEnd(), null);
    data.cut();
    await catalog.updateAccount("alice", { generation: account.generation + 1 });
    await alice.ask("CWD /", 530);
    assertEquals(await alice.replyOrEnd(), null);
  },
);

ftpHolds("letters that are taken away end an upload at once", async (bench, alice) => {
  const data = await alice.begin("STOR f");
  await data.write(randomBytes(10 * KIB));
  await bench.server.catalog.setLetters("alice", "r");
  data.write(randomBytes(10 * KIB)).catch(() => {});
  await alice.reply(550);
  data.cut();
});

Deno.test("--ftp-allow-plain allows login and data without TLS", async () => {
  await using bench = await openFtp({ ftp: { allowPlain: true } });
  using client = await bench.connect();
  client.protectedData = false;
  await client.ask("USER alice", 331);
  await client.ask("PASS correct horse", 230);
  await client.ask("TYPE I", 200);
  const data = await client.begin("STOR plain");
  data.plain();
  await data.write("in plain");
  await data.end();
  await client.reply(226);
  using within = await bench.login();
  await within.ask("PROT C", 200);
  // A client that is gone as a whole has not come to the end of its upload.
  const killed = await client.begin("STOR killed");
  killed.plain();
  await killed.write("half of");
  killed.cut();
  client.close();
  await until("it is kept", async () => (await within.ask("SIZE killed")).code === 213);
  await within.passive();
  await within.ask("RETR killed", 550);
});

Deno.test("IPv6: EPSV works, PASV says so", async () => {
  await using bench = await openFtp({ host: "::1" });
  using alice = await bench.login();
  await alice.store("STOR six", "six");
  assertEquals((await alice.retrieve("RETR six")).content.toString(), "six");
  await alice.ask("PASV", 425);
  await alice.ask("EPSV 1", 522);
  await alice.ask("EPSV 2", 229);
  await alice.ask("EPRT |2|::1|5000|", 200);
  await alice.ask("EPRT |2|2001:db8::1|5000|", 501);
});

Deno.test("passive ports: within the range, 425 once they are used up; PASV names the public address", async () => {
  // Whichever port is free now: the range is that one alone.
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  await using bench = await openFtp({
    ftp: { passivePorts: { first: port, last: port }, publicAddress: "192.0.2.7" },
  });
  using alice = await bench.login();
  using other = await bench.login();
  const reported = (await alice.ask("PASV", 227)).text;
  assert(reported.includes(`(192,0,2,7,${port >> 8},${port & 255})`), reported);
  await other.ask("EPSV", 425);
  assertStrictEquals(await alice.passive(), port); // its own is given back first
  await alice.ask("ABOR", 226);
  assertStrictEquals(await other.passive(), port);
});

Deno.test("the door closes: idle sessions at once with 421, transfers are kept", async () => {
  const bench = await openFtp();
  using idle = await bench.login();
  using busy = await bench.login();
  const data = await busy.begin("STOR f");
  await data.write(randomBytes(10 * KIB));
  const closing = bench[Symbol.asyncDispose]();
  await idle.reply(421);
  await busy.reply(426);
  await busy.reply(421);
  data.cut();
  await closing;
});

ftpHolds(
  "each of many commands sent at once is answered, wherever a TLS record ends",
  async (_, alice) => {
    const paths = Array.from({ length: 4000 }, (_, index) => `/none-${index}`);
    alice.write(paths.map((path) => `SIZE ${path}\r\n`).join(""));
    for (const path of paths) assert((await alice.reply(550)).text.includes(path), path);
    await alice.ask("NOOP", 200);
  },
);
