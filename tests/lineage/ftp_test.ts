/**
 * The FTP server that this one grew out of, as a list of what its users do, line by line: the
 * commands that they type, and its error cases, over TLS to a real server.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { inflateSync } from "node:zlib";
import { installed, run } from "../ftp/clients/programs.ts";
import { until } from "../support/certificate.ts";
import { FtpClient, type FtpTarget } from "../support/ftp_client.ts";
import { startServer } from "../support/server.ts";

const PASSWORD = "a long password";

/** What is typed, and the code of the reply. */
type Typed = readonly [line: string, code: number];

/** Types lines one after the other. @returns the last reply */
async function type(client: FtpClient, ...lines: Typed[]): Promise<string> {
  let text = "";
  for (const [line, code] of lines) text = (await client.ask(line, code)).text;
  return text;
}

async function content(client: FtpClient, command: string): Promise<string> {
  const { content, final } = await client.retrieve(command);
  assertEquals(final.code, 226, final.text);
  return String(content);
}

Deno.test("the FTP server's features, line by line", async (test) => {
  await using server = await startServer({
    ftp: true,
    args: ["--allow-register", "--ftp-rmd", "recursive", "--ftp-make-dirs", "--ftp-mode-z"],
  });
  const target: FtpTarget = { port: server.info.ftp!.port, caText: server.caText };
  const login = (user: string, password = PASSWORD) => FtpClient.login(target, user, password);
  const connect = async () => {
    const client = await FtpClient.connect(target);
    await client.reply(220);
    await client.ask("AUTH TLS", 234);
    await client.startTls();
    return client;
  };

  await test.step("REG name password: a new user registers, once, and logs in", async () => {
    using client = await connect();
    await type(
      client,
      ["REG alice short", 501],
      ["REG alice", 501],
      ["REG no/name a long password", 553],
      [`REG alice ${PASSWORD}`, 200],
      [`REG alice ${PASSWORD}`, 550],
      [`REG bob ${PASSWORD}`, 200],
      ["USER alice", 331],
      [`PASS ${PASSWORD}`, 230],
      ["PWD", 257],
      ["QUIT", 221],
    );
  });

  await test.step("USER, PASS: a wrong password and a command before the login are 530", async () => {
    using client = await connect();
    await type(
      client,
      ["LIST", 530],
      ["PASS x", 503],
      ["USER alice", 331],
      ["PASS wrong", 530],
      ["PWD", 530],
    );
  });

  using alice = await login("alice");
  using bob = await login("bob");

  await test.step("PWD, CWD, CDUP, MKD: directories", async () => {
    assertMatch(await type(alice, ["MKD docs", 257], ["CWD docs", 250]), /"\/docs"/);
    assertMatch(await type(alice, ["PWD", 257]), /"\/docs"/);
    assertMatch(await type(alice, ["CDUP", 200], ["PWD", 257]), /"\/"/);
    await type(alice, ["MKD docs", 550], ["CWD none", 550], ["CWD /docs", 250], ["CWD ..", 250]);
  });

  await test.step("STOR, RETR, APPE, STOU: files, and missing directories of their path", async () => {
    assertMatch((await alice.store("STOR docs/report.txt", "first line\n")).text, /^226 .*SHA-256/);
    await alice.store("APPE docs/report.txt", "second line\n");
    assertEquals(await content(alice, "RETR docs/report.txt"), "first line\nsecond line\n");
    await alice.store("STOR new/deep/file.txt", "deep");
    assertEquals(await content(alice, "RETR new/deep/file.txt"), "deep");
    assertEquals((await alice.store("STOU unique", "x")).code, 226);
    await alice.passive();
    await alice.ask("RETR none", 550);
    await alice.ask("STOR docs", 550); // a directory
  });

  await test.step("REST: a download and an upload continue", async () => {
    await alice.ask("REST 11", 350);
    assertEquals(await content(alice, "RETR docs/report.txt"), "second line\n");
    const cut = await alice.begin("STOR docs/long.bin");
    await cut.write(new Uint8Array(2_000_000));
    const arrived = async () => / [1-9]\d+ bytes so far/.test(await type(alice, ["STAT", 211]));
    await until(arrived, "bytes of the upload");
    cut.cut();
    const { text } = await alice.reply(426);
    const offset = Number(/restart at (\d+)/.exec(text)?.[1] ?? 0);
    assertEquals(await type(alice, ["SIZE docs/long.bin", 213]), `213 ${offset}`);
    await alice.ask(`REST ${offset}`, 350);
    await alice.store("STOR docs/long.bin", new Uint8Array(3_000_000 - offset));
    assertEquals(await type(alice, ["SIZE docs/long.bin", 213]), "213 3000000");
    await type(alice, ["REST x", 501]);
  });

  await test.step("LIST, NLST, MLSD, STAT: listings", async () => {
    assertEquals((await alice.lines("NLST docs")).sort(), ["long.bin", "report.txt"]);
    assertMatch((await alice.lines("LIST docs"))[0]!, /^-rw-------/);
    assert((await alice.lines("MLSD docs")).some((line) => /size=23;.* report\.txt$/.test(line)));
    assertMatch(await type(alice, ["STAT docs", 212]), /report\.txt/);
    await alice.passive();
    await alice.ask("LIST none", 550);
  });

  await test.step("SIZE, MDTM, RNFR, RNTO, DELE: files that exist, and that do not", async () => {
    await type(
      alice,
      ["SIZE docs/report.txt", 213],
      ["MDTM docs/report.txt", 213],
      ["RNFR docs/report.txt", 350],
      ["RNTO docs/renamed.txt", 250],
      ["SIZE docs/report.txt", 550],
      ["RNFR none", 550],
      ["RNTO x", 503],
      ["DELE docs/renamed.txt", 250],
      ["DELE docs/renamed.txt", 550],
    );
  });

  await test.step("RMD, SITE RMDIR: directories with all that is in them", async () => {
    await type(alice, ["RMD docs", 250], ["CWD docs", 550], ["RMD docs", 550]);
    await type(alice, ["SITE RMDIR new", 200], ["CWD new", 550]);
  });

  await test.step("TYPE, MODE, STRU: what a transfer looks like", async () => {
    await alice.store("STOR text", "a\nb\n");
    await alice.ask("TYPE A", 200);
    assertEquals(await content(alice, "RETR text"), "a\r\nb\r\n");
    await type(alice, ["TYPE I", 200], ["TYPE E", 504], ["STRU F", 200], ["STRU P", 504]);
    await type(alice, ["MODE Z", 200]);
    const { content: packed } = await alice.retrieve("RETR text");
    assertEquals(String(inflateSync(packed)), "a\nb\n");
    await type(alice, ["MODE S", 200], ["MODE B", 504]);
    assertEquals(await content(alice, "RETR text"), "a\nb\n");
  });

  await test.step("PASV, EPSV, PORT, EPRT: data connections", async () => {
    await type(
      alice,
      ["LIST", 425],
      ["PASV", 227],
      ["EPSV", 229],
      ["PORT 127,0,0,1,200,10", 200],
      ["EPRT |1|127.0.0.1|51210|", 200],
      ["PORT 192,0,2,1,200,10", 501],
      ["PORT 127,0,0,1,0,80", 501],
    );
  });

  await test.step("SHAR file: with everyone; SHWM lists it, UNSH ends it", async () => {
    await type(alice, ["SHAR text", 200]);
    assertMatch(await type(bob, ["SHWM", 211]), / \/shared\/alice\/text r \(from alice\)/);
    assertEquals(await content(bob, "RETR /shared/alice/text"), "a\nb\n");
    await bob.passive();
    await bob.ask("STOR /shared/alice/text", 550);
    await type(alice, ["UNSH text", 200], ["UNSH text", 550]);
    await type(bob, ["SIZE /shared/alice/text", 550]);
  });

  await test.step("SHAR file user permissions: with one user", async () => {
    await type(alice, ["SHAR text bob rw", 200]);
    assertMatch(await type(bob, ["SHWM", 211]), / \/shared\/alice\/text rw /);
    await bob.store("STOR /shared/alice/text", "by bob");
    assertEquals(await content(alice, "RETR text"), "by bob");
    await type(alice, ["SHAR text bob", 200], ["SHAR text missing", 550], ["SHAR none bob", 550]);
    assertMatch(await type(bob, ["SHWM", 211]), / \/shared\/alice\/text r /);
    await type(alice, ["UNSH text bob", 200]);
    assertEquals(await type(bob, ["SHWM", 211]), "211-Shared with me\r\n211 End");
  });

  await test.step("TRANS user permissions: by an administrator, at once", async () => {
    await type(bob, ["TRANS alice r", 550]);
    using admin = await login("admin", server.password);
    await type(admin, ["TRANS alice r", 200], ["TRANS alice x", 501], ["TRANS missing r", 550]);
    assertMatch(await type(alice, ["DELE text", 550]), /permission "d"/);
    await type(admin, ["TRANS alice rwcd", 200]);
    await type(alice, ["DELE text", 250]);
    await type(admin, ["TRANS admin rw", 550]); // the last administrator
  });

  await test.step("SYST, FEAT, HELP, NOOP, STAT, ABOR: about the server", async () => {
    assertEquals(await type(alice, ["SYST", 215]), "215 UNIX Type: L8");
    for (const feature of ["UTF8", "MLST", "REST STREAM", "MODE Z", "SIZE", "MDTM"]) {
      assert((await type(alice, ["FEAT", 211])).includes(` ${feature}`), feature);
    }
    for (const name of ["REG", "TRANS", "SHAR", "UNSH", "SHWM"]) {
      assert((await type(alice, ["HELP", 214])).includes(name), name);
      await type(alice, [`HELP ${name}`, 214]);
    }
    await type(alice, ["NOOP", 200], ["STAT", 211], ["ABOR", 226], ["ALLO 5", 202]);
  });

  await test.step("unknown, unsupported and wrong commands: 500, 502, 501, 503", async () => {
    await type(
      alice,
      ["FOO", 500],
      ["LANG en", 502],
      ["SMNT x", 502],
      ["CWD", 501],
      ["MKD", 501],
      ["RNTO x", 503],
      ["SITE FOO", 504],
    );
  });

  if (installed("lftp")) {
    await test.step("lftp: a whole session with quoted commands", async () => {
      const home = await Deno.makeTempDir();
      await Deno.writeTextFile(`${home}/minutes.txt`, "what was said\n");
      const script = [
        `set ssl:ca-file ${server.ca}`,
        "set ftp:ssl-force yes",
        "set ftp:ssl-protect-data yes",
        "set cmd:fail-exit yes",
        `open -u alice,'${PASSWORD}' ftp://localhost:${target.port}`,
        `put ${home}/minutes.txt -o meetings/may/minutes.txt`,
        "quote SHAR meetings/may/minutes.txt bob r",
        "quote SITE SHARED",
        "quote UNSH meetings/may/minutes.txt",
        "cat meetings/may/minutes.txt",
        "quote RMD meetings",
      ].join("; ");
      const { code, out, err } = await run(["lftp", "--norc", "-c", script], {
        env: { HOME: home },
      });
      await Deno.remove(home, { recursive: true });
      assertEquals(code, 0, out + err);
      assertMatch(out, /Shared with bob as \/shared\/alice\/meetings\/may\/minutes\.txt/);
      assertMatch(out, /by me: \/meetings\/may\/minutes\.txt r \(with bob\)/);
      assertMatch(out, /what was said/);
      assertMatch(out, /250 The directory was removed/);
    });
  }

  await test.step("QUIT: 221, and the connection ends", async () => {
    await type(bob, ["QUIT", 221]);
    assertEquals(await bob.replyOrEnd(), null);
  });
});
