/** TLS towards the server: which authorities are trusted, and what a failed handshake means. */
import { clientCommand } from "../../../common/program_name.ts";
import { ALPN } from "../../../protocol/wire.ts";
import { type ConfigDirectory, fileKey } from "./config.ts";
import { connectError, isUnknownIssuer, noAnswer, wrongPort } from "./connect_error.ts";
import type { Endpoint } from "./endpoint.ts";
import { needNet, needRead } from "../common/environment.ts";
import { ClientError, ExitCode, Interrupted, localError } from "../common/error.ts";
import { ownAuthorities } from "./own_authorities.ts";
import { quoted } from "../../../common/printable.ts";

/** Where the authority that `trust` kept for a server lies in the config directory. */
export function trustPlace(endpoint: Endpoint): string {
  return `trust/${fileKey(endpoint.name)}.pem`;
}

/**
 * The authorities to trust besides the public ones, in PEM: `--ca` and what `trust` kept for the
 * server. Only where neither names one and the server is on this machine, those of `./data`.
 *
 * @throws {ClientError} where the file of `--ca` cannot be read or is no certificate
 */
export function trustedAuthorities(
  endpoint: Endpoint,
  caFile: string | undefined,
  config: ConfigDirectory | undefined,
): string[] {
  const found: string[] = [];
  if (caFile !== undefined) {
    needRead(caFile);
    let pem: string;
    try {
      pem = Deno.readTextFileSync(caFile);
    } catch (error) {
      throw localError(error, `Cannot read the certificate authority ${quoted(caFile)}`);
    }
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
      throw new ClientError(`${quoted(caFile)} is not a certificate in PEM`, {
        exitCode: ExitCode.usage,
      });
    }
    found.push(pem);
  }
  const kept = config?.read(trustPlace(endpoint));
  if (kept !== undefined) found.push(kept);
  return found.length === 0 && endpoint.local ? ownAuthorities() : found;
}

/**
 * Opens a TLS connection.
 *
 * @param timeoutMs longest wait for the connection and its handshake
 * @param signal gives up
 * @throws {ConnectionLost} where nothing answers
 * @throws {ClientError} with exit code 7 where the certificate is not trusted
 * @throws {Interrupted} when the signal comes
 */
export async function connectTls(
  endpoint: Endpoint,
  caCerts: string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Deno.TlsConn> {
  needNet(endpoint.name);
  const giveUp = new AbortController();
  const reached = { port: false };
  const connecting = open(endpoint, caCerts, giveUp.signal, reached);
  connecting.catch(() => {});
  // No signal made of others, and none that is aborted in the end: with these a start of the client
  // takes 2 ms more.
  const over = Promise.withResolvers<never>();
  const late = () => over.reject(noAnswer(endpoint, timeoutMs, reached.port));
  const timer = setTimeout(late, timeoutMs);
  const interrupted = () => over.reject(new Interrupted());
  signal?.addEventListener("abort", interrupted);
  if (signal?.aborted) interrupted();
  try {
    return await Promise.race([connecting, over.promise]);
  } catch (error) {
    giveUp.abort(); // what still connects
    connecting.then(close, () => {});
    if (isUnknownIssuer(error)) {
      const changed = await changedAuthority(endpoint, caCerts, timeoutMs);
      if (changed !== undefined) {
        throw new ClientError(changed, { exitCode: ExitCode.connection, cause: error });
      }
    }
    const wrong = await wrongPort(error, endpoint, timeoutMs);
    if (signal?.aborted) throw new Interrupted();
    throw wrong ?? connectError(error, endpoint);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupted);
  }
}

async function open(
  endpoint: Endpoint,
  caCerts: string[],
  signal: AbortSignal,
  reached: { port: boolean },
): Promise<Deno.TlsConn> {
  const { hostname, port } = endpoint;
  const socket = await Deno.connect({ hostname, port, signal });
  reached.port = true;
  // Requests are gathered before they are written; waiting for more would only delay the last.
  socket.setNoDelay(true);
  const connection = await Deno.startTls(socket, { hostname, caCerts, alpnProtocols: [ALPN] });
  const end = () => close(connection);
  signal.addEventListener("abort", end);
  try {
    await connection.handshake();
    return connection;
  } catch (error) {
    close(connection);
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Closes a connection, which may be closed already: a handshake can end while it is given up. */
function close(connection: Deno.TlsConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/**
 * Describes a server whose authority is not one of those given or kept for it.
 *
 * @returns undefined where none was given or kept, or the server does not send its authority
 */
async function changedAuthority(
  endpoint: Endpoint,
  caCerts: string[],
  timeoutMs: number,
): Promise<string | undefined> {
  if (caCerts.length === 0) return undefined;
  // Loaded only now: most connections need no other TLS library.
  const { fetchAuthority, fingerprintPairs, fingerprintsIn } = await import("./authority.ts");
  try {
    const known = caCerts.flatMap(fingerprintsIn);
    const { fingerprint } = await fetchAuthority(endpoint, timeoutMs);
    if (known.length === 0 || known.includes(fingerprint)) return undefined;
    return `Cannot trust ${endpoint.name}: the authority of ${endpoint.name} changed: it was ` +
      `${fingerprintPairs(known.at(-1)!)}, and is now ${fingerprintPairs(fingerprint)}. If that ` +
      `is expected, run: ${clientCommand(`trust ${endpoint.name}`)}`;
  } catch {
    return undefined; // the caller reports the original error
  }
}
