// Output and pages of a server about its certificate when it listens at every address.
import { X509Certificate } from "node:crypto";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { diskTest } from "../../support/engine.ts";
import { startServer } from "../../support/server.ts";

// A server of several nodes makes no certificate.
diskTest(
  "at every address, the certificate has the machine's names, and the banner and /trust say how to trust it",
  async () => {
    await using server = await startServer({ web: true, args: ["--host", "0.0.0.0"] });
    const leaf = new X509Certificate(Deno.readTextFileSync(`${server.data}/tls/server.pem`));
    const addresses = Deno.networkInterfaces().map(({ address }) => address)
      .filter((address) => !/^(127\.|169\.254\.|::1$|fe80:)/i.test(address));
    for (const address of addresses.slice(0, 32)) assert(leaf.checkIP(address), address);
    if (/^[a-z0-9.-]+$/i.test(Deno.hostname())) assert(leaf.checkHost(Deno.hostname()));

    const { fingerprint256 } = new X509Certificate(server.caText);
    const webPort = server.info.web!.port;
    using client = Deno.createHttpClient({ caCerts: [server.caText] });
    const get = async (path: string) => {
      const response = await fetch(`https://localhost:${webPort}${path}`, { client });
      return { status: response.status, text: await response.text() };
    };
    const page = await get("/trust");
    assertEquals(page.status, 200);
    assert(page.text.includes(fingerprint256), page.text);
    const file = await get("/trust/ca.crt");
    assertEquals(new X509Certificate(file.text).fingerprint256, fingerprint256);

    assertEquals(await server.stop(), 0); // everything printed has been read
    const { stdout } = server;
    assert(stdout.includes(`  localhost:${server.port} `), stdout);
    assert(stdout.includes(`https://localhost:${webPort}/`), stdout);
    assert(stdout.includes(`SHA-256 ${fingerprint256}`), stdout);
    assertMatch(stdout, /^Certificate: localhost, 127\.0\.0\.1, ::1/m);
    assertMatch(stdout, /^ {2}deno task client list --server localhost:\d+ --user admin --ca /m);
  },
);

diskTest("a server with a certificate of others has no authority to download", async () => {
  await using maker = await startServer();
  const args = ["--cert", `${maker.data}/tls/server.pem`, "--key", `${maker.data}/tls/server.key`];
  // Without the authority at its end, as public authorities' chains come.
  const [leaf] = Deno.readTextFileSync(args[1]!).match(/-----BEGIN[^]*?-----END CERTIFICATE-----/)!;
  Deno.writeTextFileSync(`${maker.data}/leaf.pem`, leaf + "\n");
  args[1] = `${maker.data}/leaf.pem`;
  await using server = await startServer({ web: true, args });
  using client = Deno.createHttpClient({ caCerts: [maker.caText] });
  const response = await fetch(`https://localhost:${server.info.web!.port}/trust/ca.crt`, {
    client,
  });
  assertEquals(response.status, 404);
  await response.body?.cancel();
});
