/** Uploads that are begun at one node and go on at another one, and links that both serve. */
import { assert, assertEquals } from "@std/assert";
import { is, KIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import type { TestServer } from "../support/server.ts";
import { Tus } from "../support/tus.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";
import { withoutPostgres } from "./engines.ts";
import { ADMIN_PASSWORD, login, withNodes } from "./nodes.ts";

Deno.test({
  name:
    "nodes: an upload goes on at another node, whatever the first one had of it when it was killed",
  ignore: withoutPostgres,
  fn: (test) =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      await test.step("what a silent sender has sent is safe soon", async () => {
        const content = randomBytes(500 * KIB);
        using first = await login(one, shared);
        using second = await login(other, shared);
        const announced = { filename: "silent", file_size: content.length };
        const { temp_id } = is(await first.ask("UPLOAD", announced), "OK", 150);
        await first.data(content.subarray(0, 300 * KIB));
        await until("a checkpoint is there", async () => {
          const parts = is(await second.ask("PARTS"), "OK").parts as { offset: number }[];
          return (parts[0]?.offset ?? 0) > 0;
        });
        await one.kill9();
        const { offset } = is(await second.ask("RESUME", { temp_id }), "OK", 150);
        assert((offset as number) >= 256 * KIB, `${offset} bytes`);
        await second.data(content.subarray(offset as number));
        await second.send("END", { file_hash: sha256(content) });
        is(await second.reply(), "OK", 226);
        const { content: read } = await second.download("silent");
        assertEquals(sha256(read), sha256(content));
      });
    }),
});

Deno.test({
  name: "nodes: a browser's session, uploads by tus and downloads by links go on at any node",
  ignore: withoutPostgres,
  fn: (test) =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      const at = ({ info }: TestServer) => new WebClient(info.web!.port, shared.caText);
      const [first, second] = [at(one), at(other)];
      await first.signIn("admin", ADMIN_PASSWORD);
      for (const [name, value] of first.cookies) second.cookies.set(name, value);

      await test.step("a browser is signed in at both, and signed out of both", async () => {
        await second.page("/files/");
        const visitor = at(other);
        await visitor.signIn("admin", ADMIN_PASSWORD);
        const again = at(one);
        for (const [name, value] of visitor.cookies) again.cookies.set(name, value);
        await again.page("/files/");
        await (await visitor.fetch("/sign-out", { form: {} })).body?.cancel();
        const reply = await again.fetch("/files/");
        await reply.body?.cancel();
        assertEquals(reply.status, 303);
        visitor.close();
        again.close();
      });

      await test.step("each piece of an upload comes to another node, and each knows the end", async () => {
        const [here, there] = [first, second].map((client) =>
          new Tus(new WebProgram(client, basic("admin", ADMIN_PASSWORD)))
        );
        const content = "0123456789".repeat(6);
        const location = await here!.create(content.length, { path: "/tus.txt" });
        for (let offset = 0; offset < content.length; offset += 10) {
          const tus = offset % 20 === 0 ? there! : here!;
          assertEquals((await tus.head(location)).offset, offset);
          const piece = await tus.patch(location, offset, content.slice(offset, offset + 10));
          assertEquals(piece.status, 204, piece.text);
        }
        for (const tus of [here!, there!]) {
          const { status, offset, length } = await tus.head(location);
          assertEquals([status, offset, length], [200, content.length, content.length]);
        }
        const read = await second.fetch("/raw/tus.txt");
        assertEquals(await read.text(), content);
      });

      await test.step("downloads by a link are counted exactly", async () => {
        const form = { path: "/tus.txt", most: "5" };
        const made = await first.fetch("/actions/link", { form });
        const text = await made.text();
        assertEquals(made.status, 201, text);
        const address = /<code class="secret">([^<]*)</.exec(text)![1]!;
        const path = new URL(address).pathname;
        const visitors = Array.from({ length: 16 }, (_, index) => at(index % 2 ? one : other));
        const statuses = await Promise.all(visitors.map(async (visitor) => {
          const reply = await visitor.fetch(`${path}/raw`);
          await reply.body?.cancel();
          return reply.status;
        }));
        for (const visitor of visitors) visitor.close();
        assertEquals(statuses.filter((status) => status === 200).length, 5, `${path} ${statuses}`);
        assertEquals(statuses.filter((status) => status === 404).length, 11);
      });

      await test.step("metrics are a node's own", async () => {
        using _native = await login(other, shared);
        const sessions = async (client: WebClient) => {
          const { text } = await new WebProgram(client, basic("admin", ADMIN_PASSWORD))
            .ask("/metrics");
          return /towpath_sessions\{door="native"\} ([0-9]+)/.exec(text)?.[1];
        };
        assertEquals([await sessions(first), await sessions(second)], ["0", "1"]);
      });
      first.close();
      second.close();
    }),
});
