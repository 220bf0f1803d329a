/** Connections that trusted proxies hand over, each with a PROXY header before its first byte. */
import { getLogger } from "@logtape/logtape";
import { Deadline } from "./deadline.ts";
import { closeNow } from "./linger.ts";
import { parseProxyHeader, ProxyHeaderError } from "./proxy_header.ts";

/** Whether an address is one of a trusted proxy. */
export type TrustsProxy = (address: string) => boolean;

/** The client of a connection, as it is or as a trusted proxy names it. */
export interface Client {
  /** Its address, without port. */
  readonly address: string;
  /** Address that it connected to, where a proxy named it. */
  readonly destination?: string | undefined;
}

/** A proxy sends its header at once. */
const HEADER_MS = 5000;
/** Interval at which proxies without a valid header are logged, ms. */
const LOG_MS = 10_000;

const log = getLogger(["towpath", "doors"]);

let loggedMs = -Infinity;

/**
 * The reader of a connection's client, once for all its callers; undefined where no proxy sent it.
 */
export function proxiedClient(
  connection: Deno.TcpConn,
  trustsProxy: TrustsProxy | undefined,
): (() => Promise<Client | undefined>) | undefined {
  if (trustsProxy?.(connection.remoteAddr.hostname) !== true) return undefined;
  let client: Promise<Client | undefined> | undefined;
  return () => client ??= readProxyHeader(connection);
}

/**
 * Reads the PROXY header of a connection, and not a byte more.
 *
 * @returns undefined where there is none in time, or it is malformed: the connection is closed
 */
async function readProxyHeader(connection: Deno.TcpConn): Promise<Client | undefined> {
  const proxy = connection.remoteAddr.hostname;
  const late = new Deadline(HEADER_MS, () => closeNow(connection));
  let bytes = new Uint8Array();
  try {
    for (;;) {
      const state = parseProxyHeader(bytes);
      if (!("ends" in state)) {
        bytes = await withMore(connection, bytes, state.missing);
        continue;
      }
      const { ends } = state;
      // The proxy's own connections, such as health checks, have no client behind them.
      if (ends === undefined) return { address: proxy };
      return { address: ends.source, destination: ends.destination };
    }
  } catch (error) {
    closeNow(connection);
    // A health check may connect and say nothing.
    if (bytes.length > 0 || error instanceof ProxyHeaderError) warn(proxy, error);
    return undefined;
  } finally {
    late.cancel();
  }
}

async function withMore(
  connection: Deno.TcpConn,
  before: Uint8Array,
  missing: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(before.length + missing);
  bytes.set(before);
  const count = await connection.read(bytes.subarray(before.length));
  if (count === null) throw new ProxyHeaderError("a part of a PROXY header");
  return bytes.subarray(0, before.length + count);
}

function warn(proxy: string, error: unknown): void {
  const nowMs = performance.now();
  if (nowMs - loggedMs < LOG_MS) return;
  loggedMs = nowMs;
  const sent = error instanceof ProxyHeaderError ? error.message : "a part of a PROXY header";
  log.warn(
    "The trusted proxy {proxy} sent {sent}: its connection was closed; let it send the header",
    { proxy, sent },
  );
}
