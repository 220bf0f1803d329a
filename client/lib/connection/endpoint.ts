import { usageError } from "../common/error.ts";

/** The address on which a server listens. */
export interface Endpoint {
  /** Host name or IP address, without brackets. */
  hostname: string;
  /** TCP port. */
  port: number;
  /** `HOST:PORT`, the form it is remembered under. */
  name: string;
  /** Whether it is this machine by name. */
  local: boolean;
}

const DEFAULT_PORT = 9000;

/**
 * Reads `HOST:PORT`, `HOST`, `[IPv6]:PORT` or an IPv6 address; the port defaults to 9000.
 *
 * @throws {ClientError} with exit code 2
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^\[([0-9a-f:.]+)\](?::(\d+))?$/i.exec(text) ??
    /^([0-9a-z._-]+)(?::(\d+))?$/i.exec(text) ??
    /^([0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*)$/i.exec(text);
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw usageError(`--server must be HOST:PORT, such as files.example.org:9000, not "${text}"`);
  }
  const hostname = match[1]!.toLowerCase();
  const name = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const local = hostname === "localhost" || hostname === "::1" || /^127(\.\d+){3}$/.test(hostname);
  return { hostname, port, name, local };
}
