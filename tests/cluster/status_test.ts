/** `status` of several nodes: over the native protocol, and by `admin`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SharedStateData } from "../../common/shared_state.ts";
import { is, until } from "../support/native.ts";
import { withoutPostgres } from "./engines.ts";
import { adminData, login, withNodes } from "./nodes.ts";

Deno.test({
  name: "nodes: status shows the nodes with their sessions, the pools and the garbage",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const one = await node("one", "--drain=1h");
      const other = await node("other", "--workers=2");
      using first = await login(one, shared);
      using second = await login(other, shared);
      is(await first.upload("f", "first"), "OK", 226);
      is(await first.ask("DELE", { filename: "f" }), "OK");
      const state = async () => is(await second.ask("STATUS"), "OK").cluster as SharedStateData;
      await until("the sessions are shown", async () => {
        const { nodes } = await state();
        return nodes.length === 2 && nodes.every(({ sessions }) => sessions === 1);
      });
      const { nodes, connections, max_connections, garbage } = await state();
      const facts = nodes.map(({ name, alive, workers }) => ({ name, alive, workers }));
      assertEquals(facts, [
        { name: "one", alive: true, workers: 1 },
        { name: "other", alive: true, workers: 2 },
      ]);
      assertEquals(nodes.map((node) => [node.max_connections, node.draining]), [
        [3, false],
        [6, false],
      ]);
      assert(connections > 0 && connections <= max_connections);
      assertEquals([garbage.objects, garbage.bytes], [1, 5]);
      one.kill("SIGTERM");
      await until("it drains", async () => (await state()).nodes[0]!.draining);
      await using data = await adminData(shared);
      const { text } = await data.admin("status");
      assertMatch(text, /^Nodes {12}2 of 2 alive$/m);
      assertMatch(text, /^ {2}one {12}about to stop, version .*, 1 session, 0 transfers, /m);
      assertMatch(text, /^Garbage {10}1 object, about 5 B, the oldest for \d+ s$/m);
      assertEquals(await other.stop(), 0);
      const after = JSON.parse((await data.admin("status", "--json")).text);
      assertEquals(after.cluster.nodes.map(({ name }: { name: string }) => name), ["one"]);
    }),
});
