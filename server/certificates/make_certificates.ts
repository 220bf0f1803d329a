/** Makes an authority and certificates signed by it (RFC 5280). */
import { X509Certificate } from "node:crypto";
import { addressBytes } from "../../common/network.ts";
import {
  bits,
  elements,
  integer,
  octets,
  oid,
  placed,
  sequence,
  set,
  tagged,
  time,
  utf8,
  yes,
} from "./der.ts";

/** A certificate in PEM with its private key. */
export interface Leaf {
  cert: string;
  key: string;
}
/** An authority: a certificate in PEM with its private key. */
export type Authority = Leaf;

type Bytes = Uint8Array<ArrayBuffer>;

/** What certificates of both kinds consist of. */
interface Content {
  serial: Bytes;
  /** Name of the issuer, in DER. */
  issuer: Bytes;
  /** Name of the owner, in DER. */
  subject: Bytes;
  notBefore: Date;
  notAfter: Date;
  publicKey: PublicKey;
  extensions: Bytes[];
}

interface PublicKey {
  /** With its algorithm, in DER. */
  readonly whole: Bytes;
  /** How certificates name it: SHA-1 of its bits. */
  readonly identifier: Bytes;
}

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
const SIGNATURE = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
const COMMON_NAME = oid("2.5.4.3");
const SERVER_AUTH = oid("1.3.6.1.5.5.7.3.1");
const EXTENSIONS = {
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;
/** Uses of a key, as strings of bits. */
const KEY_USAGE = {
  digitalSignature: bits(Uint8Array.of(0b1000_0000), 7),
  signCertificates: bits(Uint8Array.of(0b0000_0110), 1), // and lists of revoked ones
};
/** Tags of the kinds of names. */
const NAME_TAG = { dns: 2, address: 7 } as const;

/** Makes an authority that may sign leaves and nothing else. */
export async function makeAuthority(): Promise<Authority> {
  const keys = await makeKeys();
  // The serial number keeps two authorities apart in a client that trusts both.
  const serial = serialNumber();
  const name = nameOf(`Towpath authority ${serial.toHex().slice(-8)}`);
  const publicKey = await publicKeyOf(keys);
  const content: Content = {
    serial,
    issuer: name,
    subject: name,
    ...span(AUTHORITY_MS),
    publicKey,
    extensions: [
      critical("basicConstraints", sequence(yes(), integer(Uint8Array.of(0)))),
      critical("keyUsage", KEY_USAGE.signCertificates),
      extension("subjectKey", octets(publicKey.identifier)),
    ],
  };
  return { cert: await signed(content, keys.privateKey), key: await keyToPem(keys.privateKey) };
}

/** Makes a server's certificate for names and addresses. */
export async function makeLeaf(authority: Authority, names: readonly string[]): Promise<Leaf> {
  const issuer = new X509Certificate(authority.cert);
  const { subject, subjectKey } = partsOf(new Uint8Array(issuer.raw));
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    fromPem(authority.key),
    ALGORITHM,
    false,
    ["sign"],
  );
  const keys = await makeKeys();
  const publicKey = await publicKeyOf(keys);
  const content: Content = {
    serial: serialNumber(),
    issuer: subject,
    subject: nameOf("Towpath server"),
    ...span(LEAF_MS, new Date(issuer.validTo)),
    publicKey,
    extensions: [
      critical("basicConstraints", sequence()),
      critical("keyUsage", KEY_USAGE.digitalSignature),
      extension("extendedKeyUsage", sequence(SERVER_AUTH)),
      extension("subjectNames", sequence(...names.map(alternativeName))),
      ...subjectKey ? [extension("authorityKey", sequence(placed(0, subjectKey)))] : [],
      extension("subjectKey", octets(publicKey.identifier)),
    ],
  };
  return { cert: await signed(content, signingKey), key: await keyToPem(keys.privateKey) };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** From before now to `ms` after it, no longer than `latest`. */
function span(ms: number, latest?: Date): { notBefore: Date; notAfter: Date } {
  const end = Date.now() + ms;
  return {
    notBefore: new Date(Date.now() - EARLIER_MS),
    notAfter: latest === undefined ? new Date(end) : new Date(Math.min(end, latest.getTime())),
  };
}

/** Random, of one length, and neither negative nor 0. */
function serialNumber(): Bytes {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = bytes[0]! & 0x3f | 0x40;
  return bytes;
}

/** A name that consists of a common name. */
function nameOf(commonName: string): Bytes {
  return sequence(set(sequence(COMMON_NAME, utf8(commonName))));
}

/** A name or an address among the ones of a leaf. */
function alternativeName(name: string): Bytes {
  const address = addressBytes(name);
  return address === undefined
    ? placed(NAME_TAG.dns, new TextEncoder().encode(name))
    : placed(NAME_TAG.address, address);
}

function extension(name: keyof typeof EXTENSIONS, content: Bytes): Bytes {
  return sequence(oid(EXTENSIONS[name]), octets(content));
}

/** An extension that clients must understand. */
function critical(name: keyof typeof EXTENSIONS, content: Bytes): Bytes {
  return sequence(oid(EXTENSIONS[name]), yes(), octets(content));
}

async function publicKeyOf({ publicKey }: CryptoKeyPair): Promise<PublicKey> {
  const whole = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const [, key] = elements(elements(whole)[0]!.content);
  const keyBits = key!.content.subarray(1); // behind the number of unused bits
  return { whole, identifier: new Uint8Array(await crypto.subtle.digest("SHA-1", keyBits)) };
}

/** Name and identifier of the key of a certificate's owner, as it has them itself. */
function partsOf(certificate: Bytes): { subject: Bytes; subjectKey: Bytes | undefined } {
  const [content] = elements(elements(certificate)[0]!.content);
  const parts = elements(content!.content);
  // Version, serial number, algorithm, issuer, time, subject, key, and more with tags.
  const subject = parts[5]!.whole;
  const extensions = parts.find(({ tag }) => tag === tagged(3)[0]);
  const subjectKeyId = oid(EXTENSIONS.subjectKey).toHex();
  for (const { content } of extensions ? elements(elements(extensions.content)[0]!.content) : []) {
    const [id, ...others] = elements(content);
    if (id!.whole.toHex() !== subjectKeyId) continue;
    return { subject, subjectKey: elements(others.at(-1)!.content)[0]!.content };
  }
  return { subject, subjectKey: undefined };
}

async function signed(content: Content, key: CryptoKey): Promise<string> {
  const body = sequence(
    tagged(0, integer(Uint8Array.of(2))), // version 3
    integer(content.serial),
    SIGNATURE,
    content.issuer,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject,
    content.publicKey.whole,
    tagged(3, sequence(...content.extensions)),
  );
  // Both numbers of the signature, one behind the other.
  const numbers = new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, body));
  const half = numbers.length / 2;
  const signature = sequence(integer(numbers.subarray(0, half)), integer(numbers.subarray(half)));
  return toPem(sequence(body, SIGNATURE, bits(signature)), "CERTIFICATE");
}

async function keyToPem(key: CryptoKey): Promise<string> {
  return toPem(new Uint8Array(await crypto.subtle.exportKey("pkcs8", key)), "PRIVATE KEY");
}

function toPem(bytes: Bytes, label: string): string {
  const lines = bytes.toBase64().match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function fromPem(pem: string): Bytes {
  const [, base64 = ""] = /-----BEGIN [^-]+-----([^-]*)-----END/.exec(pem) ?? [];
  return Uint8Array.fromBase64(base64);
}
