// A throw-away authority and a certificate for 127.0.0.1, for the ceiling and the peers.

import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** Writes ca.pem, cert.pem and key.pem into a directory and returns their paths. */
export async function makeCertificate(
  dir: string,
): Promise<{ ca: string; cert: string; key: string }> {
  const [authorityKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const validity = {
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
  };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=Towpath bench authority",
    keys: authorityKeys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  // rustls refuses an authority's own certificate as a server's, so the server gets one of its own.
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    subject: "CN=localhost",
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
    ],
  });
  const paths = { ca: `${dir}/ca.pem`, cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  await Deno.writeTextFile(paths.ca, authority.toString("pem"));
  await Deno.writeTextFile(paths.cert, `${leaf.toString("pem")}\n${authority.toString("pem")}\n`);
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const lines = new Uint8Array(key).toBase64().match(/.{1,64}/g)!.join("\n");
  await Deno.writeTextFile(
    paths.key,
    `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    { mode: 0o600 },
  );
  return paths;
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
