/**
 * The server's certificate: given with `--cert` and `--key`, or made. What is made is an authority
 * of our own and a leaf signed by it, because TLS libraries refuse a leaf that is its own authority.
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { dirname, join } from "node:path";
import { SpaceReserve } from "../storage/space_reserve.ts";
import { makePrivateDirectory, PLACES, writePrivateFile } from "./data_directory.ts";
import { failure, messageOf } from "./options/error.ts";
import type { Authority, Leaf } from "./make_certificates.ts";

/** A certificate chain in PEM, the leaf first, with the private key of the leaf. */
export interface Certificate {
  cert: string;
  key: string;
  /** File of the authority that was made, or null where the certificate was given. */
  caFile: string | null;
}

/** Where the certificate comes from. */
export interface CertificateSource {
  data: string;
  /** `--cert` and `--key`, or null. */
  given: { cert: string; key: string } | null;
  /** Names and addresses it is to hold beside localhost. */
  names: string[];
}

/** Names that every certificate we make holds. */
const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];
/** A leaf is made anew when it ends within so long. */
const RENEW_MS = 30 * 86_400_000;

/**
 * Reads the certificate, or makes what is missing of it.
 *
 * @throws {ExitError} where it cannot be read, or key and certificate do not belong together
 */
export async function loadCertificate(source: CertificateSource): Promise<Certificate> {
  const { given, data, names } = source;
  if (given !== null) {
    const cert = readPem(given.cert);
    const key = readPem(given.key);
    checkPair(cert, key, given.cert);
    return { cert, key, caFile: null };
  }
  return await ownCertificate(join(data, PLACES.tls), [...new Set([...OWN_NAMES, ...names])]);
}

function readPem(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw failure(`The certificate file ${file} cannot be read: ${messageOf(error)}`, error);
  }
}

/** Has the TLS library itself judge the pair, on a port that nobody is told. */
function checkPair(cert: string, key: string, file: string): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (error) {
    throw failure(
      `The certificate in ${file} cannot be used with its key: ${messageOf(error)}`,
      error,
    );
  }
}

async function ownCertificate(directory: string, names: string[]): Promise<Certificate> {
  const files = {
    caCert: join(directory, "ca.pem"),
    caKey: join(directory, "ca.key"),
    cert: join(directory, "server.pem"),
    key: join(directory, "server.key"),
  };
  makePrivateDirectory(directory);
  const authority = readPair(files.caCert, files.caKey);
  const leaf = readPair(files.cert, files.key);
  if (authority && leaf && isGood(leaf, authority, names)) return { ...leaf, caFile: files.caCert };

  // A full disk is no reason not to start.
  const reserve = new SpaceReserve(dirname(directory));
  const write = (file: string, text: string) => reserve.use(() => writePrivateFile(file, text));
  // Loaded only now: the library is large, and most starts make nothing.
  const { makeAuthority, makeLeaf } = await import("./make_certificates.ts");
  let signer: Authority | undefined = authority;
  if (signer === undefined || endsWithin(signer.cert, RENEW_MS)) {
    signer = await makeAuthority();
    write(files.caKey, signer.key);
    write(files.caCert, signer.cert);
  }
  const made: Leaf = await makeLeaf(signer, names);
  const chain = made.cert.trimEnd() + "\n" + signer.cert.trimEnd() + "\n";
  write(files.key, made.key);
  write(files.cert, chain);
  return { cert: chain, key: made.key, caFile: files.caCert };
}

function readPair(certFile: string, keyFile: string): { cert: string; key: string } | undefined {
  try {
    return { cert: Deno.readTextFileSync(certFile), key: Deno.readTextFileSync(keyFile) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw failure(`The certificate ${certFile} cannot be read: ${messageOf(error)}`, error);
  }
}

function endsWithin(cert: string, ms: number): boolean {
  return Date.parse(new X509Certificate(cert).validTo) - Date.now() < ms;
}

/** Whether a leaf is by this authority, holds every name, and lasts a while. */
function isGood(leaf: { cert: string; key: string }, by: Authority, names: string[]): boolean {
  try {
    const ca = new X509Certificate(by.cert);
    const own = new X509Certificate(leaf.cert);
    const holds = (name: string) =>
      (isIP(name) ? own.checkIP(name) : own.checkHost(name)) !== undefined;
    if (own.issuer !== ca.subject || !own.verify(ca.publicKey)) return false;
    if (endsWithin(leaf.cert, RENEW_MS) || endsWithin(by.cert, RENEW_MS)) return false;
    if (!names.every(holds)) return false;
    checkPair(leaf.cert, leaf.key, "server.pem");
    return true;
  } catch {
    // Whatever cannot be read is made anew.
    return false;
  }
}
