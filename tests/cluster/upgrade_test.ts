/** A newer version adds to the tables while this one runs. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Database } from "../../storage/cluster/postgres/database.ts";
import { is, MIB, randomBytes } from "../support/native.ts";
import { type RawClient, sha256 } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { withoutPostgres } from "./engines.ts";
import { ftpAs, login, loginAs, PASSWORD, type Shared, withNodes } from "./nodes.ts";

/** What a newer version does to a schema at most: every table gets a column. */
const NEWER = `
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT relname FROM pg_class
      WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN newer int NOT NULL DEFAULT 7', t);
  END LOOP;
END $$;
INSERT INTO schema_migrations (number, name) VALUES (9999, 'newer');`;

/** Calls what reads and writes each table. @param round makes other names each time */
async function useAll(server: TestServer, shared: Shared, client: RawClient, round: number) {
  const [directory, username] = [`/d${round}`, `user${round}`];
  const ok = async (command: string, data?: unknown) => is(await client.ask(command, data), "OK");
  await ok("MKD", { path: directory });
  is(await client.upload(`${directory}/f`, "content"), "OK", 226);
  is(await client.upload(`${directory}/f`, "more", { if_exists: "overwrite" }), "OK", 226);
  assertEquals((await client.download(`${directory}/f`)).content.length, 4);
  await ok("RENAME", { from: `${directory}/f`, to: `${directory}/g` });
  await ok("ADDU", { username, password: PASSWORD, permissions: "rwcdt" });
  await ok("SHAR", { filename: `${directory}/g`, username, permissions: "r" });
  await ok("BAN", { network: `10.0.0.${round}` });
  await ok("TOKEN", { label: "t" });
  for (const command of ["WHO", "PARTS", "BANS", "STATUS", "USERS", "VERIFY", "STAT"]) {
    await ok(command);
  }
  assertEquals(await loginAs(server, shared, username, "wrong").catch(() => "refused"), "refused");
  (await loginAs(server, shared, username)).close();
  (await ftpAs(server, shared, username)).close();
  await ok("LIST", { path: "/", recursive: true });
  await ok("DELE", { filename: `${directory}/g` });
  await ok("RMD", { path: directory });
  await ok("DELU", { username });
}

Deno.test({
  name:
    "nodes: a newer version adds to the tables while this one runs, and none of it starts again",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const one = await node("one");
      using client = await login(one, shared);
      await useAll(one, shared, client, 1);
      const content = randomBytes(4 * MIB);
      using uploading = await login(one, shared);
      is(await uploading.ask("UPLOAD", { filename: "f", file_size: content.length }), "OK", 150);
      await uploading.data(content.subarray(0, 2 * MIB));

      const database = new Database({ ...shared.database, connections: 1 });
      await database.query((sql) => sql.unsafe(NEWER)).finally(() => database.close());

      await useAll(one, shared, client, 2);
      await uploading.data(content.subarray(2 * MIB));
      await uploading.send("END", { file_hash: sha256(content) });
      is(await uploading.reply(), "OK", 226);
      const other = startServer({ args: [...shared.args, "--node=other"], env: shared.env });
      const { message } = await assertRejects(() => other, Error);
      assertMatch(
        message,
        /ended with 1: towpath: [^\n]*the schema 9999, and this program knows schemas up to \d+: start the newer program[^\n]*\n$/,
      );
    }),
});
