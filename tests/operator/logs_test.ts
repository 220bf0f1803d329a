// Log files that an operator rotates, loses and gets back, on the real server.
import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { is, until } from "../support/native.ts";
import { mkfifo } from "../support/machine/odd_names.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

async function ask(server: TestServer, path: string): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [server.caText] });
  const reply = await fetch(`https://localhost:${server.info.web!.port}${path}`, { client });
  assertEquals(reply.status, 200);
  return await reply.text();
}

/** Logs in, which leaves a line in the audit log. */
async function login(server: TestServer): Promise<void> {
  using _client = await RawClient.login(server, "admin", server.password);
}

/** Waits until a file of the logs holds so many logins. */
async function holdsLogins(server: TestServer, name: string, count: number): Promise<void> {
  await until(`${count} logins in ${name}`, () => {
    const path = `${server.data}/logs/${name}`;
    const text = existsSync(path) ? Deno.readTextFileSync(path) : "";
    return Promise.resolve(text.split(`"action":"login"`).length - 1 === count);
  });
}

Deno.test("logs rotated by someone else", async (t) => {
  await using server = await startServer({ web: true });
  const logs = `${server.data}/logs`;
  await login(server);
  await holdsLogins(server, "audit.log", 1);

  await t.step("renamed, then SIGHUP: later lines go to the new file", async () => {
    Deno.renameSync(`${logs}/audit.log`, `${logs}/audit.log-yesterday`);
    Deno.renameSync(`${logs}/server.log`, `${logs}/server.log-yesterday`);
    server.child.kill("SIGHUP");
    await login(server);
    await holdsLogins(server, "audit.log", 1);
    await holdsLogins(server, "audit.log-yesterday", 1);
    await until("the reload is logged", () => {
      const text = Deno.readTextFileSync(`${logs}/server.log`);
      return Promise.resolve(text.includes("The certificate was read again"));
    });
    assertEquals(Deno.statSync(`${logs}/audit.log`).mode! & 0o777, 0o600);
  });

  await t.step("renamed without a signal: the same", async () => {
    Deno.renameSync(`${logs}/audit.log`, `${logs}/audit.log-today`);
    await login(server);
    await holdsLogins(server, "audit.log", 1);
  });
});

Deno.test("logs that cannot be written end nothing, and are reported", async () => {
  await using server = await startServer({ web: true });
  const logs = `${server.data}/logs`;
  assertMatch(await ask(server, "/healthz"), /^ok\n/);
  Deno.mkdirSync(`${logs}/web.log`); // before the first web line, which opens it
  await ask(server, "/");
  await until("the web log is in trouble", async () => {
    return /^degraded\nweb log: .*Is a directory/.test(await ask(server, "/healthz"));
  });
  Deno.removeSync(`${logs}/audit.log`);
  Deno.mkdirSync(`${logs}/audit.log`);
  await login(server);
  await until("metrics tell of the audit log", async () => {
    return /^towpath_trouble\{part="audit log"\} 1$/m.test(await ask(server, "/metrics"));
  });
  await until("stderr tells of it", () => {
    return Promise.resolve(/The audit log cannot be written, .*Is a directory/.test(server.stderr));
  });
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.upload("f", "content"), "OK", 226);
  Deno.removeSync(`${logs}/audit.log`);
  Deno.removeSync(`${logs}/web.log`);
  await until("all is well", async () => /^ok\n/.test(await ask(server, "/healthz")));
  // The lines of the time in between waited in memory.
  const text = Deno.readTextFileSync(`${logs}/audit.log`);
  assertEquals(text.split(`"action":"login"`).length - 1, 2);
  assertMatch(text, /"action":"upload"/);
});

Deno.test("a pipe in a log's place is reported, and waits for no reader", async () => {
  await using server = await startServer({ web: true });
  const log = `${server.data}/logs/audit.log`;
  Deno.removeSync(log);
  mkfifo(log);
  using client = await RawClient.login(server, "admin", server.password);
  await until("the audit log is in trouble", async () => {
    return /^degraded\naudit log: .*neither file nor directory/.test(await ask(server, "/healthz"));
  });
  is(await client.ask("LOGS", { name: "audit" }), "OK", 200);
  Deno.removeSync(log);
  await holdsLogins(server, "audit.log", 1);
});

Deno.test("--audit-failure stop: the server stops in order, exit code 1", async () => {
  await using server = await startServer({ args: ["--audit-failure", "stop"] });
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.upload("f", "content"), "OK", 226);
  Deno.removeSync(`${server.data}/logs/audit.log`);
  Deno.mkdirSync(`${server.data}/logs/audit.log`);
  is(await client.upload("g", "content"), "OK", 226);
  assertEquals(await server.ended(), 1);
  await until("the reason is on stderr", () =>
    Promise.resolve(
      /The server stops, as --audit-failure asks: .*audit\.log: Is a directory/.test(server.stderr),
    ));
});
