/** `MODE Z`: content compressed on the wire, while offsets, sizes and quotas are those of the content. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import { OWN } from "../../buffers/pool.ts";
import { DeflateChannel } from "../../server/ftp/data/deflate_channel.ts";
import type { Channel } from "../../server/tls/channel.ts";
import { addAccount } from "../support/in_process.ts";
import { ftpHolds } from "../support/ftp.ts";
import type { FtpClient } from "../support/ftp_client.ts";

const options = { ftp: { compression: true } };
/** Content that no piece of is like another one. */
const LONG = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `line ${i * 7919}\n`).join(""));

async function fetched(client: FtpClient, command: string): Promise<Buffer> {
  const { content, final } = await client.retrieve(command);
  assertEquals(final.code, 226, final.text);
  return inflateSync(content);
}

ftpHolds("MODE Z is there with --ftp-mode-z alone", async (bench, alice) => {
  assert(!(await alice.ask("FEAT", 211)).text.includes("MODE Z"));
  await alice.ask("MODE Z", 504);
  await alice.ask("OPTS MODE Z LEVEL 1", 501);
  await alice.ask("MODE S", 200);
  using other = await bench.login();
  await other.ask("MODE B", 504);
});

ftpHolds("MODE Z, its levels and its end are negotiated", async (_, alice) => {
  assert((await alice.ask("FEAT", 211)).text.includes("\r\n MODE Z\r\n"));
  for (const level of ["LEVEL 0", "LEVEL 9", "ENGINE ZLIB METHOD 8 LEVEL 1", ""]) {
    await alice.ask(`OPTS MODE Z ${level}`.trim(), 200);
  }
  for (const wrong of ["LEVEL 10", "LEVEL x", "ENGINE LZO"]) {
    await alice.ask(`OPTS MODE Z ${wrong}`, 501);
  }
  await alice.ask("MODE C", 504);
  await alice.ask("MODE z", 200);
  assertMatch((await alice.ask("STAT", 211)).text, /STRU F, MODE Z/);
  await alice.ask("MODE S", 200);
  assertEquals((await alice.store("STOR plain", "as it is")).code, 226);
  await alice.ask("MODE Z", 200);
  await alice.ask("REIN", 220);
  await alice.ask("USER alice", 331);
  await alice.ask("PASS correct horse", 230);
  assertMatch((await alice.ask("STAT", 211)).text, /MODE S/);
}, options);

ftpHolds("files and listings go both ways, and restart at plain offsets", async (_, alice) => {
  await alice.ask("MODE Z", 200);
  for (const level of [0, 1, 9]) {
    await alice.ask(`OPTS MODE Z LEVEL ${level}`, 200);
    assertMatch((await alice.store("STOR long", deflateSync(LONG, { level }))).text, /^226/);
    assertEquals((await alice.ask("SIZE long", 213)).text, `213 ${LONG.length}`);
    const { content, final } = await alice.retrieve("RETR long");
    assertEquals(final.code, 226);
    assert(inflateSync(content).equals(LONG));
    if (level > 0) assert(content.length < LONG.length / 2, String(content.length));
  }
  const data = await alice.open(await alice.passive());
  const { text } = await alice.ask("RETR long", 150);
  assert(!text.includes("bytes)"), text); // that number would not be that of the bytes that follow
  await data.secure();
  await data.readAll();
  await alice.reply(226);

  await alice.ask("REST 1000", 350);
  assert((await fetched(alice, "RETR long")).equals(LONG.subarray(1000)));
  await alice.ask("REST 5000", 350);
  assertEquals((await alice.store("STOR long", deflateSync(LONG.subarray(5000)))).code, 226);
  assert((await fetched(alice, "RETR long")).equals(LONG));
  await alice.store("APPE long", deflateSync(Buffer.from("appended")));
  await alice.ask(`REST ${LONG.length}`, 350);
  assertEquals(String(await fetched(alice, "RETR long")), "appended");

  assertMatch(String(await fetched(alice, "MLSD")), /size=\d+;.* long\r\n/);
  assertEquals(String(await fetched(alice, "NLST")), "long\r\n");
  await alice.ask("TYPE A", 200);
  await alice.store("STOR lines", deflateSync(Buffer.from("one\r\ntwo\r\n")));
  assertEquals(String(await fetched(alice, "RETR lines")), "one\r\ntwo\r\n");
  await alice.ask("TYPE I", 200);
  assertEquals(String(await fetched(alice, "RETR lines")), "one\ntwo\n");
}, options);

