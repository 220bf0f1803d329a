// Starts of large data directories: what they cost does not grow with the files, and little with the
// accounts; meanwhile the server says what it does.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { recover } from "../../storage/disk/recovery/recover.ts";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { type Amounts, makeLargeData } from "../support/machine/large_data.ts";
import { until } from "../support/native.ts";
import { serveCommand, startServer } from "../support/server.ts";

/** How long a start may take on a machine that is busy with other tests. */
const START_MS = 60_000;

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-large-" });
  try {
    await work(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Wraps an object so that the calls of its methods are counted, and the items that they return. */
function counting<T extends object>(target: T, count: (items: number) => void): T {
  return new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value === "object" && value !== null) return counting(value, count);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const result = value.apply(target, args);
        Promise.resolve(result).then((items) => {
          const size = Array.isArray(items) ? items.length : items instanceof Map ? items.size : 0;
          count(size);
        }, () => {});
        return result;
      };
    },
  });
}

/** Calls of store and catalog during recovery, and records that these returned. */
async function recoveryOf(data: string, amounts: Amounts): Promise<number> {
  await makeLargeData(data, amounts);
  const catalog = SqliteCatalog.open(join(data, "catalog.db"), { durability: "relaxed" });
  let sum = 0;
  const count = (items: number) => void (sum += 1 + items);
  try {
    await recover(counting(new LocalStore(data), count), counting(catalog, count));
  } finally {
    await catalog.close();
  }
  return sum;
}

Deno.test("recovery reads no more for more files, and each upload a few times", async () => {
  await withDirectory(async (directory) => {
    const base = { accounts: 10, files: 100, uploads: 5, intents: 2 };
    const few = await recoveryOf(join(directory, "few"), base);
    const files = await recoveryOf(join(directory, "files"), { ...base, files: 1000 });
    assertStrictEquals(files, few);
    const accounts = await recoveryOf(join(directory, "accounts"), { ...base, accounts: 60 });
    const perAccount = (accounts - few) / 50;
    assert(perAccount <= 10, `${perAccount} calls and records for each further account`);
    const uploads = await recoveryOf(join(directory, "uploads"), { ...base, uploads: 105 });
    const perUpload = (uploads - few) / 100;
    assert(perUpload <= 10, `${perUpload} calls and records for each further upload`);
  });
});

/** System calls of a whole start and stop of the server, by name. */
async function callsOfStart(data: string, amounts: Amounts): Promise<Map<string, number>> {
  await makeLargeData(data, amounts);
  const list = join(data, "..", `calls-${crypto.randomUUID()}`);
  const flags = ["-f", "-qq", "-e", "trace=fsync,openat", "-o", list];
  const child = new Deno.Command("strace", {
    args: [...flags, Deno.execPath(), ...serveCommand(), "--data", data, "--port", "0"],
    cwd: new URL("../../", import.meta.url).pathname,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ready = join(data, "server.json");
  let pid = 0;
  await until("the server is ready", () => {
    try {
      pid = JSON.parse(Deno.readTextFileSync(ready)).pid;
    } catch {
      // not yet
    }
    return Promise.resolve(pid !== 0);
  }, START_MS);
  Deno.kill(pid, "SIGTERM");
  await child.status;
  const calls = new Map<string, number>();
  for (const line of Deno.readTextFileSync(list).split("\n")) {
    const name = /^\d+ +(fsync|openat)\(/.exec(line)?.[1];
    if (name === undefined || (name === "openat" && !line.includes(data))) continue;
    calls.set(name, (calls.get(name) ?? 0) + 1);
  }
  return calls;
}

const hasStrace = (() => {
  try {
    return new Deno.Command("strace", { args: ["-V"], stdout: "null" }).outputSync().success;
  } catch {
    return Deno.env.has("CI"); // there, what is missing is a failure
  }
})();

Deno.test(
  "a start syncs nothing for each account, and opens nothing for each file",
  { ignore: !hasStrace },
  async () => {
    await withDirectory(async (directory) => {
      const few = await callsOfStart(join(directory, "few"), { accounts: 5, files: 10 });
      const many = await callsOfStart(join(directory, "many"), { accounts: 65, files: 1500 });
      const more = (name: string) => many.get(name)! - few.get(name)!;
      assert(more("fsync") < 30, `${more("fsync")} more syncs for 60 accounts`);
      assert(more("openat") < 60 * 4, `${more("openat")} more files opened for 60 accounts`);
    });
  },
);

for (const scheme of ["https", "http"]) {
  const name =
    `a server that recovers says what it does, and answers 503 meanwhile, over ${scheme}`;
  Deno.test(name, () => answersWhileItRecovers(scheme));
}

async function answersWhileItRecovers(scheme: string): Promise<void> {
  await withDirectory(async (directory) => {
    const data = join(directory, "data");
    // The first start writes before it recovers.
    await (await startServer({ data })).stop();
    await makeLargeData(data, { accounts: 2, files: 2, uploads: 3, intents: 2 });
    // It waits for this transaction as soon as it writes.
    using other = new DatabaseSync(join(data, "catalog.db"));
    other.exec("BEGIN IMMEDIATE");
    const port = freePort();
    // Over HTTP, this test is a proxy that ends TLS.
    const plain = scheme === "http" ? ["--web-plain", "--trusted-proxy", "127.0.0.1"] : [];
    const starting = startServer({ data, args: ["--web-port", String(port), ...plain] });
    starting.catch(() => {});
    const ask = async () => {
      const client = Deno.createHttpClient({
        caCerts: [Deno.readTextFileSync(join(data, "tls/ca.pem"))],
      });
      try {
        const reply = await fetch(`${scheme}://127.0.0.1:${port}/healthz`, { client });
        return [
          reply.status,
          reply.headers.get("retry-after"),
          (await reply.text()).split("\n")[0],
        ];
      } finally {
        client.close();
      }
    };
    await until("it answers", async () => {
      const answer = await ask().catch(() => undefined);
      if (answer === undefined) return false;
      assertEquals(answer, [503, "1", "starting"]);
      return true;
    }, START_MS);
    other.exec("ROLLBACK");
    await using server = await starting;
    assertEquals((await ask())[0], 200);
    assertMatch(server.stderr, /Recovering 2 uploads that were being published/);
    assertMatch(server.stderr, /Recovering 5 unfinished uploads/);
  });
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
