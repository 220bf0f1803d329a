/**
 * Every option of the server, once. Flags (`--part-ttl`), environment variables
 * (`TOWPATH_PART_TTL`), keys of the config file (`"part-ttl"`), the help text and the table in
 * docs/cli.md are all derived from here.
 */
import { LOG_LEVELS } from "../../common/log_names.ts";
import * as kinds from "./kinds.ts";
import type { Kind } from "./kinds.ts";

/** One option. */
export interface Option<T> {
  readonly kind: Kind<unknown>;
  /** May be given several times: its value is a list. */
  readonly repeatable: boolean;
  /** A path: relative to the working directory, or to the config file. */
  readonly isPath: boolean;
  readonly fallback: T;
  /** How help shows the default. */
  readonly shownDefault: string;
  /** Description for the help, without a final period. */
  readonly summary: string;
}

function one<T>(kind: Kind<T>, fallback: T, shownDefault: string, summary: string): Option<T> {
  return { kind, repeatable: false, isPath: false, fallback, shownDefault, summary };
}

function path<T extends string | null>(
  placeholder: string,
  fallback: T,
  shownDefault: string,
  summary: string,
): Option<string | T> {
  const kind = kinds.text(placeholder);
  return { kind, repeatable: false, isPath: true, fallback, shownDefault, summary };
}

function many<T>(kind: Kind<T>, summary: string): Option<T[]> {
  return { kind, repeatable: true, isPath: false, fallback: [], shownDefault: "", summary };
}

const { orNone, port, rate, size, duration, toggle } = kinds;

