/** Real servers that share PostgreSQL and an object store, each with its own data directory. */
import { join } from "@std/path";
import { makeCertificates } from "../support/in_process.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { startPostgres } from "./engines.ts";
import { type S3InMemory, startS3 } from "./s3_in_memory.ts";

/** Options of all nodes. */
export interface Shared {
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly caText: string;
  readonly s3: S3InMemory;
}

/** Runs a test with nodes that it starts, over a database and a store of their own. */
export async function withNodes(
  test: (node: (name: string) => Promise<TestServer>, shared: Shared) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-nodes-" });
  const place = await (await startPostgres()).empty();
  await using s3 = startS3();
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
    `--store-endpoint=${s3.endpoint}`,
    ...[`--cert=${join(directory, "cert")}`, `--key=${join(directory, "key")}`],
  ];
  const env = { TOWPATH_STORE_ACCESS_KEY_ID: "key", TOWPATH_STORE_SECRET_ACCESS_KEY: "secret" };
  await using started = new AsyncDisposableStack();
  started.defer(() => Deno.remove(directory, { recursive: true }));
  const node = async (name: string) =>
    started.use(await startServer({ args: [...args, `--node=${name}`], env, web: true }));
  await test(node, { args, env, caText, s3 });
}

/** Logs in as `admin` over the native protocol. */
export function login(server: TestServer, { caText }: Shared): Promise<RawClient> {
  return RawClient.login({ port: server.port, caText }, "admin", "correct horse battery");
}
