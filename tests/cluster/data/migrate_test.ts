/** `admin migrate` between a data directory and PostgreSQL with an object store, both ways. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";
import {
  account,
  append,
  prefix,
  publish,
  store,
  textOf,
} from "../../storage/suites/engine_samples.ts";
import { begin, fillForMove, portrait } from "../../storage/suites/move_samples.ts";
import { Bench } from "./bench.ts";
import { startPostgres, withoutPostgres } from "../engines.ts";
import { login, withNodes } from "../nodes.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

function migrateTest(name: string, test: (bench: Bench) => Promise<void>): void {
  Deno.test({
    name: `migrate: ${name}`,
    ignore: withoutPostgres,
    async fn() {
      await using bench = await Bench.open();
      await test(bench);
    },
  });
}

migrateTest("a data directory becomes a cluster, and a data directory again", async (bench) => {
  const source = bench.at("source");
  await bench.withEngine(source, fillForMove);
  const expected = await bench.withEngine(source, portrait);
  const node = await bench.node("node");
  const there = await bench.admin("migrate", "--data", source, "--to", node, "--json");
  assertEquals(there.exitCode, 0, there.text);
  const { source: from, target, differences, complete } = JSON.parse(there.text);
  assertEquals([from, differences, complete], [target, [], true]);
  assertEquals(await bench.withEngine(node, portrait), expected);
  const counted = await bench.admin("collect", "--data", node);
  assertMatch(
    counted.text,
    /In use .*[0-9] objects?, .*\n.*\n.*past its grace +0 objects[^]*Nothing was changed/,
  );
  assertMatch((await bench.admin("collect", "--data", source)).text, /has none: its files/);
  const back = bench.at("back");
  const again = await bench.admin("migrate", "--data", node, "--to", back);
  assertEquals(again.exitCode, 0, again.text);
  assertMatch(again.text, /Source postgres:.*\nTarget .*\nBoth sides agree/);
  assertEquals(await bench.withEngine(back, portrait), expected);
  for (const to of [node, back]) {
    const { exitCode, text } = await bench.admin("migrate", "--data", source, "--to", to);
    assertEquals(exitCode, 8);
    assertMatch(text, /is not empty: it has the account "alice"/);
  }
  const same = await bench.admin("migrate", "--data", back, "--to", back);
  assertMatch(same.text, /Another server is running|are the same/);
});

migrateTest(
  "--to takes a database's URL, with all else from the source's config file",
  async (bench) => {
    const { catalog, store: s3, ...rest } = bench.config;
    const source = await bench.node("source", rest);
    await bench.withEngine(source, fillForMove);
    const words = ["migrate", "--data", source, "--to", String(catalog)];
    assertMatch((await bench.admin(...words)).text, /A database needs a store/);
    const { exitCode, text } = await bench.admin(...words, String(s3));
    assertEquals(exitCode, 0, text);
    const node = await bench.node("node");
    const expected = await bench.withEngine(source, portrait);
    assertEquals(await bench.withEngine(node, portrait), expected);
    // A place in the store that another cluster uses, and an unfinished move of another source.
    const foreign = await (await startPostgres()).empty();
    const other = await bench.node("other", {
      ...bench.config,
      catalog: `postgres://${foreign.user}@localhost:${foreign.port}/${foreign.database}`,
    });
    assertMatch(
      (await bench.admin("migrate", "--data", source, "--to", other)).text,
      /has content of another database: give this one a prefix of its own/,
    );
    const third = bench.at("third");
    await bench.withEngine(third, ({ catalog }) => catalog.marks.set("incoming", 5));
    assertMatch(
      (await bench.admin("migrate", "--data", source, "--to", third)).text,
      /from another source/,
    );
    assertMatch((await bench.admin("user", "list", "--data", third)).text, /has not ended: run "/);
  },
);

/** Runs `admin` as a process of its own. */
function adminProcess(args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=admin", "admin.ts", ...args],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

migrateTest(
  "a command that is killed again and again is completed by the next one",
  async (bench) => {
    const source = bench.at("source");
    const texts = ["0123456789".repeat(100_000), "behind the first checkpoint".repeat(40_000)];
    const id = await bench.withEngine(source, async (engine) => {
      await fillForMove(engine);
      await engine.addAccount({ ...account("dora"), quotaBytes: null });
      for (let i = 0; i < 150; i++) {
        await store(engine, `/file ${i}`, `${i}`.repeat(1000), { owner: "dora", account: "dora" });
      }
      for (let i = 0; i < 2; i++) {
        await store(engine, `/large ${i}`, `${i}`.repeat(1_000_000), {
          owner: "dora",
          account: "dora",
        });
      }
      return await begin(engine, "/f", texts, { owner: "dora", account: "dora" });
    });
    const expected = await bench.withEngine(source, portrait);
    const node = await bench.node("node");
    const back = bench.at("back");
    for (const [from, to] of [[source, node], [node, back]] as const) {
      const args = ["migrate", "--data", from, "--to", to];
      const files = () =>
        to === node
          ? [...bench.s3.objects.keys()].length * 20 // packs of many files
          : countFiles(join(back, "users/d/dora/files"));
      const hasUpload = () =>
        to === node
          ? [...bench.s3.objects.keys()].some((key) => key.includes(`content/${id}/`))
          : countFiles(join(back, "users/d/dora/parts")) > 0;
      // At the beginning, in the middle of the content, and in an unfinished upload.
      const moments = [() => files() > 0, () => files() > 60, hasUpload];
      for (const isReached of from === source ? moments : moments.slice(1)) {
        const child = adminProcess(args);
        await until("the move is so far", () => isReached() || undefined);
        child.kill("SIGKILL");
        await child.output();
      }
      const { code, stdout, stderr } = await adminProcess(args).output();
      assertEquals(code, 0, new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout));
      assertEquals(await bench.withEngine(to, portrait), expected);
    }
    for (const to of [node, back]) {
      await bench.withEngine(to, async (engine) => {
        const { content, offset, hash } = await engine.parts.open((await engine.parts.take(id))!);
        assertEquals({ offset, hash: (await hash).digest() }, prefix(texts.join("")));
        await append(content, " end");
        await publish(engine, content, `${texts.join("")} end`);
        const file = await engine.tree.open("dora", "/f");
        assertEquals(await textOf(file), `${texts.join("")} end`);
      });
    }
  },
);

