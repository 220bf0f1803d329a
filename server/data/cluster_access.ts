/** How the options lead to the database and the store that several nodes share. */
import { reasonOf } from "../../common/os_reason.ts";
import {
  type ClusterAccess,
  parseDatabaseUrl,
  parseStoreAddress,
} from "../../storage/engine_places.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { failure, messageOf, usageError } from "../options/error.ts";

/** Variables of the environment that hold what no command line should. */
const CATALOG_PASSWORD = "TOWPATH_CATALOG_PASSWORD";
const ACCESS_KEY = "TOWPATH_STORE_ACCESS_KEY_ID";
const SECRET_KEY = "TOWPATH_STORE_SECRET_ACCESS_KEY";
/** Variables that name hosts which are reached without a proxy; the first that is set counts. */
const NO_PROXY = ["NO_PROXY", "no_proxy"];
const SESSION_TOKEN = "TOWPATH_STORE_SESSION_TOKEN";

/**
 * Reads where the nodes keep all together, with passwords and certificates. Not for workers: they
 * read no environment and no such files.
 *
 * @returns undefined where this server has all in its data directory
 * @throws {ExitError} one sentence that names the wrong option or file
 */
export function clusterAccess(options: ServerOptions): ClusterAccess | undefined {
  if (options.catalog === null || options.store === null) return undefined;
  const { tls, ...place } = read("--catalog", () => parseDatabaseUrl(options.catalog!));
  const endpoint = options["store-endpoint"] ?? undefined;
  const region = options["store-region"];
  const pathStyle = options["store-path-style"] ?? undefined;
  const how = { endpoint, region, pathStyle };
  const address = read("--store", () => parseStoreAddress(options.store!, how));
  avoidProxy(new URL(address.endpoint).hostname);
  const ca = fileOr(options["catalog-ca"]);
  const node = nodeName(options)!;
  return {
    node,
    instance: crypto.randomUUID(),
    database: {
      ...place,
      password: fileOr(options["catalog-password-file"])?.replace(/\r?\n$/, "") ??
        Deno.env.get(CATALOG_PASSWORD) ?? "",
      tls: tls ? { ca } : undefined,
      connections: options["catalog-connections"],
      applicationName: `towpath ${node}`,
    },
    store: {
      address,
      ca: fileOr(options["store-ca"]),
      credentials: credentials(options["store-credentials"]),
    },
    bufferBytes: options["upload-buffers"],
  };
}

/** Name of this node; undefined where this server has all in its data directory. */
export function nodeName(options: ServerOptions): string | undefined {
  if (options.catalog === null) return undefined;
  return options.node ?? `${hostName()}:${options.port}`;
}

function credentials(file: string | null): ClusterAccess["store"]["credentials"] {
  if (file !== null) {
    fileOr(file); // it is there
    return { file };
  }
  const [accessKeyId, secretAccessKey] = [Deno.env.get(ACCESS_KEY), Deno.env.get(SECRET_KEY)];
  if (!accessKeyId || !secretAccessKey) {
    throw usageError(
      `--store needs keys: name a file that holds them (--store-credentials), or set ` +
        `${ACCESS_KEY} and ${SECRET_KEY}`,
    );
  }
  const sessionToken = Deno.env.get(SESSION_TOKEN);
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * Keeps requests to the store from a proxy of the environment (`HTTP_PROXY`), which `fetch` would use
 * without being asked: content would pass through a machine that was named for downloads of programs.
 */
function avoidProxy(host: string): void {
  const granted = NO_PROXY.filter((variable) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
  );
  const kept = granted.map((variable) => Deno.env.get(variable)).find((hosts) => hosts);
  const hosts = kept?.split(",").map((name) => name.trim()) ?? [];
  if (granted.length === 0 || hosts.includes(host)) return;
  Deno.env.set(granted[0]!, [...hosts, host].join(","));
}

/** The host's name, where it may be read. */
function hostName(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : "host";
}

/** The value is not repeated: it may hold a password by mistake. */
function read<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(`${name} must be ${messageOf(error)}`);
  }
}

function fileOr(path: string | null): string | undefined {
  if (path === null) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw failure(`Cannot read ${path}: ${reasonOf(error, null)}`, error);
  }
}

/** @throws {ExitError} where Deno was not permitted to reach the database */
export function assertReachable(cluster: ClusterAccess | undefined): void {
  if (cluster === undefined) return;
  const { host, port } = cluster.database;
  const place = `${host}:${port}`;
  if (Deno.permissions.querySync({ name: "net", host: place }).state === "granted") return;
  throw failure(
    `Deno was not permitted to reach the database: run the command "towpath", or add ` +
      `--allow-net=${place} and the store's address`,
  );
}
