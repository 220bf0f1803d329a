/** Ends of uploads that look whole and are not: clients that give up, and bytes that are missing. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { ftpHolds } from "../support/ftp.ts";
import { is, KIB, login, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

ftpHolds(
  "a client that announces the end of its data and leaves at once has given up",
  async (bench, alice) => {
    for (const size of [1000, 300 * KIB]) {
      await alice.store(`STOR f${size}`, "old");
      const part = randomBytes(size);
      // curl does this after --max-time: the data was not all that there was to send.
      const leaver = await bench.login();
      const data = await leaver.begin(`STOR f${size}`);
      await data.write(part);
      await delay(150); // no client gives an upload up that takes no time
      await data.leave();
      leaver.close();
      await until("it is kept", async () => {
        return / [1-9]\d{2,}$/.test((await alice.ask(`SIZE f${size}`, 213)).text);
      });
      using reader = await bench.login(); // that did not ask for SIZE
      const { content } = await reader.retrieve(`RETR f${size}`);
      assertEquals(content.toString(), "old");
      // And goes on.
      const kept = Number((await alice.ask(`SIZE f${size}`, 213)).text.slice(4));
      const whole = new Uint8Array([...part, 1, 2, 3]);
      const last = await alice.store(`APPE f${size}`, whole.subarray(kept));
      assert(last.text.includes(sha256(whole)), last.text);
    }
  },
);

ftpHolds("a client that says QUIT before it leaves has not", async (bench, alice) => {
  const content = randomBytes(100 * KIB);
  const leaver = await bench.login();
  const data = await leaver.begin("STOR f");
  await leaver.ask("QUIT", 221);
  await data.write(content);
  await data.leave();
  leaver.close();
  await until("it is stored", async () => {
    return (await alice.ask("HASH f")).text.includes(sha256(content));
  });
});

ftpHolds("an end before the announced size is none: what came is kept", async (bench, alice) => {
  const content = randomBytes(200 * KIB);
  {
    using native = await login(bench.server);
    const announced = { file_size: content.length, file_hash: sha256(content) };
    is(await native.ask("UPLOAD", { filename: "/f", ...announced }), "OK");
    await native.data(content.subarray(0, 100 * KIB));
    is(await native.ask("ABOR"), "ABORTED");
  }
  await alice.ask(`REST ${100 * KIB}`, 350);
  const early = await alice.store("STOR f", content.subarray(100 * KIB, 150 * KIB));
  assertEquals(early.code, 426, early.text);
  assertMatch(early.text, new RegExp(`has ${150 * KIB} of the ${200 * KIB} bytes.*restart at`));
  await alice.ask(`SIZE f`, 213);
  const last = await alice.store("APPE f", content.subarray(150 * KIB));
  assert(last.text.includes(sha256(content)), last.text);
});
