import { type Endpoint, parseEndpoint } from "../../lib/connection/endpoint.ts";
import type { Values } from "./options.ts";

/**
 * The server that a command line names: `--server`, whose host and port `--host` and `--port` replace.
 *
 * @throws {ClientError} with exit code 2
 */
export function endpointOf(values: Values): Endpoint {
  const { hostname, port } = parseEndpoint(values.text("server") ?? "localhost:9000");
  const host = values.text("host")?.replace(/^\[(.*)\]$/, "$1") ?? hostname;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return parseEndpoint(`${bracketed}:${values.number("port") ?? port}`);
}
