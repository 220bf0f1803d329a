// Certificates that are lost, expire and change, on the real server.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import { until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer, type TestServer } from "../support/server.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { makeAuthority, makeLeaf } from "../../server/certificates/make_certificates.ts";
import { terminalWith } from "../support/admin.ts";

const DAY_MS = 86_400_000;

async function ask(server: TestServer, path: string, caText = server.caText): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [caText] });
  const reply = await fetch(`https://localhost:${server.info.web!.port}${path}`, { client });
  return await reply.text();
}

/** Runs an `admin` command with `--json`. */
async function admin(data: string, ...args: string[]): Promise<Record<string, unknown>> {
  const from = { args: [...args, "--json", "--data", data], variable: () => undefined };
  const { stdout } = await runAdmin({ ...from, directory: data }, terminalWith(""));
  return JSON.parse(stdout);
}

Deno.test("a lost authority key is reported, never replaced, and renewed knowingly", async () => {
  await using server = await startServer({ web: true });
  const ca = server.caText;
  assertMatch(await ask(server, "/healthz"), /^ok\n/);
  await server.stop();
  Deno.removeSync(join(server.data, "tls", "ca.key"));
  await server.start();
  assertEquals(server.caText, ca);
  assertMatch(await ask(server, "/healthz"), /^degraded\ncertificate: .*ca\.key is missing/);
  assertMatch(await ask(server, "/metrics"), /^towpath_trouble\{part="certificate"\} 1$/m);
  assertMatch(String((await admin(server.data, "status")).certificate_trouble), /ca\.key/);
  assertMatch(server.stderr, /Trouble with the certificate: .*renew-authority/);
  await server.stop();

  const refused = await runServer(["--data", server.data, "--port", "0", "--name", "new.example"]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /ca\.key is missing.*restore tls\/ .*renew-authority/);
  assertEquals(server.caText, ca);

  await server.start();
  const renewed = await admin(server.data, "tls", "renew-authority");
  assertEquals(renewed.running, true);
  assertMatch(String(renewed.fingerprint), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assertNotEquals(server.caText, ca);
  for (const { name } of Deno.readDirSync(join(server.data, "tls"))) {
    assertEquals(Deno.statSync(join(server.data, "tls", name)).mode! & 0o777, 0o600, name);
  }
  assertMatch(await ask(server, "/healthz", ca), /^degraded/); // until it is reported
  server.kill("SIGHUP");
  await until("the new authority", async () => {
    return /^ok\n/.test(await ask(server, "/healthz").catch(() => ""));
  });
  using client = await RawClient.login(server, "admin", server.password);
  assertEquals((await client.ask("NOOP")).status, "OK");
});

Deno.test("an emptied tls/ is refused, and a new authority made knowingly", async () => {
  await using server = await startServer();
  await server.stop();
  Deno.removeSync(join(server.data, "tls"), { recursive: true });
  const refused = await runServer(["--data", server.data, "--port", "0"]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /ca\.pem is missing.*restore tls\/ .*renew-authority/);
  await admin(server.data, "tls", "renew-authority");
  await server.start();
  using client = await RawClient.login(server, "admin", server.password);
  assertEquals((await client.ask("NOOP")).status, "OK");
});

Deno.test("a server that was given certificates makes an authority when it is not any more", async () => {
  await using other = await startServer();
  const tls = (name: string) => join(other.data, "tls", name);
  const data = join(Deno.makeTempDirSync(), "data");
  const args = ["--cert", tls("server.pem"), "--key", tls("server.key")];
  try {
    {
      await using server = await startServer({ data, args });
      await server.stop();
    }
    await using server = await startServer({ data });
    assertMatch(server.caText, /BEGIN CERTIFICATE/);
  } finally {
    Deno.removeSync(join(data, ".."), { recursive: true });
  }
});

Deno.test("the served certificate is reported: expired, soon over, without a chain", async () => {
  const directory = Deno.makeTempDirSync();
  const files = { cert: join(directory, "c.pem"), key: join(directory, "k.pem") };
  const authority = await makeAuthority();
  const install = async (leftMs: number, chain = authority.cert) => {
    const realNow = Date.now;
    try {
      Date.now = () => realNow() - 397 * DAY_MS + leftMs;
      const leaf = await makeLeaf(authority, ["localhost", "127.0.0.1"]);
      Deno.writeTextFileSync(files.cert, leaf.cert + chain);
      Deno.writeTextFileSync(files.key, leaf.key);
    } finally {
      Date.now = realNow;
    }
  };
  try {
    await install(-DAY_MS);
    const args = ["--cert", files.cert, "--key", files.key];
    await using server = await startServer({ web: true, args });
    assertMatch(server.stderr, /Trouble with the certificate: it ended on /);
    const status = await admin(server.data, "status");
    assertMatch(String(status.certificate_trouble), /^it ended on /);
    assert(Number(status.certificate_expires) < Date.now());

    const reports = async (leftMs: number, chain: string, health: RegExp) => {
      await install(leftMs, chain);
      server.kill("SIGHUP");
      await until(String(health), async () => {
        return health.test(await ask(server, "/healthz", authority.cert).catch(() => ""));
      });
      const { certificate_expires: end } = await admin(server.data, "status");
      const seconds = Math.round(Number(end) / 1000);
      assert(Math.abs(Number(end) - Date.now() - leftMs) < 60_000);
      const metrics = await ask(server, "/metrics", authority.cert);
      assert(metrics.includes(`\ntowpath_certificate_end_seconds ${seconds}\n`), metrics);
    };
    await reports(20 * DAY_MS, authority.cert, /^degraded\ncertificate: it ends on .* 19 days/);
    await reports(90 * DAY_MS, "", /^degraded\ncertificate: the file holds no certificate of its/);
    await reports(90 * DAY_MS, authority.cert, /^ok\n/);

    const refuses = async (file: string, text: string, why: RegExp) => {
      const before = Deno.readTextFileSync(file);
      Deno.writeTextFileSync(file, text);
      server.kill("SIGHUP");
      await until(String(why), async () => {
        const health = await ask(server, "/healthz", authority.cert);
        return health.startsWith("degraded\ncertificate: the one from before") && why.test(health);
      });
      assertMatch(String((await admin(server.data, "status")).certificate_trouble), why);
      Deno.writeTextFileSync(file, before);
      const [arg, place] = file === files.cert ? ["--key", files.key] : ["--cert", files.cert];
      Deno.writeTextFileSync(`${file}.bad`, text);
      const given = [file === files.cert ? "--cert" : "--key", `${file}.bad`, arg!, place!];
      const start = await runServer(["--data", join(directory, "other"), "--port", "0", ...given]);
      assertEquals(start.code, 1);
      assertMatch(start.stderr, why);
    };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = { type: "pkcs8", format: "pem" } as const;
    const other = privateKey.export(pem).toString();
    await refuses(files.key, other, /The key in \S+ does not belong to the first certificate in /);
    const encrypted = privateKey.export({ ...pem, cipher: "aes-256-cbc", passphrase: "secret" });
    await refuses(files.key, encrypted.toString(), /The key in \S+ is encrypted: keep it without/);
    await refuses(files.key, "nothing", /\S+ holds no private key in PEM: give --key/);
    await refuses(
      files.cert,
      "nothing",
      /The certificate in \S+ cannot be used: .* whole certificate/,
    );
    await reports(90 * DAY_MS, authority.cert, /^ok\n/);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
