/**
 * The certificate that the server makes: an authority of its own and a leaf signed by it. Clients
 * keep the authority, so a start never replaces one that is lost: only `renewAuthority` does.
 */
import { programName } from "../../common/program_name.ts";
import { dirname, join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { SpaceReserve } from "../../storage/engine_places.ts";
import { checkPair, type PemPair, pemPairFits } from "./certificate_pair.ts";
import { isThere, makePrivateDirectory, PLACES, writePrivateFile } from "../data/data_directory.ts";
import { failure } from "../options/error.ts";

/** The own certificate, ready to be served. */
export interface OwnCertificate extends PemPair {
  caFile: string;
  /** A problem with the authority that the operator has to solve, or undefined. */
  trouble?: string;
}

/** Names that every certificate we make holds. */
const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];
/** A leaf is replaced when it expires within this time. */
const RENEW_MS = 30 * 86_400_000;

const REMEDY =
  `restore tls/ from a backup, or run "${programName("admin")} tls renew-authority", after which ` +
  "clients must trust the server again";

interface Files {
  directory: string;
  caCert: string;
  caKey: string;
  cert: string;
  key: string;
}

function filesOf(data: string): Files {
  const directory = join(data, PLACES.tls);
  const file = (name: string) => join(directory, name);
  return {
    directory,
    caCert: file("ca.pem"),
    caKey: file("ca.key"),
    cert: file("server.pem"),
    key: file("server.key"),
  };
}

/**
 * Reads the own certificate. Makes a leaf where it is missing, torn, soon over or without one of
 * the names; makes an authority only where there never was one.
 *
 * @param hadAuthority whether there was one at an earlier start
 * @throws {ExitError} where the authority is lost and the leaf cannot be served without it
 */
export async function ownCertificate(
  data: string,
  names: string[],
  hadAuthority: boolean,
): Promise<OwnCertificate> {
  const files = filesOf(data);
  const wanted = [...new Set([...OWN_NAMES, ...names])];
  makePrivateDirectory(files.directory);
  const caCert = readFile(files.caCert);
  const caKey = readFile(files.caKey);
  const leaf = readLeaf(files);

  // A key alone is what a first start leaves that was cut short; the catalog is made after it.
  const firstStart = !hadAuthority &&
    (caKey === undefined || !isThere(join(data, PLACES.catalog)));
  if (caCert === undefined && readFile(files.cert) === undefined && firstStart) {
    return await makeAll(files, wanted);
  }
  const lost = whyLost(caCert, caKey, files);
  if (lost !== undefined) {
    if (caCert !== undefined && leaf !== undefined && isGood(leaf, caCert, wanted, 0)) {
      const trouble = `${lost}, so that the certificate cannot be renewed: ${REMEDY}`;
      return { ...leaf, caFile: files.caCert, trouble };
    }
    throw failure(`${lost}, and a new one would not be trusted by clients: ${REMEDY}`);
  }
  const authority = { cert: caCert!, key: caKey! };
  const trouble = authorityTrouble(authority.cert);
  // No leaf outlives its authority: near or past its end, a new leaf would not last longer.
  const leftMs = endOf(authority.cert) - Date.now();
  const leastMs = leftMs <= 0 ? -Infinity : Math.min(RENEW_MS, leftMs - 1000);
  if (leaf && isGood(leaf, authority.cert, wanted, leastMs)) {
    return { ...leaf, caFile: files.caCert, ...trouble };
  }
  return { ...await writeLeaf(files, authority, wanted), ...trouble };
}

/**
 * Makes a new authority and a leaf of the names that the leaf there is holds, and others.
 *
 * @returns SHA-256 of the authority in DER, upper-case pairs with colons
 */
export async function renewAuthority(data: string, names: string[]): Promise<string> {
  const files = filesOf(data);
  makePrivateDirectory(files.directory);
  const all = new Set([...OWN_NAMES, ...names, ...namesOf(readFile(files.cert))]);
  await makeAll(files, [...all]);
  return new X509Certificate(Deno.readTextFileSync(files.caCert)).fingerprint256;
}

/** Names and addresses that a certificate holds; none where it cannot be read. */
export function namesOf(cert: string | undefined): string[] {
  try {
    const text = cert === undefined ? "" : new X509Certificate(cert).subjectAltName ?? "";
    return [...text.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => name!);
  } catch {
    return [];
  }
}

/** Why the authority cannot sign, or undefined. */
function whyLost(
  cert: string | undefined,
  key: string | undefined,
  files: Files,
): string | undefined {
  if (cert === undefined) return `The authority's certificate ${files.caCert} is missing`;
  if (key === undefined) return `The authority's key ${files.caKey} is missing`;
  if (pemPairFits(cert, key)) return undefined;
  return `The authority's key ${files.caKey} does not belong to its certificate ${files.caCert}`;
}

/** Warns of an authority that expires soon. */
function authorityTrouble(cert: string): { trouble?: string } {
  const endMs = endOf(cert);
  if (endMs - Date.now() >= RENEW_MS) return {};
  const ends = endMs > Date.now() ? "ends" : "ended";
  return {
    trouble: `the server's own authority ${ends} on ${day(endMs)}: run ` +
      `"${
        programName("admin")
      } tls renew-authority", after which clients must trust the server again`,
  };
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

async function makeAll(files: Files, names: string[]): Promise<OwnCertificate> {
  // Loaded only where it is needed: the library is large, and most starts make nothing.
  const { makeAuthority } = await import("./make_certificates.ts");
  const authority = await makeAuthority();
  write(files, files.caKey, authority.key);
  write(files, files.caCert, authority.cert);
  return await writeLeaf(files, authority, names);
}

async function writeLeaf(
  files: Files,
  authority: PemPair,
  names: string[],
): Promise<OwnCertificate> {
  const { makeLeaf } = await import("./make_certificates.ts");
  const made = await makeLeaf(authority, names);
  const chain = made.cert.trimEnd() + "\n" + authority.cert.trimEnd() + "\n";
  write(files, files.key, made.key);
  write(files, files.cert, chain);
  return { cert: chain, key: made.key, caFile: files.caCert };
}

/** Writes a file, also on a full disk: that is no reason not to start. */
function write(files: Files, file: string, text: string): void {
  new SpaceReserve(dirname(files.directory)).use(() => writePrivateFile(file, text));
}

function readLeaf(files: Files): PemPair | undefined {
  const cert = readFile(files.cert);
  const key = readFile(files.key);
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

/** Content of a file, or undefined where there is none. */
function readFile(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw failure(`The certificate ${file} cannot be read: ${reasonOf(error, null)}`, error);
  }
}

function endOf(cert: string): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** Whether a leaf is by this authority, holds every name, and lasts `leastMs` from now on. */
function isGood(leaf: PemPair, caCert: string, names: string[], leastMs: number): boolean {
  try {
    const ca = new X509Certificate(caCert);
    const own = new X509Certificate(leaf.cert);
    const holds = (name: string) =>
      (isIP(name) ? own.checkIP(name) : own.checkHost(name)) !== undefined;
    if (own.issuer !== ca.subject || !own.verify(ca.publicKey)) return false;
    const now = Date.now();
    if (endOf(leaf.cert) - now < leastMs || Date.parse(own.validFrom) > now) return false;
    if (!names.every(holds)) return false;
    checkPair(leaf, { cert: "server.pem", key: "server.key" });
    return true;
  } catch {
    // A leaf that cannot be read is replaced.
    return false;
  }
}
