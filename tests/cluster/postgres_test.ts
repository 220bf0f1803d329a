/** Access to PostgreSQL: encrypted, limited in time, and its schema in numbered steps. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MIGRATIONS } from "../../storage/cluster/migrations/all.ts";
import { Database } from "../../storage/cluster/postgres/database.ts";
import { migrate } from "../../storage/cluster/postgres/migrations.ts";
import { StoreError } from "../../storage/contract/error.ts";
import { assertErrorLike } from "../support/errors.ts";
import { startPostgres, withoutPostgres } from "./engines.ts";

const ignore = withoutPostgres;

Deno.test({
  name: "the database is reached by TLS, with the given authority only",
  ignore,
  async fn() {
    const options = await (await startPostgres()).empty();
    const database = new Database(options);
    const [row] = await database.query((sql) =>
      sql`SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
    );
    assertEquals({ ...row }, { ssl: true, version: "TLSv1.3" });
    await database.close();
    const stranger = new Database({ ...options, tls: { serverName: "localhost" } });
    const error = await assertRejects(() => stranger.query((sql) => sql`SELECT 1`), StoreError);
    assertMatch(error.reason(), /is not trusted .* name the authority .* with --catalog-ca/);
    await stranger.close();
  },
});

Deno.test({
  name: "a migration is applied once, by one of several nodes that start at once",
  ignore,
  async fn() {
    const options = await (await startPostgres()).empty();
    const nodes = [1, 2, 3].map(() => new Database({ ...options, connections: 1 }));
    const applied = await Promise.all(nodes.map((node) => migrate(node, MIGRATIONS)));
    assertEquals(applied.sort(), [0, 0, MIGRATIONS.length]);
    const more = { number: 900, name: "more", sql: "CREATE TABLE more (id int)" };
    assertEquals(await migrate(nodes[0]!, [...MIGRATIONS, more]), 1);
    const error = await assertRejects(() => migrate(nodes[1]!, MIGRATIONS));
    assertErrorLike(error, { kind: "io" });
    assert((error as Error).message.includes("start the newer program"));
    for (const node of nodes) await node.close();
  },
});

Deno.test({
  name: "a database of another program is refused, and left as it is",
  ignore,
  async fn() {
    const database = new Database(await (await startPostgres()).empty());
    await database.query((sql) => sql`CREATE TABLE other (id int)`);
    const error = await assertRejects(() => migrate(database, MIGRATIONS));
    assert((error as Error).message.includes("another program"));
    const rows = await database.query((sql) =>
      sql`SELECT relname FROM pg_class WHERE relkind = 'r'
        AND relnamespace = current_schema()::regnamespace`
    );
    assertEquals(rows.map(({ relname }) => relname), ["other"]);
    await database.close();
  },
});

Deno.test({
  name: "a statement that takes too long ends; one without an answer is given up",
  ignore,
  async fn() {
    const options = await (await startPostgres()).empty();
    const strict = new Database({ ...options, statementMs: 50 });
    const slow = () => strict.query((sql) => sql`SELECT pg_sleep(60)`);
    assertErrorLike(await assertRejects(slow), { kind: "unreachable" });
    await strict.close();
    const database = new Database(options);
    const silent = () => database.query((sql) => sql`SELECT pg_sleep(10)`, 50);
    assertErrorLike(await assertRejects(silent), { kind: "unreachable" });
    const [row] = await database.query((sql) => sql`SELECT 1 AS one`);
    assertEquals(row!["one"], 1);
    await database.close();
  },
});

Deno.test({
  name: "a database that is not there is unreachable",
  ignore,
  async fn() {
    const options = await (await startPostgres()).empty();
    const database = new Database({ ...options, port: 1 });
    assertErrorLike(await assertRejects(() => database.query((sql) => sql`SELECT 1`)), {
      kind: "unreachable",
    });
    await database.close();
  },
});

Deno.test({
  name: "of statements that wait for each other both are carried out",
  ignore,
  async fn() {
    const database = new Database(await (await startPostgres()).empty());
    const locks = (first: number, second: number) =>
      database.query((sql) =>
        sql.unsafe(`DO $$ BEGIN PERFORM pg_advisory_xact_lock(${first}); PERFORM pg_sleep(0.2);
          PERFORM pg_advisory_xact_lock(${second}); END $$`)
      );
    await Promise.all([locks(1, 2), locks(2, 1)]);
    await database.close();
  },
});

Deno.test({
  name: "a call that may be repeated waits for a connection where the database has none left",
  ignore,
  async fn() {
    const options = await (await startPostgres()).empty();
    const operator = new Database({ ...options, connections: 1 });
    const role = `limited_${crypto.randomUUID().replaceAll("-", "")}`;
    await operator.query((sql) =>
      sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1`)
    );
    const limited = { ...options, user: role, password: "secret", connections: 1 };
    const [first, second] = [new Database(limited), new Database(limited)];
    await first.query((sql) => sql`SELECT 1`);
    const refused = await assertRejects(() => second.query((sql) => sql`SELECT 1`));
    assertErrorLike(refused, { kind: "unreachable" });
    let tries = 0;
    const waiting = second.repeat((sql) => {
      if (++tries === 2) void first.close();
      return sql`SELECT 1 AS one`;
    });
    assertEquals((await waiting)[0]!["one"], 1);
    await second.close();
    await operator.close();
  },
});
