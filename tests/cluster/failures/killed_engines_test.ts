/**
 * A real radosgw and a real PostgreSQL are killed in an upload and started again: documented replies,
 * nothing acknowledged is lost, and the node is not started again.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { is, MIB, randomBytes, until } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import { startPostgres, withoutPostgres } from "../engines.ts";
import { login, withNodes } from "../nodes.ts";
import { startRgw, withoutRgw } from "../rgw.ts";

/** How long `/healthz` may take to have an engine as failing or ready, ms. */
const PATIENCE_MS = 60_000;
/** What an upload of which 20 MiB came has safe soon, bytes. */
const SAFE = 16 * MIB;
const ignore = withoutPostgres || withoutRgw !== undefined;

async function assertContent(client: RawClient, name: string, content: Uint8Array) {
  assertEquals(sha256((await client.download(name)).content), sha256(content), name);
}

Deno.test({
  name: "nodes: radosgw and PostgreSQL are killed in uploads and come back, and all goes on",
  ignore,
  async fn(t) {
    await using rgw = await startRgw();
    await rgw.createBucket("bucket");
    const postgres = await startPostgres();
    await withNodes(
      async (node, shared) => {
        const [server, other] = await Promise.all([node("one"), node("other")]);
        const pids = [server.pid, other.pid];
        using http = Deno.createHttpClient({ caCerts: [shared.caText] });
        const reaches = (wanted: RegExp) =>
          until(`the state is ${wanted}`, async () => {
            const url = `https://localhost:${server.info.web!.port}/healthz`;
            const reply = await fetch(url, { client: http });
            return wanted.test(`${reply.status} ${await reply.text()}`);
          }, PATIENCE_MS);
        const content = randomBytes(40 * MIB);
        const half = 20 * MIB;
        const announced = { file_size: content.length };
        const acknowledged = ["before"];
        using first = await login(server, shared);
        is(await first.upload("before", content.subarray(0, MIB)), "OK", 226);

        await t.step(
          "radosgw: an upload waits and is carried out, names are read meanwhile",
          async () => {
            using client = await login(server, shared);
            is(await client.ask("UPLOAD", { filename: "store", ...announced }), "OK", 150);
            await client.data(content.subarray(0, half));
            await rgw.killGateway();
            await reaches(/^503 failing\nobject store: /);
            assertEquals(is(await first.ask("NLST"), "OK").names, acknowledged);
            const rest = client.data(content.subarray(half))
              .then(() => client.send("END", { file_hash: sha256(content) }));
            await rgw.startGateway();
            await rest;
            is(await client.reply(), "OK", 226);
            acknowledged.push("store");
            await reaches(/^200 /);
            await assertContent(first, "store", content);
          },
        );

        await t.step("PostgreSQL: an upload fails as documented, and resumes", async () => {
          using client = await login(server, shared);
          const upload = { filename: "catalog", ...announced };
          const { temp_id } = is(await client.ask("UPLOAD", upload), "OK", 150);
          await client.data(content.subarray(0, half));
          using elsewhere = await login(other, shared);
          // The upload's own node reports what it has taken, of which less may be safe.
          await until("something of it is safe", async () => {
            const parts = is(await elsewhere.ask("PARTS"), "OK").parts as { offset: number }[];
            return parts[0]!.offset >= SAFE;
          }, PATIENCE_MS);
          await postgres.crash();
          const { message } = is(await first.ask("LIST"), "ERROR", 451);
          assertMatch(String(message), /database does not answer/);
          await reaches(/^503 failing\ndatabase: /);
          await postgres.start();
          await reaches(/^200 /);
          using again = await login(server, shared);
          const ready = is(await again.ask("RESUME", { temp_id }), "OK", 150);
          const offset = ready.offset as number;
          assert(offset >= SAFE, `${offset}`);
          assertEquals(ready.prefix_hash, sha256(content.subarray(0, offset)));
          await again.data(content.subarray(offset));
          await again.send("END", { file_hash: sha256(content) });
          is(await again.reply(), "OK", 226);
          await assertContent(again, "catalog", content);
        });

        for (const each of [server, other]) {
          using last = await login(each, shared);
          await assertContent(last, "before", content.subarray(0, MIB));
          for (const name of ["store", "catalog"]) await assertContent(last, name, content);
          assertEquals(is(await last.ask("PARTS"), "OK").parts, []);
        }
        assertEquals([server.pid, other.pid], pids);
      },
      [],
      rgw,
    );
  },
});
