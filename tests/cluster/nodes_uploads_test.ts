/** Uploads that are begun at one node and go on at another one, and links that both serve. */
import { assert, assertEquals } from "@std/assert";
import { is, KIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { withoutPostgres } from "./engines.ts";
import { login, withNodes } from "./nodes.ts";

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
