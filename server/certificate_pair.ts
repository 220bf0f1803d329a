/** A certificate and a private key in PEM, and whether they belong together. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { failure, messageOf } from "./options/error.ts";

/** A certificate, or a chain with the leaf first, and the private key of the first. */
export interface PemPair {
  cert: string;
  key: string;
}

/** Whether a key is the one of a certificate; false where one of them cannot be read. */
export function pemPairFits(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/**
 * Has the TLS library judge the pair, on a port that is closed at once.
 *
 * @throws {ExitError} where it refuses
 */
export function checkPair(cert: string, key: string, file: string): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (error) {
    throw failure(
      `The certificate in ${file} cannot be used with its key: ${messageOf(error)}`,
      error,
    );
  }
}
