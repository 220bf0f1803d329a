/** One catalog, as several nodes see it. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../support/certificate.ts";
import { account, link, share } from "../../storage/suites/catalog_samples.ts";
import { ALL } from "../../support/pages.ts";
import { withoutPostgres } from "../engines.ts";
import { withCatalogs } from "./one_database.ts";

function holds(sentence: string, test: Parameters<typeof withCatalogs>[0]): void {
  Deno.test({ name: sentence, ignore: withoutPostgres, fn: () => withCatalogs(test) });
}

function token(id: string) {
  const times = { createdMs: 1, lastUsedMs: null, expiresMs: null };
  return { id, account: "alice", hash: id, label: "", letters: "r", path: "/" as const, ...times };
}

holds("a node that listens sees another node's change at once, and is notified", async (open) => {
  const [one, other] = [await open(), await open()];
  await one.addAccount(account("alice"));
  await one.tokens.add(token("1"), 1);
  await other.listen();
  let notified = 0;
  other.watch(() => notified++);
  assertEquals((await other.account("alice"))?.generation, 1);
  assertEquals((await other.tokens.get("1"))?.id, "1");
  const before = notified;
  await one.setPassword("alice", "new");
  await until(() => notified > before, "a notification");
  assertEquals((await other.account("alice"))?.generation, 2);
  assertEquals(await other.tokens.get("1"), undefined);
});

holds("a node that is not notified sees a change after the lag", async (open, database) => {
  const catalog = await open();
  await catalog.addAccount(account("alice"));
  assertEquals((await catalog.account("alice"))?.letters, "rwcd");
  await database.transaction(async (sql) => {
    await sql`SET LOCAL session_replication_role = replica`; // no triggers
    await sql`UPDATE accounts SET letters = 'r'`;
  });
  await until(async () => (await catalog.account("alice"))?.letters === "r", "the change");
});

holds(
  "a change of the password leaves no token, link, share or session of before",
  async (open) => {
    const [one, other] = [await open(), await open()];
    for (const name of ["alice", "bob"]) await one.addAccount(account(name));
    for (let generation = 1; generation <= 15; generation++) {
      const id = String(generation);
      const session = { ...{ id, account: "alice", generation, hash: id, address: "::1" } };
      const times = { createdMs: 1, lastUsedMs: 1, expiresMs: 9 };
      const [changed, isTokenMade] = await Promise.all([
        one.setPassword("alice", "new"),
        other.tokens.add(token(id), generation),
        other.webSessions.add({ ...session, agent: "", ...times }),
        other.links.add(link(id), generation),
        other.shares.put(share(id), generation),
      ]);
      assertEquals(changed, generation + 1);
      assertEquals(await one.tokens.of("alice", ALL), [], `made: ${isTokenMade}`);
      assertEquals(await one.webSessions.of("alice", ALL), []);
    }
  },
);

holds("failures that nodes count at once are all counted", async (open) => {
  const [one, other] = [await open(), await open()];
  const bounds = { forgetBeforeMs: 0, maxKeys: 100 };
  const counts = Array.from({ length: 20 }, (_, index) => {
    const keys = index % 2 === 0 ? ["a", "b"] : ["b", "a"];
    return (index % 3 === 0 ? one : other).failures.count(keys, 5, bounds);
  });
  await Promise.all(counts);
  assertEquals(await one.failures.of(["a", "b"]), [
    { count: 20, lastMs: 5 },
    { count: 20, lastMs: 5 },
  ]);
});

holds("paths of 4,096 bytes are shared, linked, found and moved", async (open) => {
  const catalog = await open();
  for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
  const long = `/${"ä".repeat(1000)}`.repeat(2).slice(0, 2047) as `/${string}`;
  const [first, second] = [`${long}/a`, `${long}/b`] as const;
  for (const path of [second, first]) {
    assert(await catalog.shares.put(share(path, { path }), 1));
    assert(await catalog.links.add(link(path, { path }), 1));
  }
  const paths = async () => (await catalog.shares.by("alice", ALL)).map(({ path }) => path);
  assertEquals(await paths(), [first, second]);
  assertEquals((await catalog.shares.at("alice", second, ALL)).length, 1);
  assertEquals(await catalog.shares.among("alice", [first, long], 0), [first]);
  assertEquals(
    (await catalog.shares.above("bob", "alice", `${first}/c`)).map(({ path }) => path),
    [first],
  );
  const search = { owner: "alice", nowMs: 0, count: 9 };
  assertEquals(await catalog.shares.below("bob", { ...search, path: long }), [first, second]);
  await catalog.move("alice", long, "/x");
  assertEquals(await paths(), ["/x/a", "/x/b"]);
  assertEquals((await catalog.links.of("alice", ALL)).map(({ path }) => path).sort(), [
    "/x/a",
    "/x/b",
  ]);
});

holds("ids that are none of uploads have no note", async (open) => {
  const catalog = await open();
  assertEquals(await catalog.uploadNotes.find("../x", "alice"), undefined);
  await catalog.uploadNotes.remove("x' OR true");
});
