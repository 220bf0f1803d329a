/** `LOGS database`, and the filters of all logs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { delay } from "@std/async";
import { join } from "@std/path";
import { Place } from "../pairs/place.ts";
import { until } from "../support/native.ts";
import { adminBeside } from "../support/server_admin.ts";

Deno.test("the log of the database has its state, waits, backups and verify runs", async (t) => {
  await using place = await Place.start();
  const { native, program, server, browser } = place;
  const events = async (): Promise<Record<string, unknown>[]> => {
    const { data } = await native.ask("LOGS", { name: "database" });
    return (data.lines as string[]).map((line) => JSON.parse(line));
  };
  const has = (event: string) =>
    until(
      `there is a line about ${event}`,
      async () => (await events()).some((one) => one.event === event),
    );

  await t.step("state, verify, backup", async () => {
    await has("state");
    const state = (await events()).find(({ event }) => event === "state")!;
    assert((state.schema as number) > 20 && (state.bytes as number) > 4096);
    assertEquals(typeof state.checkpoint_pages, "number");
    await place.put("/f", new Uint8Array(3));
    await native.ask("VERIFYU", { username: "admin" });
    await has("verify");
    const target = join(server.data, "..", `backup-${crypto.randomUUID()}.tar`);
    await adminBeside(server, "backup", target);
    Deno.removeSync(target);
    await has("backup");
  });

  await t.step("a transaction that waits for another program", async () => {
    using other = new DatabaseSync(join(server.data, "catalog.db"));
    let heldMs = 100;
    await until(
      "the wait is logged",
      async () => {
        other.exec("BEGIN IMMEDIATE");
        const locked = native.ask("LOCK", { filename: "/waiting" });
        await delay(heldMs *= 2); // longer each time: the request may be slow to come
        other.exec("ROLLBACK");
        await locked;
        // A machine that stops for seconds here makes it wait in vain.
        return (await events()).some(({ event }) => event === "waited" || event === "refused");
      },
    );
  });

  await t.step("lines of one account, at every door", async () => {
    await native.ask("ADDU", { username: "ann", password: "a long password" });
    await native.ask("ADDU", { username: "ann.b", password: "a long password" });
    for (const name of ["audit", "server"]) {
      const about = async (account: string) =>
        (await native.ask("LOGS", { name, account, lines: 50 })).data.lines as string[];
      await until("the log in is there", async () => (await about("admin")).length > 0);
      for (const line of await about("admin")) assertMatch(line, /admin/);
      assertEquals(await about("missing"), []);
    }
    const { json } = await program.ask("/admin/logs?name=audit&account=admin&lines=5");
    assertEquals(json.lines.length, 5);
    const page = await browser.page("/admin/logs?name=database&account=admin&contains=state");
    assertMatch(page, /<option value="database" selected/);
    assertMatch(page, /name="account" value="admin"/);
    const reply = await browser.fetch("/admin/logs/download?name=database");
    assertMatch(reply.headers.get("content-disposition")!, /filename="database.log"/);
    assertMatch(await reply.text(), /"event":"state"/);
  });
});
