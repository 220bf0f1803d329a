/** Rates, bans and networks on the real server with two workers, changed while it runs. */
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { is, KIB, randomBytes, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { adminBeside as admin } from "../../support/server_admin.ts";
import { WebClient } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";

const PASSWORD = "correct horse";

/** Whether a connection is served now. */
async function isServed(server: TestServer): Promise<boolean> {
  try {
    using client = await RawClient.connect(server);
    return (await client.ask("NOOP"))?.status === "OK";
  } catch {
    return false;
  }
}

/** Whether connections, enough that no worker has none, are all served, or none of them. */
async function areServed(server: TestServer, wanted: boolean): Promise<boolean> {
  for (let i = 0; i < 10; i++) if (await isServed(server) !== wanted) return false;
  return true;
}

Deno.test("limits hold over two workers and change while they run", async (t) => {
  const config = Deno.makeTempFileSync({ suffix: ".json" });
  const configure = (options: object) => Deno.writeTextFileSync(config, JSON.stringify(options));
  configure({});
  await using server = await startServer({
    web: true,
    args: ["--workers", "2", "--config", config],
  });
  const token = await (async () => {
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
    using alice = await RawClient.login(server, "alice", PASSWORD);
    return is(await alice.ask("TOKEN"), "OK").token as string;
  })();

  await t.step("an account's rate is one over all doors and workers", async () => {
    await admin(server, "user", "limit", "alice", "--rate-up", "2M");
    const content = randomBytes(512 * KIB);
    const byNative = async (index: number) => {
      using client = await RawClient.connect(server);
      is(await client.ask("AUTH", { token }), "AUTH_SUCCESS");
      is(await client.upload(`n${index}`, content), "OK", 226);
    };
    const byWeb = async (index: number) => {
      const client = new WebClient(server.info.web!.port, server.caText);
      try {
        const program = new WebProgram(client, `Bearer ${token}`);
        const put = await program.ask(`/files/w${index}`, { method: "PUT", body: content });
        assertEquals(put.status, 201);
      } finally {
        client.close();
      }
    };
    // The workers follow the catalog.
    await delay(1000);
    const start = performance.now();
    await Promise.all([0, 1, 2, 3].flatMap((index) => [byNative(index), byWeb(index)]));
    const seconds = (performance.now() - start) / 1000;
    const wanted = 8 * content.length / (2 * KIB * KIB);
    assert(seconds > wanted / 1.05 - 0.15, `${seconds} s for what takes ${wanted} s`);
    await admin(server, "user", "limit", "alice", "--rate-up", "none");
  });

  await t.step("a ban ends connections within moments, and is lifted as soon", async () => {
    using client = await RawClient.login(server, "admin", server.password);
    const closed = client.reply();
    await admin(server, "ban", "127.0.0.0/8", "--for", "1h", "--reason", "test");
    assertMatch(await admin(server, "bans"), /127\.0\.0\.0\/8 .* test/);
    const start = performance.now();
    assertNotEquals((await closed.catch(() => null))?.status, "OK");
    assert(performance.now() - start < 10_000);
    await until("no worker serves", () => areServed(server, false));
    await admin(server, "unban", "127.0.0.0/8");
    await until("both workers serve", () => areServed(server, true));
  });

  await t.step("an account logs in from its networks alone", async () => {
    using open = await RawClient.login(server, "alice", PASSWORD);
    const closed = open.reply();
    await admin(server, "user", "limit", "alice", "--allow-ip", "192.0.2.0/24,2001:db8::/32");
    await closed.catch(() => null);
    const client = new WebClient(server.info.web!.port, server.caText);
    try {
      const statuses = async () => {
        using stranger = await RawClient.connect(server);
        const native = (await stranger.ask("AUTH", { username: "alice", password: PASSWORD }))
          ?.status;
        const web = [`Bearer ${token}`, basic("alice", PASSWORD)].map(async (credential) =>
          (await new WebProgram(client, credential).ask("/account")).status
        );
        return [native, ...await Promise.all(web)].join();
      };
      await until("all is refused", async () => await statuses() === "AUTH_FAILED,401,401");
      await admin(server, "user", "limit", "alice", "--allow-ip", "default");
      await until("all is let in", async () => await statuses() === "AUTH_SUCCESS,200,200");
    } finally {
      client.close();
    }
  });

  await t.step("SIGHUP reads the configuration again", async () => {
    configure({ "deny-ip": ["127.0.0.0/8"] });
    server.kill("SIGHUP");
    await until("no worker serves", () => areServed(server, false));
    configure({ "deny-ip": "nonsense" });
    server.kill("SIGHUP");
    await until("the fault is logged", () => server.stderr.includes("The limits were not changed"));
    assertEquals(await isServed(server), false);
    configure({});
    server.kill("SIGHUP");
    await until("both workers serve", () => areServed(server, true));
  });
  Deno.removeSync(config);
});
