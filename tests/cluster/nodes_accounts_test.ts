/** Accounts over several nodes: changes at one node hold at all others at once. */
import { assertEquals } from "@std/assert";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { withoutPostgres } from "./engines.ts";
import { login, withNodes } from "./nodes.ts";

interface Listed {
  session_id: string;
  username: string;
  node?: string;
}

Deno.test({
  name:
    "nodes: passwords, permissions, tokens, shares and sessions are the same at all nodes at once",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one"), await node("other")];
      using root = await login(one, shared);
      const as = async (at: typeof one, username: string, password: string) => {
        const client = await RawClient.connect({ port: at.port, caText: shared.caText });
        const reply = await client.ask("AUTH", { username, password });
        return { client, status: reply.status };
      };
      is(await root.ask("ADDU", { username: "zoe", password: "first password" }), "OK");
      const { client: zoe } = await as(other, "zoe", "first password");
      is(await zoe.upload("f", "text"), "OK", 226);

      const sessions = is(await root.ask("WHO"), "OK").sessions as Listed[];
      assertEquals(sessions.map(({ username, node }) => [username, node]).sort(), [
        ["admin", "one"],
        ["zoe", "other"],
      ]);
      await until("the audit line", async () => {
        const audit = await Deno.readTextFile(`${other.data}/logs/audit.log`);
        return /"action":"login".*"account":"zoe".*"node":"other"/.test(audit);
      });

      // Permissions: the next request at the other node finds the change.
      is(await root.ask("TRANS", { username: "zoe", permissions: "r" }), "OK");
      assertEquals((await zoe.upload("g", "text")).status, "PERMISSION_DENIED");
      is(await root.ask("TRANS", { username: "zoe", permissions: "rwcd" }), "OK");
      is(await zoe.upload("g", "text"), "OK", 226);

      // A password: sessions of before end, at whatever node they are.
      is(await root.ask("RESETPW", { username: "zoe", password: "other password" }), "OK");
      await until("zoe's session ends", async () => {
        const left = is(await root.ask("WHO"), "OK").sessions as Listed[];
        return left.every(({ username }) => username === "admin");
      });
      const [before, after] = [
        await as(other, "zoe", "first password"),
        await as(other, "zoe", "other password"),
      ];
      assertEquals([before.status, after.status], ["AUTH_FAILED", "AUTH_SUCCESS"]);
      for (const { client } of [before, after]) client.connection.close();
      zoe.connection.close();
    }),
});
