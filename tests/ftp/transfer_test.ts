/** Transfers over FTP: what is stored, what is answered, and when (docs/ftp.md, "Transfers"). */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { ftpHolds, ftpHoldsOnDisk } from "../support/ftp.ts";
import { atRate } from "../support/in_process.ts";
import { KIB, MIB, onDisk, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

ftpHolds(
  "an upload is answered 226 with its SHA-256, and comes back the same",
  async (_, alice) => {
    for (const size of [0, 1, 100 * KIB, 400 * KIB, 3 * MIB + 7]) {
      const content = randomBytes(size);
      const stored = await alice.store(`STOR f${size}`, content);
      assertEquals(stored.code, 226, `${size} bytes: ${stored.text}`);
      assert(stored.text.includes(sha256(content)), stored.text);
      const { content: back, final } = await alice.retrieve(`RETR f${size}`);
      assert(back.equals(content));
      assert(final.text.includes(sha256(content)), final.text);
    }
  },
);

ftpHolds("the 150 of a whole file tells its exact size, any other none", async (_, alice) => {
  await alice.store("STOR f", "12345");
  const opening = async (...before: string[]) => {
    for (const line of before) alice.send(line);
    for (const _ of before) await alice.reply();
    const data = await alice.open(await alice.passive());
    const { text } = await alice.ask("RETR f", 150);
    await data.secure();
    await data.readAll();
    await alice.reply(226);
    return text;
  };
  assertMatch(await opening(), /\(5 bytes\)/);
  assertNotMatch(await opening("REST 2"), /bytes\)/);
  assertNotMatch(await opening("TYPE A"), /bytes\)/);
});

ftpHolds("an upload cut without close_notify is 426, unseen, and resumes", async (_, alice) => {
  const content = randomBytes(2 * MIB);
  const data = await alice.begin("STOR big");
  await data.write(content.subarray(0, MIB + 100 * KIB));
  data.cut();
  const cut = await alice.reply(426);
  const kept = Number(/restart at (\d+)$/.exec(cut.text)![1]);
  assert(kept > 0 && kept <= MIB + 100 * KIB, cut.text);
  assertEquals(await alice.lines("NLST"), []);
  assertMatch((await alice.ask("SIZE big", 213)).text, new RegExp(`^213 ${kept}$`));
  // Anywhere before the offset that is safe will do.
  const from = Math.floor(kept / 2);
  await alice.ask(`REST ${from}`, 350);
  const stored = await alice.store("STOR big", content.subarray(from));
  assertEquals(stored.code, 226, stored.text);
  assert(stored.text.includes(sha256(content)), stored.text);
});

ftpHolds("ABOR stops a transfer: 426, then its own 226, telnet bytes or not", async (_, alice) => {
  const odd = [
    [255, 244, 255, 242, ..."ABOR\r\n"],
    [255, 244, 255, ..."ABOR\r\n"],
    [..."ABOR\r"],
  ];
  for (const [i, bytes] of odd.entries()) {
    const data = await alice.begin(`STOR a${i}`);
    await data.write(randomBytes(64 * KIB));
    await until(
      "it arrived",
      async () => / [1-9]\d* bytes so far/.test((await alice.ask("STAT")).text),
    );
    alice.write(Uint8Array.from(bytes, (b) => typeof b === "number" ? b : b.charCodeAt(0)));
    await alice.reply(426);
    await alice.reply(226);
    data.cut();
    assertMatch((await alice.ask(`SIZE a${i}`, 213)).text, /^213 65535$/);
  }
  await alice.ask("ABOR", 226);
});

ftpHolds(
  "QUIT during an upload: 221 at once, the upload goes on, then the end",
  async (bench, alice) => {
    const content = randomBytes(100 * KIB);
    const data = await alice.begin("STOR late");
    await alice.ask("QUIT", 221);
    await data.write(content);
    await data.end();
    assert((await alice.reply(226)).text.includes(sha256(content)));
    assertEquals(await alice.replyOrEnd(), null);
    using again = await bench.login();
    await again.ask("SIZE late", 213);
  },
);

