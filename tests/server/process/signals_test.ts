import { delay } from "@std/async";
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertNotEquals, assertNotMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { RawClient } from "../../support/raw_client.ts";
import { shownNames, until } from "../../support/certificate.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** A connection in the middle of an upload. */
async function uploading(server: TestServer): Promise<RawClient> {
  const client = await RawClient.login(server, "admin", server.password);
  const first = await client.ask("UPLOAD", { filename: "/big.bin", file_size: 1_000_000 });
  assertEquals(first.code, 150);
  await client.data(new Uint8Array(100_000));
  return client;
}

Deno.test("SIGTERM and SIGINT stop cleanly: exit 0, server.json gone", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using server = await startServer();
    server.kill(signal);
    assertEquals(await server.ended(), 0);
    assert(!existsSync(join(server.data, "server.json")));
    assertMatch(server.stderr, /Stopped/);
    assertNotMatch(server.stderr, /ERROR|FATAL|WARN/);
  }
});

Deno.test("at a stop a transfer may finish, while no new session begins", async () => {
  await using server = await startServer();
  using client = await uploading(server);
  server.kill("SIGTERM");
  // The second signal of one Ctrl-C.
  server.kill("SIGINT");
  await until(async () => {
    try {
      (await RawClient.connect(server)).close();
      return false;
    } catch {
      return true;
    }
  }, "the port closes");
  await client.data(new Uint8Array(900_000));
  await client.send("END", {});
  const reply = await client.reply();
  assertEquals(reply?.code, 226, JSON.stringify(reply));
  client.close();
  assertEquals(await server.ended(), 0);
});

Deno.test("a second signal exits at once, and unfinished uploads can be resumed", async () => {
  await using server = await startServer();
  using client = await uploading(server);
  server.kill("SIGTERM");
  // Only later than 500 ms is it a second one.
  await delay(700);
  const before = performance.now();
  server.kill("SIGTERM");
  assertNotEquals(await server.ended(), 0);
  assert(performance.now() - before < 3000);
  assert(!existsSync(join(server.data, "server.json")));
  client.close();
  await server.restart();
  using again = await RawClient.login(server, "admin", server.password);
  const { parts } = (await again.ask("PARTS")).data as { parts: unknown[] };
  assertEquals(parts.length, 1);
});

Deno.test({
  name: "SIGHUP drops none of the connections that come in at that moment",
  // A name space of its own, in which the kernel is set to hand over what a closed listener holds.
  ignore: Deno.uid() !== 0,
  async fn() {
    const { code, stderr } = await new Deno.Command("unshare", {
      args: [
        "--net",
        "sh",
        "-c",
        'ip link set lo up && sysctl -qw net.ipv4.tcp_migrate_req=1 && exec "$@"',
        "sh",
        Deno.execPath(),
        "run",
        "--quiet",
        "--allow-all",
        join(import.meta.dirname!, "reload_program.ts"),
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  },
});

Deno.test("SIGHUP takes another certificate and drops no connection", async () => {
  const directory = Deno.makeTempDirSync();
  const files = { cert: join(directory, "c.pem"), key: join(directory, "k.pem") };
  const authority = await makeAuthority();
  const install = async (name: string) => {
    const leaf = await makeLeaf(authority, ["127.0.0.1", name]);
    Deno.writeTextFileSync(files.cert, leaf.cert + authority.cert);
    Deno.writeTextFileSync(files.key, leaf.key);
  };
  try {
    await install("one.example");
    await using server = await startServer({ args: ["--cert", files.cert, "--key", files.key] });
    assertEquals(server.info.ca, null);
    const trusted = { port: server.port, caText: authority.cert };
    using client = await RawClient.login(trusted, "admin", server.password);
    assertMatch(await shownNames(server), /one\.example/);

    await install("two.example");
    server.kill("SIGHUP");
    await until(async () => /two\.example/.test(await shownNames(server)), "the new certificate");
    assertEquals((await client.upload("/a.txt", "still here")).code, 226);

    // A certificate that is none changes nothing.
    Deno.writeTextFileSync(files.cert, "garbage");
    server.kill("SIGHUP");
    await until(() => /certificate was not changed/.test(server.stderr), "the refusal");
    assertMatch(await shownNames(server), /two\.example/);
    assertEquals((await client.ask("NOOP")).status, "OK");
    client.close();
    assertEquals(await server.stop(), 0);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
