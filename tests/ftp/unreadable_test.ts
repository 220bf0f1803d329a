/**
 * An account that may write but not read a file learns nothing of its content by `REST`, and may
 * append.
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ftpHoldsOnDisk } from "../support/ftp.ts";
import { addAccount } from "../support/in_process.ts";
import { onDisk } from "../support/native.ts";

ftpHoldsOnDisk(
  "REST goes on from no file that may not be read, and APPE appends to it",
  async ({ server, login }) => {
    await addAccount(server.vault, "dora", "w");
    using dora = await login("dora");
    assertMatch((await dora.store("STOR own", "secret")).text, /Stored/);
    for (const offset of [6, 1]) {
      await dora.ask(`REST ${offset}`, 350);
      const refused = String(await assertRejects(() => dora.store("STOR own", "x")));
      assertMatch(refused, /550 .*"r"/);
      assert(!/restart at/.test(refused), refused);
    }
    // More than is there is refused in the same way: its size is not disclosed.
    await dora.ask("REST 99", 350);
    assertMatch(String(await assertRejects(() => dora.store("STOR own", "x"))), /550 .*"r"/);
    assertEquals(Deno.readTextFileSync(onDisk(server, "own", "dora")), "secret");
    assertMatch((await dora.store("APPE own", "+")).text, /Stored/);
    assertEquals(Deno.readTextFileSync(onDisk(server, "own", "dora")), "secret+");
    // An append that is cut is no beginning to go on from.
    const append = await dora.begin("APPE own");
    await append.write("more");
    append.cut();
    assert(!/restart at/.test((await dora.reply()).text));
    await dora.ask("REST 3", 350);
    assertMatch(String(await assertRejects(() => dora.store("STOR own", "x"))), /550 .*"r"/);
    assertMatch((await dora.store("APPE own", "+")).text, /Stored/);
    assertEquals(Deno.readTextFileSync(onDisk(server, "own", "dora")), "secret++");
    // An upload of one's own goes on: nothing of a file is in it.
    const cut = await dora.begin("STOR other");
    await cut.write("begin");
    cut.cut();
    const { text } = await dora.reply();
    const offset = Number(/restart at (\d+)/.exec(text)![1]);
    await dora.ask(`REST ${offset}`, 350);
    assertMatch((await dora.store("STOR other", "beginning".slice(offset))).text, /Stored/);
    assertEquals(Deno.readTextFileSync(onDisk(server, "other", "dora")), "beginning");
  },
);