ftpHolds("USER and REIN during a transfer wait for its end", async (_, alice) => {
  for (const [command, code] of [["USER alice", 331], ["REIN", 220]] as const) {
    const data = await alice.begin("STOR w");
    alice.send(command);
    await data.write("content");
    await data.end();
    await alice.reply(226);
    await alice.reply(code);
    await alice.ask("PWD", 530);
    await alice.ask("USER alice", 331);
    await alice.ask("PASS correct horse", 230);
    await alice.ask("TYPE I", 200);
    // TLS has stayed, and so has what it protects.
    await alice.ask("PROT C", 534);
    await alice.ask("CCC", 533);
  }
});

ftpHoldsOnDisk("TYPE A: CRLF on the wire, LF on disk, a lone CR is kept", async (bench, alice) => {
  await alice.ask("TYPE A", 200);
  const stored = await alice.store("STOR text", "one\r\ntwo\rthree\r\r\nfour\r");
  const onDiskText = "one\ntwo\rthree\r\nfour\r";
  assert(stored.text.includes(sha256(onDiskText)), stored.text);
  assertEquals(await Deno.readTextFile(onDisk(bench.server, "text")), onDiskText);
  const { content } = await alice.retrieve("RETR text");
  // A line that ends with CRLF on disk is sent as it is.
  assertEquals(content.toString(), "one\r\ntwo\rthree\r\nfour\r");
  await alice.ask("SIZE text", 550);
  await alice.ask("REST 3", 550);
  await alice.ask("TYPE I", 200);
  assertEquals((await alice.retrieve("RETR text")).content.toString(), onDiskText);
});

ftpHolds("a transfer in which nothing moves ends with 426 and is kept", async (_, alice) => {
  const data = await alice.begin("STOR slow");
  await data.write(randomBytes(10 * KIB));
  const ended = await alice.reply(426);
  assertMatch(ended.text, /restart at 10239$/);
  data.cut();
}, { ftp: { stallTimeoutMs: 1500 } });

ftpHolds(
  "over quota: 552 at once, the part stays, the text says where to go on",
  async (bench, alice) => {
    await bench.server.catalog.updateAccount("alice", { quotaBytes: 200 * KIB });
    const content = randomBytes(300 * KIB);
    const data = await alice.begin("STOR much");
    await data.write(content.subarray(0, 100 * KIB));
    await until(
      "it arrived",
      async () => /102400 bytes so far/.test((await alice.ask("STAT")).text),
    );
    data.write(content.subarray(100 * KIB)).catch(() => {});
    const refused = await alice.reply(552);
    const offset = Number(/restart at (\d+)$/.exec(refused.text)![1]);
    data.cut();
    assertMatch((await alice.ask("SIZE much", 213)).text, new RegExp(`^213 ${offset}$`));
    await bench.server.catalog.updateAccount("alice", { quotaBytes: null });
    await alice.ask(`REST ${offset}`, 350);
    const stored = await alice.store("STOR much", content.subarray(offset));
    assert(stored.text.includes(sha256(content)), stored.text);
  },
);

ftpHolds("of two uploads of one name the last to finish wins whole", async (bench, alice) => {
  using other = await bench.login();
  const first = await alice.begin("STOR same");
  const second = await other.begin("STOR same");
  await first.write("first");
  await second.write("second");
  await second.end();
  await other.reply(226);
  await first.end();
  await alice.reply(226);
  assertEquals((await alice.retrieve("RETR same")).content.toString(), "first");
});

ftpHolds("the idle timer does not run while a transfer does", async (bench, alice) => {
  const data = await alice.begin("STOR idle");
  using silent = await bench.login();
  assertEquals((await silent.reply(421)).code, 421);
  assertEquals(await silent.replyOrEnd(), null);
  await data.write("still here");
  await data.end();
  await alice.reply(226);
}, { limits: { idleTimeoutMs: 2000 } });

ftpHolds("a rate limit slows a transfer down and does not end it", async (_, alice) => {
  const content = randomBytes(200 * KIB);
  const startMs = performance.now();
  const stored = await alice.store("STOR slow", content);
  assert(stored.text.includes(sha256(content)), stored.text);
  assert((await alice.retrieve("RETR slow")).content.equals(content));
  assert(performance.now() - startMs > 2000);
}, { ftp: { stallTimeoutMs: 1000 }, limits: { rate: atRate(150 * KIB) } });
