import { join } from "@std/path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { assertErrorWhere } from "../../support/errors.ts";
import { X509Certificate } from "node:crypto";
import { certificateState } from "../../../server/certificates/certificate_state.ts";
import {
  type CertificateSource,
  loadCertificate,
} from "../../../server/certificates/certificates.ts";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";

async function inDirectory(run: (source: CertificateSource) => Promise<void>): Promise<void> {
  const data = Deno.makeTempDirSync();
  try {
    await run({ data, given: null, names: [], hadAuthority: false });
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
    assert(await shakesHands(made, caText, "localhost"));
    assert(await shakesHands(made, caText, "127.0.0.1"));

    const leaf = new X509Certificate(made.cert);
    for (const name of ["localhost", "files.example.org"]) assert(leaf.checkHost(name), name);
    for (const address of ["127.0.0.1", "::1", "10.9.8.7"]) {
      assert(leaf.checkIP(address), address);
    }
    assertEquals(leaf.ca, false);
    assert(made.cert.includes(caText.trim()), "the authority is part of the chain");

    const again = await loadCertificate({ ...source, names: ["10.9.8.7"] });
    assertStrictEquals(again.cert, made.cert);
    for (const name of ["ca.pem", "ca.key", "server.pem", "server.key"]) {
      const mode = Deno.statSync(join(source.data, "tls", name)).mode! & 0o777;
      assertEquals(mode, 0o600, name);
    }
  });
});

Deno.test("a missing name makes a new leaf of the same authority", async () => {
  await inDirectory(async (source) => {
    const before = await loadCertificate(source);
    const ca = Deno.readTextFileSync(before.caFile!);
    const after = await loadCertificate({ ...source, names: ["new.example.org"] });
    assertNotStrictEquals(after.cert, before.cert);
    assertStrictEquals(Deno.readTextFileSync(before.caFile!), ca);
    assert(await shakesHands(after, ca, "localhost"));
  });
});

Deno.test("a lost or torn file is made again", async () => {
  await inDirectory(async (source) => {
    const before = await loadCertificate(source);
    Deno.writeTextFileSync(join(source.data, "tls", "server.key"), "-----BEGIN");
    const after = await loadCertificate(source);
    assertNotStrictEquals(after.cert, before.cert);
    assert(await shakesHands(after, Deno.readTextFileSync(after.caFile!), "localhost"));
  });
});

Deno.test("a given certificate is read; files that are not a pair are refused in one sentence", async () => {
  await inDirectory(async (source) => {
    const made = await loadCertificate(source);
    const tls = (name: string) => join(source.data, "tls", name);
    const given = { cert: tls("server.pem"), key: tls("server.key") };
    const read = await loadCertificate({ ...source, given });
    assertEquals(read, { cert: made.cert, key: made.key, caFile: null });

    const faults = [
      { cert: tls("server.pem"), key: tls("ca.key") },
      { cert: tls("server.key"), key: tls("server.key") },
      { cert: tls("missing.pem"), key: tls("server.key") },
    ];
    for (const fault of faults) {
      assertErrorWhere(
        await assertRejects(() => loadCertificate({ ...source, given: fault })),
        (error: Error) => {
          assertEquals((error as Error & { exitCode: number }).exitCode, 1);
          return error.message.includes(fault.cert) && !error.message.includes("\n");
        },
      );
    }
  });
});

Deno.test("an authority that is lost is never replaced by a start", async (t) => {
  const faults: Record<string, (tls: (name: string) => string) => void> = {
    "its certificate is gone": (tls) => Deno.removeSync(tls("ca.pem")),
    "certificate and key are gone": (tls) => {
      Deno.removeSync(tls("ca.pem"));
      Deno.removeSync(tls("ca.key"));
    },
    "all but the leaf's certificate is gone": (tls) => {
      for (const name of ["ca.pem", "ca.key", "server.key"]) Deno.removeSync(tls(name));
    },
    "key and leaf are gone": (tls) => {
      for (const name of ["ca.key", "server.pem", "server.key"]) Deno.removeSync(tls(name));
    },
    "its certificate is torn": (tls) => Deno.writeTextFileSync(tls("ca.pem"), "-----BEGIN"),
    "the key is the leaf's, and the leaf is torn": (tls) => {
      Deno.copyFileSync(tls("server.key"), tls("ca.key"));
      Deno.writeTextFileSync(tls("server.pem"), "");
    },
  };
  for (const [name, damage] of Object.entries(faults)) {
    await t.step(name, () =>
      inDirectory(async (source) => {
        await loadCertificate(source);
        const directory = join(source.data, "tls");
        damage((file) => join(directory, file));
        const before = contents(directory);
        assertMatch(
          String(await assertRejects(() => loadCertificate(source))),
          /The authority's .*: restore tls\/ from a backup, or run "deno task admin tls renew-authority"/,
        );
        assertEquals(contents(directory), before);
      }));
  }
});

