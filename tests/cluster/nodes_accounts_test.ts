/** Accounts over several nodes: changes at one node hold at all others at once. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { WebClient } from "../support/web.ts";
import { WebProgram } from "../support/web_program.ts";
import { withoutPostgres } from "./engines.ts";
import { ftpAs, login, loginAs, PASSWORD, withNodes } from "./nodes.ts";

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

Deno.test({
  name:
    "nodes: sessions and transfers that are held at one node end at once by a change at another",
  ignore: withoutPostgres,
  fn: (test) =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      using root = await login(one, shared);
      const isOver = async (client: RawClient) =>
        (await client.ask("NOOP").catch(() => null))?.status !== "OK";
      const account = async (username: string) => {
        is(await root.ask("ADDU", { username, password: PASSWORD }), "OK");
        const native = await loginAs(other, shared, username);
        const ftp = await ftpAs(other, shared, username);
        const browser = new WebClient(other.info.web!.port, shared.caText);
        await browser.signIn(username, PASSWORD);
        return { native, ftp, browser };
      };
      type Held = Awaited<ReturnType<typeof account>>;
      const close = ({ native, ftp, browser }: Held) => {
        native.connection.close();
        ftp.close();
        browser.close();
      };
      const allEnd = async ({ native, ftp, browser }: Held) => {
        await until("native ends", () => isOver(native));
        assertEquals((await ftp.replyOrEnd().catch(() => null))?.code ?? 421, 421);
        await until("the browser is signed out", async () => {
          const reply = await browser.fetch("/files/");
          await reply.body?.cancel();
          return reply.status !== 200;
        });
      };

      await test.step("TRANS ends an upload that may not go on, and the next ones are refused", async () => {
        const held = await account("zoe");
        const upload = { filename: "/f", file_size: 4096 };
        is(await held.native.ask("UPLOAD", upload), "OK", 150);
        await held.native.data("x");
        const writing = await held.ftp.begin("STOR g");
        await writing.write("x");
        is(await root.ask("TRANS", { username: "zoe", permissions: "r" }), "OK");
        assertEquals((await held.native.reply())?.status, "PERMISSION_DENIED");
        assert((await held.ftp.reply()).code >= 400);
        writing.cut();
        const put = await held.browser.fetch("/api/v1/files/h", { method: "PUT", body: "x" });
        await put.body?.cancel();
        assertEquals(put.status, 403);
        close(held);
      });

      await test.step("a new password ends the sessions of before at every door", async () => {
        const held = await account("mia");
        is(await root.ask("RESETPW", { username: "mia", password: "another password" }), "OK");
        await allEnd(held);
        close(held);
      });

      await test.step("an account that is disabled ends at every door, and comes back", async () => {
        const held = await account("eve");
        is(await root.ask("VALID", { username: "eve", disabled: true }), "OK");
        await allEnd(held);
        await assertRejects(() => loginAs(other, shared, "eve"));
        is(await root.ask("VALID", { username: "eve", disabled: false }), "OK");
        (await loginAs(other, shared, "eve")).connection.close();
        close(held);
      });

      await test.step("what an account may do again, it may at the other node at once", async () => {
        using eve = await loginAs(other, shared, "eve");
        is(await root.ask("TRANS", { username: "eve", permissions: "r" }), "OK");
        is(await root.ask("ADDG", { group: "staff", permissions: "c" }), "OK");
        for (let round = 0; round < 10; round++) {
          is(await root.ask("JOIN", { group: "staff", username: "eve" }), "OK");
          is(await eve.ask("MKD", { path: `d${round}` }), "OK");
          is(await root.ask("LEAVE", { group: "staff", username: "eve" }), "OK");
          is(await eve.ask("MKD", { path: `e${round}` }), "PERMISSION_DENIED");
        }
      });

      await test.step("an account that is removed is gone at every door", async () => {
        const held = await account("ben");
        is(await root.ask("DELU", { username: "ben" }), "OK");
        await allEnd(held);
        await assertRejects(() => loginAs(other, shared, "ben"));
        close(held);
      });

      await test.step("a token that is revoked ends its session, and opens none", async () => {
        is(await root.ask("ADDU", { username: "ann", password: PASSWORD }), "OK");
        using ann = await loginAs(one, shared, "ann");
        const { token, token_id } = is(await ann.ask("TOKEN", {}), "OK") as {
          token: string;
          token_id: string;
        };
        using held = await RawClient.connect({ port: other.port, caText: shared.caText });
        is(await held.ask("AUTH", { token }), "AUTH_SUCCESS");
        const client = new WebClient(other.info.web!.port, shared.caText);
        const program = new WebProgram(client, `Bearer ${token}`);
        assertEquals((await program.ask("/account")).status, 200);
        is(await ann.ask("REVOKE", { token_id }), "OK");
        assertEquals((await program.ask("/account")).status, 401);
        await until("its session ends", () => isOver(held));
        client.close();
      });

      await test.step("KICK ends a session of any door at another node", async () => {
        const held = await account("tom");
        const { sessions } = is(await root.ask("WHO"), "OK") as { sessions: Listed[] };
        const his = sessions.filter(({ username }) => username === "tom");
        assertEquals(his.map(({ node }) => node), ["other", "other", "other"]);
        for (const { session_id } of his) is(await root.ask("KICK", { session_id }), "OK");
        await allEnd(held);
        close(held);
      });
    }),
});
