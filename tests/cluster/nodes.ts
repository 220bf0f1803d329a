/** Real servers that share PostgreSQL and an object store, each with its own data directory. */
import { join } from "@std/path";
import { assertEquals } from "@std/assert";
import { runAdmin } from "../../server/admin/run.ts";
import { terminalWith } from "../support/admin.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { makeCertificates } from "../support/in_process.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer, type TestServerOptions } from "../support/server.ts";
import type { DatabaseOptions } from "../../storage/cluster/postgres/database.ts";
import { startPostgres } from "./engines.ts";
import { type S3InMemory, startS3 } from "../../bench/cluster/s3_in_memory.ts";

/** Ports of a node's doors. */
export type DoorPorts = NonNullable<TestServerOptions["ports"]>;

/** Where nodes keep content, in the bucket `bucket`. */
export interface StoreAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Options of all nodes. */
export interface Shared {
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly caText: string;
  readonly s3: S3InMemory;
  readonly database: DatabaseOptions;
  /** Starts a node at certain ports. */
  at(ports: DoorPorts, name: string, ...args: string[]): Promise<TestServer>;
  /** Runs a command of `admin` on what the nodes share. */
  operate(...words: string[]): Promise<void>;
}

/**
 * Runs a test with nodes that it starts, over a database and a store of their own.
 *
 * @param more options of all nodes
 * @param store a store with an empty bucket, `bucket`; without it there is one in this process
 */
export async function withNodes(
  test: (
    node: (name: string, ...args: string[]) => Promise<TestServer>,
    shared: Shared,
  ) => Promise<void>,
  more: readonly string[] = [],
  store?: StoreAccess,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-nodes-" });
  const place = await (await startPostgres()).empty();
  await using s3 = startS3();
  const { endpoint, accessKeyId, secretAccessKey } = store ??
    { endpoint: s3.endpoint, accessKeyId: "key", secretAccessKey: "secret" };
  const { caText, cert, key } = await makeCertificates();
  const files = { cert, key, ca: place.tls!.ca!, password: place.password };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(directory, name), text);
  }
  const args = [
    `--catalog=postgres://${place.user}@localhost:${place.port}/${place.database}`,
    `--catalog-password-file=${join(directory, "password")}`,
    `--catalog-ca=${join(directory, "ca")}`,
    ...["--catalog-connections=3", "--store=s3://bucket/some/prefix"],
    `--store-endpoint=${endpoint}`,
    ...[`--cert=${join(directory, "cert")}`, `--key=${join(directory, "key")}`],
  ];
  const env = {
    TOWPATH_STORE_ACCESS_KEY_ID: accessKeyId,
    TOWPATH_STORE_SECRET_ACCESS_KEY: secretAccessKey,
  };
  await using started = new AsyncDisposableStack();
  started.defer(() => Deno.remove(directory, { recursive: true }));
  const at = async (ports: DoorPorts | undefined, name: string, ...further: string[]) => {
    const all = [...args, ...more, `--node=${name}`, ...further];
    return started.use(
      await startServer({ args: all, env, web: true, ftp: true, ...(ports && { ports }) }),
    );
  };
  const node = (name: string, ...further: string[]) => at(undefined, name, ...further);
  const operate = async (...words: string[]) => {
    const data = join(directory, "operator");
    await Deno.mkdir(data, { recursive: true });
    const credentials = join(directory, "credentials");
    await Deno.writeTextFile(
      credentials,
      `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    const config = Object.fromEntries(args.map((arg) => arg.slice(2).split(/=(.*)/s)));
    const all = { ...config, "store-credentials": credentials };
    await Deno.writeTextFile(join(data, "config.json"), JSON.stringify(all));
    const from = { args: [...words, "--data", data], variable: () => undefined, directory: "/" };
    const { exitCode } = await runAdmin(from, terminalWith(""));
    assertEquals(exitCode, 0);
  };
  await test(node, { args, env, caText, s3, database: place, at, operate });
}

/** Logs in as `admin` over the native protocol. */
export function login(server: TestServer, { caText }: Shared): Promise<RawClient> {
  return RawClient.login({ port: server.port, caText }, "admin", ADMIN_PASSWORD);
}

/** Logs in over the native protocol with a name and password. */
export function loginAs(
  server: TestServer,
  { caText }: Shared,
  name: string,
  password = PASSWORD,
): Promise<RawClient> {
  return RawClient.login({ port: server.port, caText }, name, password);
}

/** Logs in over FTP. */
export function ftpAs(
  server: TestServer,
  { caText }: Shared,
  name: string,
  password = PASSWORD,
): Promise<FtpClient> {
  const target = { host: "127.0.0.1", port: server.info.ftp!.port, caText };
  return FtpClient.login(target, name, password);
}

/** Password of `admin`. */
export const ADMIN_PASSWORD = "correct horse battery";

/** Password of every account that tests of nodes make. */
export const PASSWORD = "correct horse";

/** Result of a command of `admin`. */
export interface AdminOutput {
  readonly code: number;
  /** Standard output, or standard error of a failure. */
  readonly text: string;
}

/** A data directory whose configuration names what the nodes share, for commands of `admin`. */
export async function adminData({ args, env }: Pick<Shared, "args" | "env">) {
  const data = await Deno.makeTempDir({ prefix: "towpath-admin-" });
  const config = Object.fromEntries(args.map((arg) => arg.slice(2).split(/=(.*)/s)));
  await Deno.writeTextFile(join(data, "config.json"), JSON.stringify(config));
  return {
    /** Runs a command with the permissions of the task. */
    async admin(...words: string[]): Promise<AdminOutput> {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "-P=admin", "admin.ts", ...words, "--data", data],
        cwd: new URL("../../", import.meta.url).pathname,
        env,
      }).output();
      return { code, text: new TextDecoder().decode(code === 0 ? stdout : stderr) };
    },
    /** Reads a file of the directory. */
    read: (name: string) => Deno.readTextFile(join(data, name)),
    [Symbol.asyncDispose]: () => Deno.remove(data, { recursive: true }),
  };
}
