/** A node that is frozen, and hears nothing of what happens meanwhile. */
import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { Database } from "../../storage/cluster/postgres/database.ts";
import { is, until } from "../support/native.ts";
import { withoutPostgres } from "./engines.ts";
import { login, withNodes } from "./nodes.ts";

/** A freeze that is long enough for clients to give up, ms. */
const FREEZE_MS = 4_000;

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

Deno.test({
  name: "nodes: a removal that a frozen node reads when it wakes up removes nothing newer",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one", "--workers=1"), await node("other")];
      using removing = await login(one, shared);
      using emptying = await login(one, shared);
      using second = await login(other, shared);
      const make = { make_dirs: true, if_exists: "overwrite" };
      for (const path of ["f", "d/g"]) is(await second.upload(path, "old", make), "OK", 226);
      one.kill("SIGSTOP");
      try {
        await removing.send("DELE", { filename: "f" });
        await emptying.send("RMD", { path: "d", recursive: true });
        // Their client gives up, and goes on at the other node.
        await delay(FREEZE_MS);
        for (const path of ["f", "d/g"]) is(await second.upload(path, "newer", make), "OK", 226);
      } finally {
        one.kill("SIGCONT");
      }
      for (const client of [removing, emptying]) is(await client.reply(), "FILE_CHANGED");
      for (const path of ["f", "d/g"]) {
        assertEquals(new TextDecoder().decode((await second.download(path)).content), "newer");
      }
      // What is asked for later is carried out: by the session itself, or once it is awake for long.
      is(await removing.upload("f", "newest", make), "OK", 226);
      is(await removing.ask("DELE", { filename: "f" }), "OK");
      await until("the directory is removed", async () =>
        (await emptying.ask("RMD", { path: "d", recursive: true })).status === "OK");
    }),
});

Deno.test({
  name: "nodes: an upload whose end a frozen node reads when it wakes up replaces nothing newer",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = [await node("one", "--workers=1"), await node("other")];
      using first = await login(one, shared);
      using second = await login(other, shared);
      const replace = { if_exists: "overwrite" };
      is(await second.upload("f", "old", replace), "OK", 226);
      is(await first.ask("UPLOAD", { filename: "f", ...replace }), "OK", 150);
      await first.data(new TextEncoder().encode("late"));
      is(await first.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
      one.kill("SIGSTOP");
      try {
        await first.send("END");
        await delay(FREEZE_MS);
        is(await second.upload("f", "newer", replace), "OK", 226);
      } finally {
        one.kill("SIGCONT");
      }
      is(await first.reply(), "OK", 226); // as one that was stored, and replaced since
      assertEquals(new TextDecoder().decode((await second.download("f")).content), "newer");
      // One that begins when the node is awake replaces it.
      is(await first.upload("f", "newest", replace), "OK", 226);
      assertEquals(new TextDecoder().decode((await second.download("f")).content), "newest");
    }),
});
