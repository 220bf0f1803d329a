/** A private PostgreSQL, started once for each test file that asks for it, and removed at its end. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { makeAuthority, makeLeaf } from "../../server/certificates/make_certificates.ts";
import { MIGRATIONS } from "../../storage/cluster/migrations/all.ts";
import { Database, type DatabaseOptions } from "../../storage/cluster/postgres/database.ts";
import { migrate } from "../../storage/cluster/postgres/migrations.ts";
import { freePort } from "../support/machine/free_port.ts";

/** How long PostgreSQL may take to start or stop on a machine that is busy with other tests, ms. */
const START_MS = 90_000;

const BINARIES = findBinaries();

/** Whether tests over PostgreSQL are left out: it is not installed. In CI they fail then. */
export const withoutPostgres = BINARIES === undefined && !Deno.env.get("CI");
if (withoutPostgres) console.log("The cluster's engine is not tested: PostgreSQL is not installed");

/** Where Debian has PostgreSQL's programs, of the newest version. */
function findBinaries(): string | undefined {
  const place = "/usr/lib/postgresql";
  try {
    const versions = [...Deno.readDirSync(place)].map(({ name }) => Number(name));
    const newest = Math.max(...versions.filter((version) => version > 0));
    Deno.statSync(`${place}/${newest}/bin/initdb`);
    return `${place}/${newest}/bin`;
  } catch {
    return undefined;
  }
}

/** One of PostgreSQL's programs. */
export function postgresProgram(name: string): string {
  return `${BINARIES}/${name}`;
}

/** A PostgreSQL of this test file's own. */
export interface TestPostgres {
  /** Address of a database that is empty but for the schema, each call another one. */
  fresh(): Promise<DatabaseOptions>;
  /** Address of a database without any table. */
  empty(): Promise<DatabaseOptions>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends all its processes with SIGKILL. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops all its processes where they are, so that connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Takes a backup by pg_basebackup, and starts another server on it. */
  startBackup(): Promise<{ readonly port: number } & AsyncDisposable>;
}

let started: Promise<TestPostgres> | undefined;

/** Starts PostgreSQL, once for each process. It ends with the process, however that ends. */
export function startPostgres(): Promise<TestPostgres> {
  return started ??= start();
}

