/**
 * Doors, addresses and the limits file on the real server with two workers and all doors; and the
 * exact number of sessions and requests with clients in parallel.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FtpClient } from "../../support/ftp_client.ts";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { runServer, startServer, type TestServer } from "../../support/server.ts";
import { adminBeside } from "../../support/server_admin.ts";
import { WebClient } from "../../support/web.ts";
import { basic } from "../../support/web_program.ts";

const PASSWORD = "correct horse";
const DOORS = ["native", "ftp", "web", "api", "tus"] as const;
type Door = (typeof DOORS)[number];

/** A server with `alice` and a token of hers. */
interface World {
  readonly server: TestServer;
  readonly token: string;
}

/** Whether `alice` gets in by a door; by a token where it takes one. */
async function mayUse({ server, token }: World, door: Door): Promise<boolean> {
  if (door === "native") {
    try {
      using client = await RawClient.connect(server);
      return (await client.ask("AUTH", { token }))?.status === "AUTH_SUCCESS";
    } catch {
      return false; // closed before TLS
    }
  }
  if (door === "ftp") {
    const target = { port: server.info.ftp!.port, caText: server.caText };
    const client = await FtpClient.login(target, "alice", PASSWORD).catch(() => undefined);
    client?.close();
    return client !== undefined;
  }
  const client = new WebClient(server.info.web!.port, server.caText);
  const statusOf = async (path: string, request: Parameters<WebClient["fetch"]>[1]) => {
    const reply = await client.fetch(path, request);
    await reply.body?.cancel();
    return reply.status;
  };
  try {
    if (door === "web") {
      const form = { username: "alice", password: PASSWORD, next: "/" };
      return await statusOf("/sign-in", { form }) === 303;
    }
    const headers = { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0" };
    const [path, status] = door === "api" ? ["/api/v1/account", 200] : ["/tus/none", 404];
    return await statusOf(path as string, { headers }) === status;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

/** By which of some doors `alice` gets in. */
async function open(world: World, doors: readonly Door[] = DOORS): Promise<string> {
  const found: string[] = [];
  for (const door of doors) if (await mayUse(world, door)) found.push(door);
  return found.join();
}

/** Doors whose refusals count as no failed login: many of these would bar the address. */
const FREE_DOORS: readonly Door[] = ["native", "api", "tus"];

/** Waits until both workers let `alice` in by these doors and by no other. */
async function settles(world: World, wanted: string): Promise<void> {
  const isFree = (door: string) => FREE_DOORS.some((free) => free === door);
  const free = wanted.split(",").filter(isFree).join();
  await until(`the doors are ${wanted || "none"}`, async () => {
    // Enough connections that each worker has some.
    for (let i = 0; i < 6; i++) if (await open(world, FREE_DOORS) !== free) return false;
    return true;
  });
  assertEquals(await open(world), wanted);
}

/** The status of a request of the HTTP API on a connection of its own. */
async function askApi(server: TestServer, username = "alice"): Promise<number> {
  const client = new WebClient(server.info.web!.port, server.caText);
  try {
    const reply = await client.fetch("/api/v1/account", {
      headers: { authorization: basic(username, PASSWORD) },
    });
    await reply.body?.cancel();
    return reply.status;
  } finally {
    client.close();
  }
}

const ALL = DOORS.join();

Deno.test("doors, addresses and the limits file, changed while the server runs", async (t) => {
  const file = Deno.makeTempFileSync({ suffix: ".json" });
  const write = (limits: unknown) => Deno.writeTextFileSync(file, JSON.stringify(limits));
  write({});
  const args = ["--workers", "2", "--limits", file];
  await using server = await startServer({ web: true, ftp: true, args });
  using root = await RawClient.login(server, "admin", server.password);
  is(await root.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
  using alice = await RawClient.login(server, "alice", PASSWORD);
  const world = { server, token: String(is(await alice.ask("TOKEN"), "OK").token) };

  await t.step("an account has its doors, and its sessions at others end", async () => {
    assertEquals(await open(world), ALL);
    const shown = await adminBeside(server, "user", "limit", "alice", "--doors", "web, ftp");
    assertMatch(shown, /^Doors +ftp, web$/m);
    await settles(world, "ftp,web");
    assertEquals(await alice.reply(), null); // its connection was closed
    is(await root.ask("NOOP"), "OK");
    is(await root.ask("LIMITS", { username: "alice", doors: ["native", "tus"] }), "OK");
    await settles(world, "native,tus");
    is(await root.ask("LIMITS", { username: "alice", doors: [] }), "OK");
    await settles(world, "");
    is(await root.ask("LIMITS", { username: "alice", doors: "default" }), "OK");
    await settles(world, ALL);
  });

  await t.step("an address has its doors, requests and connections", async () => {
    const set = (network: string, limits: object) =>
      root.ask("NETLIMIT", { network, ...limits }).then((reply) => is(reply, "OK"));
    await set("any", { doors: ["native", "api"] });
    await settles(world, "native,api");
    await set("127.0.0.0/8", { doors: ["native", "ftp", "tus"] }); // the narrower one
    await settles(world, "native,ftp,tus");
    await adminBeside(server, "limit", "127.0.0.0/8", "--doors", "all");
    await settles(world, ALL);
    assertMatch(await adminBeside(server, "limits"), /^127\.0\.0\.0\/8 +doors all$/m);
    for (const network of ["any", "127.0.0.0/8"]) await set(network, { doors: "default" });
    assertEquals(is(await root.ask("NETLIMITS"), "OK").networks, []);
  });

  await t.step("the limits file is read at SIGHUP, and the catalog goes before it", async () => {
    write({ accounts: { alice: { doors: "api" } }, addresses: { any: { doors: "api,native" } } });
    server.kill("SIGHUP");
    await settles(world, "api");
    is(await root.ask("LIMITS", { username: "alice", doors: ["native", "ftp"] }), "OK");
    await settles(world, "native");
    write({ accounts: { alice: { dors: "api" } } });
    server.kill("SIGHUP");
    await until(
      "the fault is named",
      () => server.stderr.includes('Unknown key "dors" of "alice"'),
    );
    assertMatch(
      server.stderr,
      /The limits were not changed: Unknown key "dors" of "alice" in the /,
    );
    assertEquals(await open(world), "native");
    write({});
    server.kill("SIGHUP");
    await settles(world, "native,ftp");
    is(await root.ask("LIMITS", { username: "alice", doors: "default" }), "OK");
    await settles(world, ALL);
  });

  await t.step("clients in parallel get exactly the connections of their account", async () => {
    await adminBeside(server, "user", "limit", "alice", "--connections", "5");
    const target = { port: server.info.ftp!.port, caText: server.caText };
    const attempt = async (index: number): Promise<{ close(): void } | undefined> => {
      if (index % 2 === 0) return await FtpClient.login(target, "alice").catch(() => undefined);
      const client = await RawClient.connect(server);
      const login = { username: "alice", password: PASSWORD };
      if ((await client.ask("AUTH", login))?.status === "AUTH_SUCCESS") {
        return { close: () => client[Symbol.dispose]() };
      }
      client[Symbol.dispose]();
    };
    const crowd = async () => {
      const clients = await Promise.all(Array.from({ length: 14 }, (_, index) => attempt(index)));
      const served = clients.filter((client) => client !== undefined);
      const status = served.length < 5 ? 429 : await askApi(server); // all places are taken
      for (const client of served) client.close();
      return { served: served.length, status };
    };
    await until("the workers know it", async () => (await crowd()).served <= 5);
    for (let round = 0; round < 3; round++) {
      await until("all places are given, and no more", async () => {
        const { served, status } = await crowd();
        assert(served <= 5, `${served} connections`);
        assertEquals(status, 429);
        return served === 5;
      });
    }
    await adminBeside(server, "user", "limit", "alice", "--connections", "default");
    await until("it is lifted", async () => (await crowd()).served === 14);
  });

  await t.step("clients in parallel get exactly the requests of their account", async () => {
    const perMinute = 30; // one comes back every 2 s
    is(await root.ask("ADDU", { username: "bob", password: PASSWORD }), "OK");
    const target = { port: server.info.ftp!.port, caText: server.caText };
    const ftps = await Promise.all([0, 1].map(() => FtpClient.login(target, "bob")));
    const natives = await Promise.all([0, 1].map(() => RawClient.login(server, "bob", PASSWORD)));
    await adminBeside(server, "user", "limit", "bob", "--requests", String(perMinute));
    // A worker that follows the second change follows the first one, and bob has asked for nothing.
    is(await root.ask("LIMITS", { username: "alice", doors: ["ftp"] }), "OK");
    await until("the workers know it", async () => {
      for (let i = 0; i < 8; i++) if (await mayUse(world, "native")) return false;
      return true;
    });
    let served = 0;
    const startMs = performance.now();
    /** Asks until it is refused twice. */
    const ask = async (once: () => Promise<boolean>) => {
      for (let refused = 0; refused < 2 && served < 10 * perMinute;) {
        if (await once()) served++;
        else refused++;
      }
    };
    await Promise.all([
      ...natives.map((client) => ask(async () => (await client.ask("NOOP")).status === "OK")),
      ...ftps.map((client) => ask(async () => (await client.ask("NOOP")).code === 200)),
      ask(async () => await askApi(server, "bob") === 200),
    ]);
    const back = Math.ceil((performance.now() - startMs) / 2000);
    assert(served >= perMinute && served <= perMinute + back, `${served}, ${back} came back`);
    for (const client of natives) client[Symbol.dispose]();
    for (const client of ftps) client.close();
  });
  Deno.removeSync(file);
});

Deno.test("a wrong limits file ends the start with one sentence", async () => {
  const file = Deno.makeTempFileSync({ suffix: ".json" });
  Deno.writeTextFileSync(file, '{"addresses": {"any": {"rate": "much"}}}');
  const { code, stderr } = await runServer([
    "--limits",
    file,
    "--data",
    `${file}.d`,
    "--port",
    "0",
  ]);
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^[^\n]*"rate" of "any" in the limits file \S+ is "much" but must be [^\n]*\n$/,
  );
  Deno.removeSync(file);
});
