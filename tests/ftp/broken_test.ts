/** Data connections that do not do what they should: the session goes on, and nothing is invented. */
import { assert, assertEquals } from "@std/assert";
import { ftpHolds, openFtp } from "../support/ftp.ts";
import { KIB, MIB, randomBytes, until } from "../support/native.ts";

ftpHolds(
  "plain bytes in place of the TLS handshake: 425, and nothing is stored",
  async (_, alice) => {
    for (const command of ["STOR f", "LIST", "APPE f"]) {
      const data = await alice.open(await alice.passive());
      await alice.ask(command, 150);
      data.plain();
      await data.write("plain content, as if that were enough\r\n");
      await alice.reply(425);
      await data.closed;
    }
    assertEquals(await alice.lines("NLST"), []);
    await alice.ask("SIZE f", 550);
  },
);

ftpHolds("a data connection that ends before its handshake: 425", async (_, alice) => {
  const data = await alice.open(await alice.passive());
  await alice.ask("STOR f", 150);
  data.cut();
  await alice.reply(425);
  await alice.ask("SIZE f", 550);
});

ftpHolds("a download that is cut is 426, and the session goes on", async (_, alice) => {
  const content = randomBytes(30 * MIB);
  await alice.store("STOR big", content);
  const data = await alice.begin("RETR big");
  data.cut();
  await alice.reply(426);
  assert((await alice.retrieve("RETR big")).content.equals(content));
});

ftpHolds(
  "a client that reads nothing is left after the time for that: 426",
  async (bench, alice) => {
    await alice.store("STOR big", randomBytes(30 * MIB));
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: await alice.passive() });
    await alice.ask("RETR big", 150);
    using data = await Deno.startTls(socket, { hostname: "localhost", caCerts: [bench.caText] });
    await data.handshake();
    await alice.reply(426);
    await alice.ask("NOOP", 200);
  },
  { ftp: { stallTimeoutMs: 1500 } },
);

ftpHolds("an upload whose last record is cut in the middle is not whole", async (_, alice) => {
  // Cut while more is on its way than arrives: somewhere within a record.
  const data = await alice.begin("STOR f");
  await data.write(randomBytes(64 * KIB));
  data.write(randomBytes(8 * MIB)).catch(() => {});
  data.cut();
  await alice.reply(426);
  await alice.passive();
  await alice.ask("RETR f", 550);
});

ftpHolds(
  "commands sent in one piece with a transfer are answered in their order",
  async (_, alice) => {
    const data = await alice.open(await alice.passive());
    alice.write("STOR f\r\nSTAT\r\nNOOP\r\nSIZE f\r\n");
    await alice.reply(150);
    await alice.reply(211);
    await data.secure();
    await data.write("12345");
    await data.end();
    await alice.reply(226);
    await alice.reply(200);
    assertEquals((await alice.reply(213)).text, "213 5");
    // ABOR before the transfer has begun stops it all the same.
    await alice.passive();
    alice.write("RETR f\r\nABOR\r\nNOOP\r\n");
    await alice.reply(150);
    await alice.reply(426);
    await alice.reply(226);
    await alice.reply(200);
  },
);

ftpHolds("fifty sessions of one account at once", async (bench, _) => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => bench.login()));
  await Promise.all(clients.map(async (client, i) => {
    const content = randomBytes(20 * KIB + i);
    assertEquals((await client.store(`STOR f${i}`, content)).code, 226);
    assert((await client.retrieve(`RETR f${i}`)).content.equals(content));
    client.close();
  }));
});

Deno.test("a client that takes no replies does not keep its place", async () => {
  let held = 0;
  const admit = () => {
    held++;
    return {
      admitted: true as const,
      release: () => held--,
      setIdentified() {},
      setAddress: () => undefined,
    };
  };
  await using bench = await openFtp({ limits: { idleTimeoutMs: 1000, admit } });
  const { port, host: hostname = "127.0.0.1" } = bench;
  using client = await Deno.connect({ port, hostname });
  const lines = new TextEncoder().encode("HELP\r\n".repeat(10_000));
  const sending = (async () => {
    while (true) await client.write(lines);
  })().catch(() => {}); // until the server is gone
  await until("the server takes no more of it", () => held === 1);
  await until("its place is free", () => held === 0);
  await sending;
});