Deno.test("an emptied tls/ is no first start where there was an authority", async (t) => {
  for (const kept of [[], ["server.key"], ["server.key", "ca.key"]]) {
    await t.step(kept.join(" and ") || "nothing", () =>
      inDirectory(async (source) => {
        await loadCertificate(source);
        const directory = join(source.data, "tls");
        for (const { name } of Deno.readDirSync(directory)) {
          if (!kept.includes(name)) Deno.removeSync(join(directory, name));
        }
        assertMatch(
          String(await assertRejects(() => loadCertificate({ ...source, hadAuthority: true }))),
          /The authority's .*: restore tls\/ from a backup, or run "deno task admin tls renew-authority"/,
        );
      }));
  }
});

function contents(directory: string): Record<string, string> {
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(join(directory, name))]),
  );
}

Deno.test("without the authority's key a good leaf is served, and the loss is reported", async () => {
  await inDirectory(async (source) => {
    const before = await loadCertificate(source);
    assertEquals(before.trouble, undefined);
    Deno.removeSync(join(source.data, "tls", "ca.key"));
    const after = await loadCertificate(source);
    assertStrictEquals(after.cert, before.cert);
    assertMatch(after.trouble!, /key .*ca\.key is missing.*renew-authority/);
    assertMatch(
      String(await assertRejects(() => loadCertificate({ ...source, names: ["new.example"] }))),
      /ca\.key/,
    );
  });
});

Deno.test("an authority near its end stays, and so does a leaf that ends with it", async () => {
  await inDirectory(async (source) => {
    const realNow = Date.now;
    try {
      Date.now = () => realNow() - (20 * 365 - 10) * 86_400_000;
      await loadCertificate(source);
    } finally {
      Date.now = realNow;
    }
    const ca = Deno.readTextFileSync(join(source.data, "tls", "ca.pem"));
    const first = await loadCertificate(source);
    assertStrictEquals(Deno.readTextFileSync(first.caFile!), ca);
    assertMatch(first.trouble!, /authority ends on .*renew-authority/);
    assertStrictEquals((await loadCertificate(source)).cert, first.cert);
  });
});

Deno.test("a first start that was cut before it had an authority begins again", async () => {
  await inDirectory(async (source) => {
    await loadCertificate(source);
    const tls = (name: string) => join(source.data, "tls", name);
    for (const name of ["ca.pem", "server.pem", "server.key"]) Deno.removeSync(tls(name));
    const made = await loadCertificate(source);
    assert(await shakesHands(made, Deno.readTextFileSync(made.caFile!), "localhost"));
  });
});

Deno.test("a clock that is a year wrong at one start makes certificates that are valid", async () => {
  for (const days of [365, -365]) {
    await inDirectory(async (source) => {
      const realNow = Date.now;
      try {
        Date.now = () => realNow() + days * 86_400_000;
        await loadCertificate(source);
      } finally {
        Date.now = realNow;
      }
      const { cert, caFile } = await loadCertificate(source);
      assertEquals(certificateState(cert).trouble, null, `${days} days`);
      for (const pem of [cert, Deno.readTextFileSync(caFile!)]) {
        assert(Date.parse(new X509Certificate(pem).validFrom) < Date.now() - 86_400_000);
      }
    });
  }
});

Deno.test("the fault of a certificate is reported in one clause", async () => {
  const authority = await makeAuthority();
  const { cert } = await makeLeaf(authority, ["localhost"]);
  const chain = cert + authority.cert;
  const { fromMs, endMs, trouble } = certificateState(chain);
  assertEquals(trouble, null);
  const at = (ms: number) => certificateState(chain, ms).trouble ?? "";
  assertMatch(at(endMs + 1), /^it ended on /);
  assertMatch(at(fromMs - 1), /^it begins on .*check the clock/);
  assertMatch(at(endMs - 29.5 * 86_400_000), /^it ends on .*, in 29 days/);
  assertEquals(at(endMs - 31 * 86_400_000), "");
  assertMatch(certificateState(cert).trouble!, /no certificate of its issuer/);
  const other = await makeAuthority();
  assertMatch(certificateState(cert + other.cert).trouble!, /did not issue the one before/);
});
