/**
 * Program: the engines of one test run, PostgreSQL and an object store, with a database and a prefix
 * for each data directory that a test names. It ends with the process of the tests.
 *
 * Arguments: a directory for `place.json`, and the id of that process.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { Database, type DatabaseOptions } from "../../../storage/cluster/postgres/database.ts";
import { EMPTY } from "../../cluster/empty.ts";
import { startPostgres } from "../../cluster/engines.ts";
import { startRgw } from "../../cluster/rgw.ts";
import { startS3 } from "../../../bench/cluster/s3_in_memory.ts";
import type { EnginesPlace, TakenPlace } from "./place.ts";

/** Interval at which directories are looked at: databases of those that are gone are used again. */
const SWEEP_MS = 1000;

/** A database with the prefix of the same name in the bucket. */
interface Lent {
  readonly options: DatabaseOptions;
  /** Whether the directory was there: a server makes its own later. */
  wasThere: boolean;
}

const [directory, process] = Deno.args as [string, string];
const postgres = await startPostgres();
const store = await openStore();
const lent = new Map<string, Promise<Lent>>();
const free: DatabaseOptions[] = [];

function take(data: string): Promise<Lent> {
  const known = lent.get(data);
  if (known !== undefined) return known;
  const options = free.pop();
  const taken = (options === undefined ? postgres.fresh() : Promise.resolve(options))
    .then((options) => ({ options, wasThere: false }));
  lent.set(data, taken);
  return taken;
}

/** Empties a database and its prefix for the next test. */
async function giveBack(data: string): Promise<void> {
  const { options } = await lent.get(data)!;
  lent.delete(data);
  const database = new Database({ ...options, connections: 1 });
  try {
    await database.query((sql) =>
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`
    );
    await database.query((sql) => sql.unsafe(EMPTY));
  } finally {
    await database.close();
  }
  // Its prefix is the database's name: content of before would be another database's.
  if (store.forget(`${options.database}/`)) free.push(options);
}

async function openStore() {
  if (Deno.env.get("TOWPATH_TEST_STORE") !== "radosgw") {
    const { endpoint, objects } = await startS3();
    return {
      access: { endpoint, accessKeyId: "key", secretAccessKey: "secret" },
      forget(prefix: string) {
        for (const key of objects.keys()) if (key.startsWith(prefix)) objects.delete(key);
        return true;
      },
    };
  }
  const rgw = await startRgw();
  await rgw.createBucket("bucket");
  const { endpoint, accessKeyId, secretAccessKey } = rgw;
  return { access: { endpoint, accessKeyId, secretAccessKey }, forget: () => false };
}

const authority = await makeAuthority();
const leaf = await makeLeaf(authority, ["localhost", "127.0.0.1", "127.0.0.4", "::1"]);
const catalogCa = (await postgres.empty()).tls!.ca!;
const chain = leaf.cert + authority.cert;
const files = { ca: authority.cert, cert: chain, key: leaf.key, "catalog-ca": catalogCa };
for (const [name, text] of Object.entries(files)) {
  await Deno.writeTextFile(join(directory, `${name}.pem`), text);
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
  const { options } = await take(await request.text());
  return Response.json(options satisfies TakenPlace);
});
const place: EnginesPlace = { ...store.access, control: server.addr.port };
await Deno.writeTextFile(join(directory, "place.json.new"), JSON.stringify(place));
await Deno.rename(join(directory, "place.json.new"), join(directory, "place.json"));

while (isThere(`/proc/${process}`)) {
  await delay(SWEEP_MS);
  for (const [data, lending] of lent) {
    const place = await lending;
    if (isThere(data)) place.wasThere = true;
    else if (place.wasThere) await giveBack(data).catch((error) => console.error(data, error));
  }
}
await Deno.remove(directory, { recursive: true });
Deno.exit();

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
