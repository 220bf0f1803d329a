/** Who may write a file and not read it learns nothing of its content by `REST` and `APPE`. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ftpHolds } from "../support/ftp.ts";
import { addAccount } from "../support/in_process.ts";
import { onDisk } from "../support/native.ts";

ftpHolds("REST and APPE go on from no file that may not be read", async ({ server, login }) => {
  await addAccount(server.vault, "dora", "w");
  using dora = await login("dora");
  assertMatch((await dora.store("STOR own", "secret")).text, /Stored/);
  for (const [before, command] of [["NOOP", "APPE"], ["REST 6", "STOR"], ["REST 1", "STOR"]]) {
    await dora.ask(before!, before === "NOOP" ? 200 : 350);
    const refused = String(await assertRejects(() => dora.store(`${command} own`, "x")));
    assertMatch(refused, /550 .*"r"/);
    assert(!/restart at/.test(refused), refused);
  }
  // More than is there is refused in the same way: its size is not disclosed.
  await dora.ask("REST 99", 350);
  assertMatch(String(await assertRejects(() => dora.store("STOR own", "x"))), /550 .*"r"/);
  assertEquals(Deno.readTextFileSync(onDisk(server, "own", "dora")), "secret");
  // An upload of one's own goes on: nothing of a file is in it.
  const cut = await dora.begin("STOR other");
  await cut.write("begin");
  cut.cut();
  const { text } = await dora.reply();
  const offset = Number(/restart at (\d+)/.exec(text)![1]);
  await dora.ask(`REST ${offset}`, 350);
  assertMatch((await dora.store("STOR other", "beginning".slice(offset))).text, /Stored/);
  assertEquals(Deno.readTextFileSync(onDisk(server, "other", "dora")), "beginning");
});
