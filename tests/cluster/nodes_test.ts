/** Real servers as nodes that share PostgreSQL and an object store, each with its own data directory. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { is, KIB, MIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { runServer } from "../support/server.ts";
import { startPostgres, withoutPostgres } from "./engines.ts";
import { adminData, login, withNodes } from "./nodes.ts";

Deno.test({
  name: "nodes: an upload that one node began is finished at another one, after kill -9",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one"), await node("other")];
      const content = randomBytes(3 * MIB);
      using first = await login(one, shared);
      using second = await login(other, shared);
      is(await first.upload("small.txt", "text"), "OK", 226);
      const seen = await second.download("small.txt");
      assertEquals(new TextDecoder().decode(seen.content), "text");
      const { temp_id } = is(
        await first.ask("UPLOAD", { filename: "large", file_size: content.length }),
        "OK",
        150,
      );
      let sent = 2 * MIB;
      await first.data(content.subarray(0, sent));
      await until("a checkpoint is there", async () => {
        await first.data(content.subarray(sent, sent += KIB));
        const parts = is(await second.ask("PARTS"), "OK").parts as { offset: number }[];
        return (parts[0]?.offset ?? 0) > 0;
      });
      await one.kill9();
      const ready = is(await second.ask("RESUME", { temp_id }), "OK", 150);
      const safe = ready.offset as number;
      assertEquals(ready.prefix_hash, sha256(content.subarray(0, safe)));
      await second.data(content.subarray(safe));
      await second.send("END", { file_hash: sha256(content) });
      is(await second.reply(), "OK", 226);
      await one.restart();
      using again = await login(one, shared);
      const { content: read } = await again.download("large");
      assertEquals(sha256(read), sha256(content));
      assert([...shared.s3.objects.keys()].every((key) => key.startsWith("some/prefix/")));
    }),
});

Deno.test({
  name:
    "nodes: an upload is taken over from a node that runs; sessions are seen and ended everywhere",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      const content = randomBytes(MIB + 300 * KIB);
      using first = await login(one, shared);
      using second = await login(other, shared);
      const size = content.length;
      const { temp_id } = is(await first.ask("UPLOAD", { filename: "f", file_size: size }), "OK");
      await first.data(content.subarray(0, MIB));
      const ready = is(await second.ask("RESUME", { temp_id }), "OK", 150);
      is(await first.reply(), "ABORTED", 426);
      await second.data(content.subarray(ready.offset as number));
      await second.send("END", { file_hash: sha256(content) });
      is(await second.reply(), "OK", 226);
      const { sessions } = is(await second.ask("WHO"), "OK") as {
        sessions: { session_id: string; since: string }[];
      };
      assertEquals(sessions.length, 2);
      const [earlier] = sessions.sort((a, b) => a.since < b.since ? -1 : 1);
      is(await second.ask("KICK", { session_id: earlier!.session_id }), "OK");
      assertEquals((await first.ask("NOOP").catch(() => null))?.status === "OK", false);
    }),
});

Deno.test({
  name:
    "nodes: commands of admin work on the shared data of the nodes; copies of one machine's files do not",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (_, { args, env }) => {
      await using data = await adminData({ args, env });
      const { admin } = data;
      assertEquals((await admin("user", "add", "zoe")).code, 0);
      assertMatch((await admin("user", "list")).text, /zoe {3}rwcd/);
      assertMatch((await admin("status")).text, /Accounts {9}1/);
      assertMatch((await admin("backup", "/tmp/none")).text, /pg_dump/);
    }),
});

Deno.test({
  name: "nodes: a start is refused in one sentence, and no password is repeated",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (_, { args, env }) => {
      const data = await Deno.makeTempDir();
      const refused = async (change: string[], environment = env) => {
        const { code, stderr } = await runServer(
          [...args, ...change, "--data", data, "--port", "0"],
          environment as Record<string, string>,
        );
        assert(code !== 0);
        assertEquals(stderr.trim().split("\n").length, 1, stderr);
        return stderr;
      };
      const secret = await refused(["--catalog=postgres://u:secret@localhost/db"]);
      assertMatch(secret, /without a password/);
      assert(!secret.includes("secret@"));
      assertMatch(await refused(["--store=none"]), /go together/);
      assertMatch(await refused(["--store=s3:/x"]), /s3:\/\/BUCKET/);
      assertMatch(await refused([], {} as typeof env), /TOWPATH_STORE_ACCESS_KEY_ID/);
      assertMatch(await refused(["--catalog=postgres://u@localhost:1/db"]), /does not answer/);
      await Deno.remove(data, { recursive: true });
    }),
});

Deno.test({
  name: "nodes: another store is refused at the start, and a second node of a name is reported",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, { args, env, s3 }) => {
      const one = await node("one", "--workers=2");
      const second = await node("one");
      const data = await Deno.makeTempDir();
      const refused = async (...change: string[]) => {
        const all = [...args, "--node=other", ...change, "--data", data, "--port=0"];
        const { code, stderr } = await runServer(all, env as Record<string, string>);
        assert(code !== 0);
        assertEquals(stderr.trim().split("\n").length, 1, stderr);
        return stderr;
      };
      const objects = s3.objects.size;
      assertMatch(
        await refused("--store=s3://bucket/other"),
        /The store s3:\/\/bucket\/other\/ at \S+ is not the one of this database: give --store/,
      );
      assertEquals(s3.objects.size, objects, "the other store is left as it is");
      s3.objects.set("other/content/1/1-0", new Uint8Array(1));
      s3.objects.set("other/mark", new TextEncoder().encode("12\n"));
      assertMatch(await refused("--store=s3://bucket/other"), /is not the one of this database/);
      const fresh = await (await startPostgres()).empty();
      const catalog = args[0]!.replace(/[^/]*$/, fresh.database);
      assertMatch(
        await refused(catalog, "--store=s3://bucket/other"),
        /The store s3:\/\/bucket\/other\/ at \S+ has content of another database/,
      );
      await Deno.remove(data, { recursive: true });

      const report = /Another server with the name "one" shares this database/;
      for (const server of [one, second]) {
        await until("both report it", () => report.test(server.stderr));
      }
      assertEquals(one.stderr.split("Another server").length, 2, "one worker reports it, once");
    }),
});
