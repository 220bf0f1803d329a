/** Makes an authority and certificates signed by it. Loaded only when one is made: it is large. */
import * as x509 from "@peculiar/x509";
import { isIP } from "node:net";

/** A certificate in PEM with its private key. */
export interface Leaf {
  cert: string;
  key: string;
}
/** An authority: a certificate in PEM with its private key. */
export type Authority = Leaf;

const DAY_MS = 86_400_000;
/** Clients keep the authority: it must outlive every leaf. */
const AUTHORITY_MS = 20 * 365 * DAY_MS;
/** The longest that widespread TLS libraries accept. */
const LEAF_MS = 397 * DAY_MS;
/** Clocks of clients may be behind. */
const EARLIER_MS = DAY_MS;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const { KeyUsageFlags } = x509;

async function makeKeys(): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return keys as CryptoKeyPair;
}

async function toPem(key: CryptoKey): Promise<string> {
  const bytes = await crypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(bytes, "PRIVATE KEY") + "\n";
}

function span(ms: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - EARLIER_MS), notAfter: new Date(Date.now() + ms) };
}

function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0]! &= 0x7f;
  return bytes.toHex();
}

/** Makes an authority that may sign leaves and nothing else. */
export async function makeAuthority(): Promise<Authority> {
  const keys = await makeKeys();
  // The serial number keeps two authorities apart in a client that trusts both.
  const serial = serialNumber();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name: `CN=Towpath authority ${serial.slice(-8)}`,
    ...span(AUTHORITY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await toPem(keys.privateKey) };
}

/** Makes a server's certificate for names and addresses. */
export async function makeLeaf(authority: Authority, names: readonly string[]): Promise<Leaf> {
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.key),
    ALGORITHM,
    false,
    ["sign"],
  );
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=Towpath server",
    issuer: issuer.subject,
    ...span(LEAF_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? "ip" as const : "dns" as const, value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await toPem(keys.privateKey) };
}
