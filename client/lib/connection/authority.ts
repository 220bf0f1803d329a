/** Reads the authority of a server that is not trusted yet. */
import { createHash } from "node:crypto";
import { isIP } from "node:net";
import tls from "node:tls";
import { ALPN } from "../../../protocol/wire.ts";
import type { Endpoint } from "./endpoint.ts";
import { needNet } from "../common/environment.ts";
import { connectError, noAnswer, wrongPort } from "./connect_error.ts";
import { ClientError, ExitCode } from "../common/error.ts";

/** A certificate authority as a server sent it. */
export interface Authority {
  pem: string;
  /** SHA-256 of its DER, 64 lower-case hexadecimal digits. */
  fingerprint: string;
}

/**
 * Fetches the authority at the end of the chain that a server sends. Nothing is verified: the
 * fingerprint must be compared with what the server's owner says.
 *
 * @throws {ClientError} with exit code 7 where nothing answers or no authority is sent
 */
export async function fetchAuthority(endpoint: Endpoint, timeoutMs: number): Promise<Authority> {
  needNet(endpoint.name);
  const chain = await readChain(endpoint, timeoutMs);
  const last = chain.at(-1);
  if (last === undefined || chain.length < 2) {
    throw new ClientError(
      `${endpoint.name} does not send its certificate authority: get the file from its owner and use --ca`,
      { exitCode: ExitCode.connection },
    );
  }
  const base64 = last.toString("base64").match(/.{1,64}/g)!.join("\n");
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    fingerprint: createHash("sha256").update(last).digest("hex"),
  };
}

/** SHA-256 of each certificate in a text of PEM, as in {@linkcode Authority}. */
export function fingerprintsIn(pem: string): string[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  return Array.from(
    blocks,
    ([, base64]) => createHash("sha256").update(base64!.trim(), "base64").digest("hex"),
  );
}

/** A fingerprint as it is compared by eye: upper-case pairs with colons. */
export function fingerprintPairs(fingerprint: string): string {
  return fingerprint.toUpperCase().match(/../g)!.join(":");
}

/** The certificates in DER, the server's own first. */
function readChain(endpoint: Endpoint, timeoutMs: number): Promise<Buffers> {
  return new Promise((resolve, reject) => {
    const fail = async (error: Error) => {
      socket.destroy();
      reject(await wrongPort(error, endpoint, timeoutMs) ?? connectError(error, endpoint));
    };
    const socket = tls.connect({
      host: endpoint.hostname,
      port: endpoint.port,
      ...(isIP(endpoint.hostname) === 0 && { servername: endpoint.hostname }),
      ALPNProtocols: [ALPN],
      rejectUnauthorized: false,
    }, () => {
      const chain: Buffers = [];
      let one = socket.getPeerCertificate(true);
      while (one?.raw !== undefined && chain.length < 10) {
        chain.push(one.raw);
        if (one.issuerCertificate === undefined || one.issuerCertificate === one) break;
        one = one.issuerCertificate;
      }
      socket.destroy();
      resolve(chain);
    });
    socket.setTimeout(timeoutMs, () => fail(noAnswer(endpoint, timeoutMs, !socket.connecting)));
    socket.on("error", fail);
  });
}

type Buffers = ReturnType<ReturnType<typeof tls.connect>["getPeerCertificate"]>["raw"][];
