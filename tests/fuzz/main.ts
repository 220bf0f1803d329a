/**
 * `deno task fuzz`: random input at every door of a real server, whose seed repeats it.
 *
 * Ends with 1 where the server stops or restarts a worker, answers another client wrongly, fails
 * inside, sends what is no reply, tells something of its inside, or keeps memory.
 */
import { delay } from "@std/async";
import { parseArgs } from "node:util";
import { startServer } from "../support/server.ts";
import { fuzzFtp } from "./ftp.ts";
import { fuzzHttp } from "./http.ts";
import { fuzzNames } from "./names.ts";
import { fuzzNative } from "./native.ts";
import { Random } from "../../soak/common/random.ts";
import { Case, Fault, within, World } from "./world.ts";

const TARGETS = { native: fuzzNative, ftp: fuzzFtp, http: fuzzHttp, names: fuzzNames };
/** A case that takes longer is a fault: no input may hold a connection without a limit. */
const CASE_MS = 30_000;
/** Cases of each kind at a time. */
const LANES = 3;
const CHECK_EACH_MS = 2000;
/** Cases after which their leftovers are removed. */
const EMPTY_EACH = 1000;
/** Memory that a server may gain after its first cases, MiB: caches fill, and V8 frees late. */
const MAX_GROWTH_MIB = 160;

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
  },
});
const durationMs = 60_000 * Number(values.minutes ?? "0") + 1000 * Number(values.seconds ?? "0") ||
  60_000;
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const names = Object.keys(TARGETS) as (keyof typeof TARGETS)[];
const chosen = values.only === undefined ? names : names.filter((name) => name === values.only);
if (!(durationMs > 0) || !Number.isInteger(seed) || chosen.length === 0) {
  console.error(`Usage: --minutes N, --seconds N, --seed N, --only ${names.join("|")}`);
  Deno.exit(2);
}
console.log(`seed ${seed}: repeat with --seed ${seed}`);
Deno.exit(await run());

async function run(): Promise<number> {
  await using server = await startServer({ web: true, ftp: true });
  const world = await World.open(server);
  try {
    const found = await fuzz(world);
    await world.check();
    const log = Deno.readTextFileSync(`${server.data}/logs/server.log`);
    const failed = /Request failed|worker \S+ (failed|ended)/i.exec(log);
    if (failed !== null) throw new Fault(`The log says: ${log.slice(failed.index).slice(0, 400)}`);
    console.log(found);
    return 0;
  } catch (error) {
    console.error(error instanceof Fault ? error.message : error);
    console.error(server.stderr.slice(-2000));
    return 1;
  } finally {
    world.close();
  }
}

/** Runs cases until the time is over. @returns what was done, in one sentence */
async function fuzz(world: World): Promise<string> {
  const endMs = performance.now() + durationMs;
  const counts = new Map<string, number>();
  let number = 0;
  let emptied = 0;
  let fault: unknown;
  const going = () => fault === undefined && performance.now() < endMs;
  const lane = async (name: keyof typeof TARGETS) => {
    while (going()) {
      const task = new Case(number++);
      try {
        await runCase(world, name, task);
      } catch (error) {
        const why = error instanceof Fault ? error.message : Deno.inspect(error);
        const sent = task.sent.join("\n");
        fault ??= new Fault(`${name}, case ${task.number}: ${why}\nIt sent:\n${sent}`);
      }
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  const lanes = chosen.flatMap((name) => Array.from({ length: LANES }, () => lane(name)));
  let warmMib: number | undefined;
  while (going()) {
    await delay(Math.min(CHECK_EACH_MS, durationMs / 8));
    await world.check().catch((error) => fault ??= error);
    if (number > emptied + EMPTY_EACH) {
      emptied = number;
      await world.empty().catch((error) => fault ??= error);
    }
    if (endMs - performance.now() < 0.75 * durationMs) warmMib ??= world.residentMib();
  }
  await Promise.all(lanes);
  if (fault !== undefined) throw fault;
  const memoryMib = Math.round(world.residentMib());
  const growth = memoryMib - (warmMib ?? memoryMib);
  if (growth > MAX_GROWTH_MIB) throw new Fault(`The server's memory grew by ${growth} MiB`);
  const reported = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
  return `no fault in ${number} cases (${reported}); the server's memory is ${memoryMib} MiB`;
}

/** Each case has a random sequence of its own. @throws {Fault} */
async function runCase(world: World, name: keyof typeof TARGETS, task: Case): Promise<void> {
  const done = await within(CASE_MS, TARGETS[name](world, task, new Random(seed + task.number)));
  if (done === "late") throw new Fault(`It took longer than ${CASE_MS / 1000} s`);
}