/** The options by name. */
export const OPTIONS = {
  "data": path("DIR", "./data", "./data", "everything the server keeps"),
  "host": one(
    kinds.listenAddress,
    "127.0.0.1",
    "127.0.0.1",
    "address to listen on; 0.0.0.0 and :: are every address",
  ),
  "port": one(port, 9000, "9000", "port of the native protocol; 0 picks a free one"),
  "ftp-port": one(orNone(port), null, "off", "FTP with explicit TLS"),
  "ftps-port": one(orNone(port), null, "off", "FTP with implicit TLS"),
  "ftp-passive-ports": one(orNone(kinds.portRange), null, "any", "ports of passive FTP data"),
  "ftp-public-address": one(
    orNone(kinds.address),
    null,
    "the control connection's",
    "address in the reply to PASV, for servers behind NAT",
  ),
  "ftp-allow-plain": one(toggle, false, "off", "FTP login and data without TLS"),
  "ftp-overwrite": one(
    kinds.choice("replace", "keep"),
    "replace",
    "replace",
    "FTP uploads replace a file, or keep its old content",
  ),
  "ftp-rmd": one(
    kinds.choice("empty", "recursive"),
    "empty",
    "empty",
    "FTP's RMD removes empty directories only, or all that is in them",
  ),
  "ftp-mode-z": one(toggle, false, "off", "FTP clients may compress transfers (MODE Z)"),
  "ftp-make-dirs": one(toggle, false, "off", "FTP uploads make the missing directories"),
  "web-port": one(orNone(port), null, "off", "web interface and HTTP API, over HTTPS"),
  "web-plain": one(
    toggle,
    false,
    "off",
    "HTTP without TLS at the web port, for proxies of --trusted-proxy alone",
  ),
  "web-base-path": one(
    kinds.basePath,
    "",
    "/",
    "path below which the web port is, behind a proxy that passes it on",
  ),
  "cors-origin": many(kinds.origin, "whose pages may use the HTTP API and tus; * is any"),
  "cert": path("FILE", null, "made on first start", "certificate chain in PEM, with --key"),
  "key": path("FILE", null, "made on first start", "its private key in PEM"),
  "name": many(kinds.certificateName, "further name or address for the certificate that is made"),
  "allow-register": one(toggle, false, "off", "anyone may make an account"),
  "anonymous": one(
    orNone(kinds.publishedPath),
    null,
    "off",
    "directory that anyone may read without an account, as anonymous: alice:/public",
  ),
  "workers": one(kinds.integer("N", 1, 64), 1, "1", "listening workers: processor cores to use"),
  "durability": one(
    kinds.choice("full", "relaxed"),
    "full",
    "full",
    "full: an upload is acknowledged when it would survive a power cut",
  ),
  "catalog": one(
    orNone(kinds.text("URL")),
    null,
    "none",
    "PostgreSQL that several nodes share: postgres://USER@HOST/DATABASE",
  ),
  "catalog-password-file": path("FILE", null, "none", "the password of the database's user"),
  "catalog-ca": path("FILE", null, "the machine's", "authority in PEM that --catalog is to have"),
  "catalog-connections": one(
    kinds.integer("N", 2, 1000),
    8,
    "8",
    "connections of a worker to --catalog",
  ),
  "store": one(
    orNone(kinds.text("URL")),
    null,
    "none",
    "S3-compatible store that several nodes share: s3://BUCKET/PREFIX",
  ),
  "store-endpoint": one(
    orNone(kinds.text("URL")),
    null,
    "Amazon's",
    "address of the store's server, as https://s3.example.org",
  ),
  "store-path-style": one(
    kinds.orAuto(kinds.toggle),
    null,
    "on with --store-endpoint",
    "requests name the bucket in the path, not in the host",
  ),
  "store-region": one(kinds.text("NAME"), "us-east-1", "us-east-1", "region of the store"),
  "store-credentials": path("FILE", null, "the environment", "keys in the form of the AWS tools"),
  "store-ca": path("FILE", null, "the machine's", "authority in PEM that the store is to have"),
  "upload-buffers": one(size, 32 * 1024 * 1024, "32M", "memory of a worker's uploads to --store"),
  "node": one(
    orNone(kinds.nodeName),
    null,
    "the host's name and port",
    "name of this node, among those that share --catalog",
  ),
  "part-ttl": one(duration, 7 * 86_400_000, "7d", "how long unfinished uploads are kept"),
  "max-connections": one(kinds.integer("N", 1, 1_000_000), 1000, "1000", "connections at once"),
  "idle-timeout": one(duration, 300_000, "5m", "a silent connection is closed after it"),
  "drain": one(
    orNone(duration),
    null,
    "none",
    "time at a stop in which /healthz sends new clients elsewhere",
  ),
  "max-upload": one(orNone(size), null, "none", "largest upload"),
  "quota": one(orNone(size), null, "none", "most bytes of a new account"),
  "min-free": one(
    kinds.orAuto(size),
    null,
    "5 % of the disk, from 4M to 1G",
    "space that uploads leave free on the disk; 0: none",
  ),
  "allow-ip": many(kinds.network, "who may connect; everyone where none is given"),
  "deny-ip": many(kinds.network, "who may not connect, whatever is allowed"),
  "trusted-proxy": many(
    kinds.network,
    "a proxy whose PROXY headers name the client",
  ),
  "max-connections-per-address": one(
    orNone(kinds.integer("N", 1, 1_000_000)),
    null,
    "none",
    "connections at once from one address",
  ),
  "max-requests-per-address": one(
    orNone(kinds.integer("N", 1, 1_000_000)),
    null,
    "none",
    "requests per minute from one address",
  ),
  "limit-rate": one(
    orNone(rate),
    null,
    "none",
    "bytes per second of an account, both ways together",
  ),
  "limit-rate-up": one(orNone(rate), null, "none", "bytes per second of an account's uploads"),
  "limit-rate-down": one(orNone(rate), null, "none", "bytes per second of an account's downloads"),
  "limits": path("FILE", null, "none", "limits of accounts and addresses, in a JSON object"),
  "mount-root": {
    ...many(
      kinds.text("DIR"),
      "directory of the host below which administrators may mount over the network",
    ),
    isPath: true,
  },
  "log-format": one(kinds.choice("text", "json"), "text", "text", "form of log lines"),
  "log-level": one(
    kinds.named("LEVEL", ...LOG_LEVELS),
    "info",
    "info",
    "least level that is logged: debug, info, warning or error",
  ),
  "audit-failure": one(
    kinds.choice("continue", "stop"),
    "continue",
    "continue",
    "when the audit log cannot be written: continue, or stop the server",
  ),
  "config": path("FILE", null, "DIR/config.json, where there is one", "options in a JSON object"),
} satisfies Record<string, Option<unknown>>;

/** Name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** The values of all options; paths are absolute. */
export type ServerOptions = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends Option<infer T> ? T : never;
};

/** All names, in the order of the help text. */
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** The environment variable of an option. */
export function environmentName(name: OptionName): string {
  return `TOWPATH_${name.toUpperCase().replaceAll("-", "_")}`;
}
