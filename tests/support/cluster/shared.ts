/**
 * PostgreSQL and an object store for all tests of one process, which start with the first test that
 * needs them. Each data directory has a database and a prefix of its own, emptied once the directory
 * is removed.
 *
 * `TOWPATH_TEST_STORE=radosgw` takes a real gateway in place of a server in memory.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import type { ClusterAccess } from "../../../storage/cluster/access.ts";
import type { EnginesPlace, TakenPlace } from "./place.ts";

/** How long the engines may take to start on a machine that is busy with other tests, ms. */
const START_MS = 120_000;
/** Connections of each worker. */
const CONNECTIONS = 3;
const BUFFER_BYTES = 64 * 1024 * 1024;

/** Shared engines, and the directory with their certificates. */
type Engines = EnginesPlace & { readonly directory: string };

let engines: Promise<Engines> | undefined;

/** Where the data of a directory are kept, for an engine in this process. */
export async function clusterOf(data: string): Promise<ClusterAccess> {
  const { endpoint, accessKeyId, secretAccessKey, control } = await (engines ??= open());
  const reply = await fetch(`http://127.0.0.1:${control}/`, { method: "POST", body: data });
  const database: TakenPlace = await reply.json();
  const prefix = `${database.database}/`;
  return {
    node: "test",
    instance: "test",
    database: { ...database, connections: CONNECTIONS },
    store: {
      address: { endpoint, bucket: "bucket", prefix, region: "us-east-1", pathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    },
    bufferBytes: BUFFER_BYTES,
  };
}

/** The options that lead a server there, as its environment has them. */
export async function clusterEnvironment(data: string): Promise<Record<string, string>> {
  const { database, store } = await clusterOf(data);
  const { directory, endpoint, accessKeyId, secretAccessKey } = await engines!;
  const { user, port, database: name, password } = database;
  const secrets = {
    [`password-${name}`]: password,
    credentials: `[default]
aws_access_key_id = ${accessKeyId}
aws_secret_access_key = ${secretAccessKey}
`,
  };
  for (const [file, text] of Object.entries(secrets)) {
    await Deno.writeTextFile(join(directory, file), text, { mode: 0o600 });
  }
  return {
    TOWPATH_CATALOG: `postgres://${user}@localhost:${port}/${name}`,
    TOWPATH_CATALOG_PASSWORD_FILE: join(directory, `password-${name}`),
    TOWPATH_CATALOG_CA: join(directory, "catalog-ca.pem"),
    TOWPATH_CATALOG_CONNECTIONS: String(CONNECTIONS),
    TOWPATH_STORE: `s3://bucket/${store.address.prefix}`,
    TOWPATH_STORE_ENDPOINT: endpoint,
    TOWPATH_STORE_CREDENTIALS: join(directory, "credentials"),
    TOWPATH_CERT: join(directory, "cert.pem"),
    TOWPATH_KEY: join(directory, "key.pem"),
  };
}

/** File of the authority of the servers' certificate. */
export function clusterAuthority(): string {
  return join(directoryOfRun(), "ca.pem");
}

/** Finds the engines that another test of this process has started, or starts them. */
async function open(): Promise<Engines> {
  const directory = directoryOfRun();
  Deno.mkdirSync(directory, { recursive: true });
  using lock = await Deno.open(join(directory, "lock"), { create: true, write: true });
  await lock.lock(true);
  return { ...placeIn(directory) ?? await start(directory), directory };
}

/** Tests of several files run in threads of one process, which share it alone. */
function directoryOfRun(): string {
  const parent = Deno.env.get("TMPDIR") ?? "/tmp";
  return join(parent, `towpath-engines-${Deno.pid}`);
}

async function start(directory: string): Promise<EnginesPlace> {
  const program = new URL("./engines_main.ts", import.meta.url).pathname;
  const log = join(directory, "log");
  // In a session of its own: neither the end of this test nor a signal to all of them ends it.
  const line = 'log=$1; shift; setsid "$@" >"$log" 2>&1 </dev/null & echo $!';
  const run = ["run", "--quiet", "--allow-all", program, directory, String(Deno.pid)];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", line, "sh", log, Deno.execPath(), ...run],
    cwd: new URL("../../../", import.meta.url).pathname,
  }).output();
  const pid = new TextDecoder().decode(stdout).trim();
  const endMs = performance.now() + START_MS;
  while (performance.now() < endMs && isRunning(pid)) {
    const place = placeIn(directory);
    if (place !== undefined) return place;
    await delay(20);
  }
  throw new Error(`The engines did not start: ${Deno.readTextFileSync(log)}`);
}

function placeIn(directory: string): EnginesPlace | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(join(directory, "place.json")));
  } catch {
    return undefined;
  }
}

function isRunning(pid: string): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}
