// The lock and server.json deleted under a running server.
import { join } from "@std/path";
import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer } from "../support/server.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { type Json, terminalWith } from "../support/admin.ts";

Deno.test("files deleted under a running server do not hide it", async (t) => {
  await using server = await startServer();
  const { data } = server;
  const status = async (...flags: string[]) => {
    const from = { args: ["status", "--data", data, ...flags], variable: () => undefined };
    return (await runAdmin({ ...from, directory: data }, terminalWith(""))).stdout;
  };
  const json = async (): Promise<Json> => JSON.parse(await status("--json"));

  await t.step("status finds a server without server.json, and its process", async () => {
    Deno.removeSync(join(data, "server.json"));
    assertEquals((await json()).running, true);
    assertMatch(
      await status(),
      new RegExp(`Server +runs, process ${server.pid}; server.json is m`),
    );
  });

  await t.step("a second server is refused without the lock's file", async () => {
    Deno.removeSync(join(data, "lock"));
    assertEquals((await json()).running, true);
    const second = await runServer(["--data", data, "--port", "0"]);
    assertEquals(second.code, 1);
    assertMatch(second.stderr, /Another server is running on the data directory .*: stop it/);
    using client = await RawClient.connect(server);
    assertEquals((await client.ask("NOOP")).status, "OK");
  });

  await t.step("server.json is written again", async () => {
    await until("server.json", async () => (await json()).server?.pid === server.pid);
    await server.stop();
    assertEquals((await json()).running, false);
  });
});