migrateTest("a cluster moves into another database and another bucket", async (bench) => {
  await using other = await Bench.open();
  const [source, target] = [await bench.node("source"), await other.node("target")];
  await bench.withEngine(source, fillForMove);
  const expected = await bench.withEngine(source, portrait);
  const { exitCode, text } = await bench.admin("migrate", "--data", source, "--to", target);
  assertEquals(exitCode, 0, text);
  assertMatch(text, /Target postgres:.* 3 unfinished uploads.*\nBoth sides agree/);
  await bench.s3.objects.clear();
  assertEquals(await other.withEngine(target, portrait), expected);
  const { exitCode: found, text: read } = await other.admin("verify", "--data", target);
  assertEquals(found, 0, read);
});

function countFiles(directory: string): number {
  try {
    return [...Deno.readDirSync(directory)].length;
  } catch {
    return 0;
  }
}

Deno.test({
  name:
    "migrate: a server that runs is no source and no target; what it served is served by a node",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const directory = Deno.realPathSync(await Deno.makeTempDir());
      const config = Object.fromEntries(shared.args.map((arg) => arg.slice(2).split(/=(.*)/s)));
      const keys = "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n";
      await Deno.writeTextFile(join(directory, "keys"), keys);
      await Deno.writeTextFile(
        join(directory, "config.json"),
        JSON.stringify({ ...config, "store-credentials": join(directory, "keys") }),
      );
      const migrate = async (from: string, to: string) => {
        const { code, stderr } = await adminProcess(["migrate", "--data", from, "--to", to])
          .output();
        return [code, new TextDecoder().decode(stderr).trim().split("\n").at(-1)!] as const;
      };
      await using server = await startServer({ args: ["--durability=relaxed"] });
      {
        using admin = await RawClient.login(server, "admin", server.password);
        is(await admin.ask("ADDU", { username: "zoe", password: "first password" }), "OK");
        is(await admin.upload("f", "text"), "OK", 226);
      }
      const running = await migrate(server.data, directory);
      assertEquals(running[0], 1);
      assertMatch(running[1], /Another server is running on the data directory .*: stop it first/);
      await server.stop();
      const [code, said] = await migrate(server.data, directory);
      assertEquals(code, 0, said);
      const one = await node("one");
      const place = { port: one.port, caText: shared.caText };
      using _zoe = await RawClient.login(place, "zoe", "first password");
      using admin = await login(one, shared);
      assertEquals(is(await admin.ask("STAT", { filename: "f" }), "OK").size, 4);
      const back = await migrate(directory, join(directory, "back"));
      assertEquals(back[0], 8);
      assertMatch(
        back[1],
        /A server runs on postgres:.* \([0-9]+ workers?\): stop all its nodes first/,
      );
      await Deno.remove(directory, { recursive: true });
    }),
});
