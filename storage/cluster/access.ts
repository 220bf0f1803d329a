/** How an engine of several nodes is reached: plain data, which a worker can be sent. */
import { parseS3Address, type S3Address, type S3AddressOptions } from "./content/s3/address.ts";
import type { S3Credentials } from "./content/s3/credentials.ts";
import type { DatabaseOptions } from "./postgres/options.ts";

/** How the database and the object store are reached. */
export interface ClusterAccess {
  /** Name of this node. */
  readonly node: string;
  /** Names this start of its server, the same for all workers. */
  readonly instance: string;
  readonly database: DatabaseOptions;
  readonly store: {
    readonly address: S3Address;
    /** Certificates in PEM that sign the server's. @default those that the machine trusts */
    readonly ca?: string | undefined;
    /** A file in the form of the AWS tools, which is read again when it changes; or the keys. */
    readonly credentials: { readonly file: string } | S3Credentials;
  };
  /** Bytes of the buffers of all uploads of a worker. */
  readonly bufferBytes: number;
}

/** A database's URL, taken apart. */
export type DatabasePlace = Pick<DatabaseOptions, "host" | "port" | "database" | "user"> & {
  /** Whether connections are encrypted. */
  readonly tls: boolean;
};

const DEFAULT_PORT = 5432;

/**
 * Reads a URL such as `postgres://towpath@db.example.org/towpath`. Connections are encrypted, unless
 * it ends with `?sslmode=disable`.
 *
 * @throws {TypeError} whose message completes "… must be"
 */
export function parseDatabaseUrl(text: string): DatabasePlace {
  const url = URL.parse(text);
  const name = /^\/([^/]+)$/.exec(url?.pathname ?? "")?.[1];
  const query = url?.search ?? "";
  const isUsable = url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== "" &&
    url.username !== "" && name !== undefined && url.hash === "" &&
    ["", "?sslmode=verify-full", "?sslmode=disable"].includes(query);
  if (!isUsable) {
    throw new TypeError("postgres://USER@HOST/DATABASE or postgres://USER@HOST:PORT/DATABASE");
  }
  if (url.password !== "") {
    throw new TypeError("a URL without a password: a file holds that (--catalog-password-file)");
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    database: decodeURIComponent(name!),
    user: decodeURIComponent(url.username),
    tls: query !== "?sslmode=disable",
  };
}

/** Reads the address of a store. @throws {TypeError} whose message completes "… must be" */
export function parseStoreAddress(text: string, options: S3AddressOptions): S3Address {
  return parseS3Address(text, options);
}