ftpHolds("an empty file is a stream, or nothing at all", async (_, alice) => {
  await alice.ask("MODE Z", 200);
  for (const content of [deflateSync(Buffer.alloc(0)), ""]) {
    assertEquals((await alice.store("STOR empty", content)).code, 226);
    assertEquals((await fetched(alice, "RETR empty")).length, 0);
  }
}, options);

ftpHolds("a stream without its end is cut: what came is kept and continued", async (_, alice) => {
  await alice.ask("MODE Z", 200);
  const random = crypto.getRandomValues(new Uint8Array(60_000));
  const content = Buffer.concat(Array.from({ length: 40 }, () => random));
  const whole = deflateSync(content, { level: 0 });
  const cut = await alice.store("STOR f", whole.subarray(0, 2_000_000));
  assertMatch(cut.text, /^426 .*; restart at \d+/);
  const offset = Number(/restart at (\d+)/.exec(cut.text)![1]);
  assert(offset > 1_000_000 && offset <= 2_000_000, String(offset));
  assertEquals((await alice.ask("SIZE f", 213)).text, `213 ${offset}`);
  await alice.ask(`REST ${offset}`, 350);
  assertEquals((await alice.store("STOR f", deflateSync(content.subarray(offset)))).code, 226);
  assert((await fetched(alice, "RETR f")).equals(content));
}, options);

ftpHolds("nothing of a damaged stream is kept", async (_, alice) => {
  await alice.ask("MODE Z", 200);
  const whole = deflateSync(LONG);
  const wrong = Buffer.from(whole);
  wrong[wrong.length - 1]! ^= 1;
  for (const bytes of [wrong, Buffer.from("no zlib stream"), Buffer.concat([whole, whole])]) {
    assertMatch((await alice.store("STOR f", bytes)).text, /^426 The compressed data is damaged/);
    await alice.ask("SIZE f", 550);
  }
  // Behind an earlier part: that one stays.
  const cut = await alice.store("STOR g", deflateSync(LONG, { level: 0 }).subarray(0, 200_000));
  const { text } = await alice.ask("SIZE g", 213);
  const offset = Number(text.slice(4));
  assertMatch(cut.text, new RegExp(`restart at ${offset}$`));
  await alice.ask(`REST ${offset}`, 350);
  const damaged = Buffer.from(deflateSync(LONG.subarray(offset)));
  damaged[damaged.length - 1]! ^= 1;
  assertMatch((await alice.store("STOR g", damaged)).text, /^426 .*damaged/);
  const now = Number((await alice.ask("SIZE g", 213)).text.slice(4));
  assert(now <= offset && now > offset - 2, `${now} of ${offset}`);
  await alice.ask(`REST ${now}`, 350);
  assertEquals((await alice.store("STOR g", deflateSync(LONG.subarray(now)))).code, 226);
  assert((await fetched(alice, "RETR g")).equals(LONG));
}, options);

ftpHolds("the quota counts plain bytes, however small they came", async (bench) => {
  await addAccount(bench.server.vault, "bob", "rwcd", 1_000_000);
  using bob = await bench.login("bob");
  await bob.ask("MODE Z", 200);
  const bomb = deflateSync(Buffer.alloc(20_000_000), { level: 9 });
  assert(bomb.length < 30_000);
  const data = await bob.begin("STOR f");
  await data.write(bomb);
  await bob.reply(552);
  data.cut();
  assertEquals((await bob.store("STOR g", deflateSync(Buffer.alloc(900_000)))).code, 552);
  await bob.ask("DELE f", 250);
  assertEquals((await bob.store("STOR g", deflateSync(Buffer.alloc(900_000)))).code, 226);
}, options);

Deno.test("a bomb grows no further than it is taken", async () => {
  const bomb = deflateSync(Buffer.alloc(200_000_000), { level: 9 });
  let at = 0;
  const under = {
    endedCleanly: true,
    read: () => {
      const bytes = bomb.subarray(at, at += 2048);
      return Promise.resolve(bytes.length === 0 ? null : { bytes, ...OWN });
    },
    drop: () => {},
  } as unknown as Channel;
  const channel = new DeflateChannel(under, 6);
  for (let pieces = 0; pieces < 20; pieces++) {
    const piece = await channel.read();
    assert(piece!.bytes.length <= 256 * 1024, String(piece!.bytes.length));
    await new Promise((resolve) => setTimeout(resolve, 5)); // whatever wants to read ahead may
  }
  // The stream reads ahead by its own buffer of received bytes, not by what they grow to.
  assert(at <= 128 * 1024 && bomb.length > 180_000, `${at} of ${bomb.length} bytes were read`);
  channel.drop();
});
