/** A certificate and a private key in PEM, and whether they belong together. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { failure, messageOf } from "../options/error.ts";

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
 * Lets the TLS library check the pair, on a port that is closed at once.
 *
 * @param files their paths, for the message
 * @throws {ExitError} where the library refuses the pair
 */
export function checkPair({ cert, key }: PemPair, files: PemPair): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (error) {
    const fault = pairFault({ cert, key }, files) ??
      `The certificate in ${files.cert} cannot be used with its key: ${messageOf(error)}`;
    throw failure(fault, error);
  }
}

/** The file of the two that is at fault, and the remedy; undefined where that is not known. */
function pairFault({ cert, key }: PemPair, files: PemPair): string | undefined {
  const isReadable = (read: () => unknown) => {
    try {
      read();
      return true;
    } catch {
      return false;
    }
  };
  if (!isReadable(() => new X509Certificate(cert))) {
    return `The certificate in ${files.cert} cannot be used: the file does not begin with a whole ` +
      "certificate in PEM: put the server's own first";
  }
  if (/ENCRYPTED/.test(key)) {
    return `The key in ${files.key} is encrypted: keep it without a password ` +
      "(openssl pkey -in KEY -out PLAIN)";
  }
  if (!isReadable(() => createPrivateKey(key))) {
    return `${files.key} holds no private key in PEM: give --key the file of the key`;
  }
  if (pemPairFits(cert, key)) return undefined;
  return `The key in ${files.key} does not belong to the first certificate in ${files.cert}: ` +
    "give the two that were issued together";
}
