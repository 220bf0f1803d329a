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
const LEAF_MS = 397 * DAY_MS;
/**
 * How long before now certificates begin: clocks of clients may be behind, and this machine's may
 * be a year ahead at one start. A leaf's whole time stays below the 825 days that clients accept
 * of an authority of their own.
 */
const EARLIER_MS = 400 * DAY_MS;

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

/** From before now to `ms` after it, no longer than `latest`. */
function span(ms: number, latest?: Date): { notBefore: Date; notAfter: Date } {
  const end = Date.now() + ms;
  return {
    notBefore: new Date(Date.now() - EARLIER_MS),
    notAfter: latest === undefined ? new Date(end) : new Date(Math.min(end, latest.getTime())),
  };
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
    ...span(LEAF_MS, issuer.notAfter),
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
