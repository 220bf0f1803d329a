/** A node that is frozen, and hears nothing of what happens meanwhile. */
import { assertMatch } from "@std/assert";
import { Database } from "../../storage/cluster/postgres/database.ts";
import { is, until } from "../support/native.ts";
import { withoutPostgres } from "./engines.ts";
import { login, withNodes } from "./nodes.ts";

Deno.test({
  name: "nodes: a session that is ended while its node is frozen and cut off ends when it wakes up",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one"), await node("other")];
      using ended = await login(one, shared);
      using second = await login(other, shared);
      const { sessions } = is(await second.ask("WHO"), "OK") as {
        sessions: { session_id: string; node: string }[];
      };
      const { session_id } = sessions.find(({ node }) => node === "one")!;
      using going = await login(one, shared);
      const database = new Database({ ...shared.database, connections: 1 });
      one.kill("SIGSTOP");
      try {
        // Questions to it are lost with its connections.
        await database.query((sql) =>
          sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'towpath one'`
        );
        const reply = await second.ask("KICK", { session_id });
        assertMatch(
          String(reply.data.message),
          /; if one, which does not answer, has it, it ends as soon as/,
        );
      } finally {
        one.kill("SIGCONT");
        await database.close();
      }
      await until("the session is over", async () => {
        const reply = await ended.ask("NOOP").catch(() => undefined);
        return reply?.status !== "OK";
      });
      is(await going.ask("NOOP"), "OK");
    }),
});
