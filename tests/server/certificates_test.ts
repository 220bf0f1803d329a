import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type CertificateSource, loadCertificate } from "../../server/certificates.ts";

async function inDirectory(run: (source: CertificateSource) => Promise<void>): Promise<void> {
  const data = Deno.makeTempDirSync();
  try {
    await run({ data, given: null, names: [] });
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
}

/** Whether a Deno client that trusts `caText` shakes hands with a server of this certificate. */
async function shakesHands(
  certificate: { cert: string; key: string },
  caText: string,
  hostname: string,
): Promise<boolean> {
  using listener = Deno.listenTls({ ...certificate, hostname: "localhost", port: 0 });
  const serving = listener.accept().then(async (connection) => {
    await connection.handshake().catch(() => {});
    connection.close();
  });
  try {
    const connection = await Deno.connectTls({
      hostname,
      port: listener.addr.port,
      caCerts: [caText],
    });
    await connection.handshake();
    connection.close();
    return true;
  } catch {
    return false;
  } finally {
    await serving;
  }
}

Deno.test("the certificate that is made convinces a TLS client, and lasts", async () => {
  await inDirectory(async (source) => {
    const made = await loadCertificate({ ...source, names: ["files.example.org", "10.9.8.7"] });
    const caText = Deno.readTextFileSync(made.caFile!);
    assert.ok(await shakesHands(made, caText, "localhost"));
    assert.ok(await shakesHands(made, caText, "127.0.0.1"));

    const leaf = new X509Certificate(made.cert);
    for (const name of ["localhost", "files.example.org"]) assert.ok(leaf.checkHost(name), name);
    for (const address of ["127.0.0.1", "::1", "10.9.8.7"]) {
      assert.ok(leaf.checkIP(address), address);
    }
    assert.equal(leaf.ca, false);
    assert.ok(made.cert.includes(caText.trim()), "the authority is part of the chain");

    const again = await loadCertificate({ ...source, names: ["10.9.8.7"] });
    assert.equal(again.cert, made.cert);
    for (const name of ["ca.pem", "ca.key", "server.pem", "server.key"]) {
      const mode = Deno.statSync(join(source.data, "tls", name)).mode! & 0o777;
      assert.equal(mode, 0o600, name);
    }
  });
});

Deno.test("a missing name makes a new leaf of the same authority", async () => {
  await inDirectory(async (source) => {
    const before = await loadCertificate(source);
    const ca = Deno.readTextFileSync(before.caFile!);
    const after = await loadCertificate({ ...source, names: ["new.example.org"] });
    assert.notEqual(after.cert, before.cert);
    assert.equal(Deno.readTextFileSync(before.caFile!), ca);
    assert.ok(await shakesHands(after, ca, "localhost"));
  });
});

Deno.test("a lost or torn file is made anew", async () => {
  await inDirectory(async (source) => {
    const before = await loadCertificate(source);
    Deno.writeTextFileSync(join(source.data, "tls", "server.key"), "-----BEGIN");
    const after = await loadCertificate(source);
    assert.notEqual(after.cert, before.cert);
    assert.ok(await shakesHands(after, Deno.readTextFileSync(after.caFile!), "localhost"));
  });
});

Deno.test("a given certificate is read; what is not a pair is refused in one sentence", async () => {
  await inDirectory(async (source) => {
    const made = await loadCertificate(source);
    const tls = (name: string) => join(source.data, "tls", name);
    const given = { cert: tls("server.pem"), key: tls("server.key") };
    const read = await loadCertificate({ ...source, given });
    assert.deepEqual(read, { cert: made.cert, key: made.key, caFile: null });

    const faults = [
      { cert: tls("server.pem"), key: tls("ca.key") },
      { cert: tls("server.key"), key: tls("server.key") },
      { cert: tls("missing.pem"), key: tls("server.key") },
    ];
    for (const fault of faults) {
      await assert.rejects(loadCertificate({ ...source, given: fault }), (error: Error) => {
        assert.equal((error as Error & { exitCode: number }).exitCode, 1);
        return error.message.includes(fault.cert) && !error.message.includes("\n");
      });
    }
  });
});