async function start(): Promise<TestPostgres> {
  if (BINARIES === undefined) throw new Error("PostgreSQL is not installed");
  const directory = await Deno.makeTempDir({ prefix: "towpath-postgres-" });
  const data = join(directory, "data");
  const port = freePort();
  const password = crypto.randomUUID();
  await Deno.writeTextFile(join(directory, "password"), password);
  const authority = await makeAuthority();
  const { cert, key } = await makeLeaf(authority, ["localhost", "127.0.0.1"]);
  if (Deno.uid() === 0) await run(["chown", "-R", "postgres:", directory]);
  await asServer([
    `${BINARIES}/initdb`,
    ...["-D", data, "-U", "towpath", `--pwfile=${directory}/password`, "--auth=scram-sha-256"],
    ...["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"],
  ]);
  await Deno.writeTextFile(join(data, "server.crt"), cert);
  await Deno.writeTextFile(join(data, "server.key"), key, { mode: 0o600 });
  await Deno.writeTextFile(join(data, "postgresql.conf"), configuration(directory, port), {
    append: true,
  });
  await Deno.writeTextFile(
    join(data, "pg_hba.conf"),
    "hostssl all,replication all 127.0.0.1/32 scram-sha-256\n",
  );
  if (Deno.uid() === 0) await run(["chown", "-R", "postgres:", data]);
  watch(directory, data);
  const launch = () =>
    asServer([
      ...[`${BINARIES}/pg_ctl`, "-D", data, "-w", "-t", String(START_MS / 1000)],
      ...["-l", join(directory, "log"), "start"],
    ]);
  await launch();
  const options = (database: string): DatabaseOptions => ({
    host: "127.0.0.1",
    port,
    database,
    user: "towpath",
    password,
    tls: { ca: authority.cert, serverName: "localhost" },
    connections: 4,
  });
  const inOne = async (name: string, work: (database: Database) => Promise<unknown>) => {
    const database = new Database(options(name));
    try {
      await work(database);
    } finally {
      await database.close();
    }
  };
  const create = async (template: string) => {
    const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
    await inOne(
      "postgres",
      (database) =>
        database.query((sql) => sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`)),
    );
    return options(name);
  };
  let migrated: Promise<string> | undefined;
  const template = async () => {
    const made = await create("template0");
    await inOne(made.database, (database) => migrate(database, MIGRATIONS));
    return made.database;
  };
  const startBackup = async () => {
    const copy = await Deno.makeTempDir({ prefix: "towpath-postgres-" });
    const [to, other] = [join(copy, "data"), freePort()];
    if (Deno.uid() === 0) await run(["chown", "-R", "postgres:", copy]);
    // Its own directory of certificates would be root's.
    const secure = `sslmode=require&sslcert=${copy}/none&sslrootcert=${copy}/none`;
    const from = `postgres://towpath:${password}@127.0.0.1:${port}/?${secure}`;
    await asServer([
      ...[`${BINARIES}/pg_basebackup`, "-d", from, "-D", to],
      ...["--checkpoint=fast", "--wal-method=stream", "--no-sync"],
    ]);
    watch(copy, to);
    const control = [`${BINARIES}/pg_ctl`, "-D", to, "-w", "-t", String(START_MS / 1000)];
    const changed = `-c port=${other} -c unix_socket_directories=${copy}`;
    await asServer([...control, "-l", join(copy, "log"), "-o", changed, "start"]);
    const stop = () => asServer([...control, "-m", "immediate", "stop"]);
    return { port: other, [Symbol.asyncDispose]: stop };
  };
  return {
    startBackup,
    fresh: async () => await create(await (migrated ??= template())),
    empty: () => create("template0"),
    start: launch,
    crash: () => killAll(data),
    freeze: () => void signalAll(data, "SIGSTOP"),
    thaw: () => void signalAll(data, "SIGCONT"),
    kill: () => asServer([`${BINARIES}/pg_ctl`, "-D", data, "-m", "immediate", "-w", "stop"]),
  };
}

function configuration(directory: string, port: number): string {
  return `
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${directory}'
ssl = on
max_connections = 300
shared_buffers = 32MB
dynamic_shared_memory_type = posix
fsync = off
`;
}

/**
 * Ends PostgreSQL with this process: a shell waits for the end of its standard input, which the
 * process keeps open, and then removes the directory.
 */
function watch(directory: string, data: string): void {
  const stop = `cat >/dev/null; cd /; "$0" -D "$1" -m immediate stop >/dev/null 2>&1; rm -rf "$2"`;
  const command = ["sh", "-c", stop, `${BINARIES}/pg_ctl`, data, directory];
  const [program, ...args] = Deno.uid() === 0 ? asPostgres(command) : command;
  const child = new Deno.Command(program!, {
    args,
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
}

/** Kills the server and the processes of its connections, and waits until they are gone. */
async function killAll(data: string): Promise<void> {
  const pids = signalAll(data, "SIGKILL");
  const runs = (pid: number) => {
    try {
      return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
    } catch {
      return false;
    }
  };
  while (pids.some(runs)) await delay(10);
  // Where no process collects zombies, the next server would take this one for running.
  await Deno.remove(join(data, "postmaster.pid"));
}

/** Sends a signal to the server and the processes of its connections. @returns their ids */
function signalAll(data: string, signal: Deno.Signal): number[] {
  const server = Number(Deno.readTextFileSync(join(data, "postmaster.pid")).split("\n")[0]);
  const children = Deno.readTextFileSync(`/proc/${server}/task/${server}/children`);
  const pids = [server, ...children.trim().split(/\s+/).filter(Boolean).map(Number)];
  for (const pid of pids) Deno.kill(pid, signal);
  return pids;
}

/** Root cannot run PostgreSQL. */
function asPostgres(command: string[]): string[] {
  return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", ...command];
}

function asServer(command: string[]): Promise<void> {
  return run(Deno.uid() === 0 ? asPostgres(command) : command);
}

async function run([program, ...args]: string[]): Promise<void> {
  // A program in the background keeps no pipe of ours open.
  const log = await Deno.makeTempFile();
  try {
    const { code } = await new Deno.Command("sh", {
      args: ["-c", `exec "$@" >"$0" 2>&1 </dev/null`, log, program!, ...args],
      cwd: "/",
    }).output();
    if (code !== 0) throw new Error(`${program} failed: ${await Deno.readTextFile(log)}`);
  } finally {
    await Deno.remove(log);
  }
}
