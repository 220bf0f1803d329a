/** The real server's audit log: written by every worker, private, whole after a stop; and LOGS. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";

Deno.test("actions are in logs/audit.log, and LOGS shows it", async () => {
  await using server = await startServer({ args: ["--workers", "2", "--allow-register"] });
  const file = `${server.data}/logs/audit.log`;
  {
    using stranger = await RawClient.connect(server);
    is(await stranger.ask("REG", { username: "carol", password: "correct horse" }), "OK");
    is(
      await stranger.ask("AUTH", { username: "carol", password: "correct horse" }),
      "AUTH_SUCCESS",
    );
    for (let i = 0; i < 200; i++) {
      await stranger.send("UPLOAD", { filename: `f${i}`, pipelined: true });
      await stranger.data(`content ${i}`);
      await stranger.send("END");
    }
    for (let i = 0; i < 200; i++) is(await stranger.reply(), "OK", 226);
    is(await stranger.ask("LOGS", { name: "audit" }), "PERMISSION_DENIED");
  }
  using admin = await RawClient.login(server, "admin", server.password);
  const lines = async (data: Record<string, unknown>) =>
    is(await admin.ask("LOGS", { name: "audit", ...data }), "OK").lines as string[];
  await until("the log was written", async () => (await lines({ contains: '"logs"' })).length > 0);
  assertEquals((await lines({ lines: 10_000, contains: '"action":"upload"' })).length, 200);
  assertEquals((await lines({})).length, 200);
  assertEquals((await lines({ lines: 3 })).length, 3);
  assertMatch((await lines({ level: "warning" })).join(), /"action":"logs","result":"denied"/);
  is(await admin.ask("LOGS", { name: "server", level: "none" }), "BAD_REQUEST");
  is(await admin.ask("LOGS", { name: "../catalog" }), "BAD_REQUEST");
  const server_log = is(await admin.ask("LOGS", { name: "server" }), "OK").lines as string[];
  assert(server_log.some((line) => line.endsWith("Ready")));
  assertEquals(is(await admin.ask("LOGS", { name: "web" }), "OK").lines, []);
  assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);

  is(await admin.upload("last", "content"), "OK", 226);
  await server.stop();
  const entries = Deno.readTextFileSync(file).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(entries.at(-1).paths, ["/last"]); // a clean stop loses nothing
  assertEquals(
    entries.slice(0, 2).map(({ action, subject, account }) => [
      action,
      subject ?? account,
    ]),
    [["register", "carol"], ["login", "carol"]],
  );
  const text = JSON.stringify(entries);
  for (const secret of ["correct horse", server.password]) assert(!text.includes(secret));
});
