/**
 * The server's certificate: given with `--cert` and `--key`, or generated. A generated one is a
 * leaf that the server's own authority has signed, because TLS libraries refuse a leaf that is its
 * own authority.
 */
import { reasonOf } from "../../common/os_reason.ts";
import { checkPair, type PemPair } from "./certificate_pair.ts";
import { certificateState } from "./certificate_state.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { isEveryAddress } from "../admission/networks.ts";
import { machineNames } from "./machine_names.ts";
import { failure } from "../options/error.ts";
import { ownCertificate } from "./own_certificate.ts";

/** A certificate chain in PEM, the leaf first, with the private key of the leaf. */
export interface Certificate extends PemPair {
  /** File of the authority that was made, or null where the certificate was given. */
  caFile: string | null;
  /** A problem with its files that the operator has to solve. */
  trouble?: string;
}

/** Where the certificate comes from. */
export interface CertificateSource {
  data: string;
  /** `--cert` and `--key`, or null. */
  given: { cert: string; key: string } | null;
  /** Names and addresses it is to hold beside localhost. */
  names: string[];
  /** Whether the data directory had an authority of its own before. */
  hadAuthority: boolean;
}

/** Where the certificate comes from, as the options say. */
export function certificateSource(
  data: string,
  options: ServerOptions,
  hadAuthority: boolean,
): CertificateSource {
  const { cert, key, host } = options;
  return {
    data,
    given: cert && key ? { cert, key } : null,
    names: [...options.name, ...(isEveryAddress(host) ? machineNames() : [host])],
    hadAuthority,
  };
}

/**
 * Reads the certificate, or generates its missing parts.
 *
 * @throws {ExitError} where it cannot be read, key and certificate do not belong together, or the
 * generated authority is lost
 */
export async function loadCertificate(source: CertificateSource): Promise<Certificate> {
  const { given, data, names, hadAuthority } = source;
  if (given === null) return await ownCertificate(data, names, hadAuthority);
  const cert = readPem(given.cert);
  const key = readPem(given.key);
  checkPair({ cert, key }, given);
  return { cert, key, caFile: null };
}

/** The trouble of a certificate now, in one clause; undefined: none. */
export function certificateTrouble({ cert, trouble }: Certificate): string | undefined {
  return trouble ?? certificateState(cert).trouble ?? undefined;
}

function readPem(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw failure(`The certificate file ${file} cannot be read: ${reasonOf(error, null)}`, error);
  }
}
