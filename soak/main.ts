// deno task soak: a mixed load over all doors with kills, after which every acknowledged file is
// compared byte by byte. CONTRIBUTING.md, "Soak test"
import { delay } from "@std/async";
import { killPrograms, programEnvironment, taskCommand } from "../demo/programs.ts";
import type { Actor } from "./actor.ts";
import { Chaos, mayDelayWrites } from "./chaos.ts";
import { checkAll } from "./check.ts";
import { Random } from "./common/random.ts";
import { makeActors, PASSWORD, Report } from "./load.ts";
import { growthOf, shownGrowth } from "./memory.ts";
import { HELP, parseOptions, type SoakOptions } from "./options.ts";
import { Place } from "./common/place.ts";
import { NodesChaos } from "./nodes/nodes_chaos.ts";
import { NodesPlace } from "./nodes/nodes_place.ts";
import { recount } from "./quotas.ts";
import { SmallDisk } from "./small_disk.ts";

/** After this part of the run only workers fail: the server itself runs on, and is measured. */
const STEADY_FROM = 0.35;
/** Pause between two strikes, and the least time between two checks. */
const STRIKE_MS = 4000;
const CHECK_MS = 20_000;
/** Most memory that the server may have at any time, bytes. */
const MAX_MEMORY = 700 * 1024 * 1024;
const MIB = 1024 * 1024;

/** `admin verify` at the end. @returns whether nothing is damaged */
async function verify(data: string): Promise<boolean> {
  const [program, ...args] = taskCommand("admin");
  const { code, stdout, stderr } = await new Deno.Command(program!, {
    args: [...args, "verify", "--data", data],
    cwd: new URL("../", import.meta.url),
    env: programEnvironment({}),
    clearEnv: true,
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).join(" ");
  console.log(`admin verify: ${text.trim()}`);
  return code === 0;
}

/** Lets all come to rest and compares. @param about what the report says of the servers */
async function quietCheck(
  actors: Actor[],
  log: Report,
  atMs: number,
  about: () => Promise<string>,
): Promise<void> {
  await Promise.all(actors.map((actor) => actor.park()));
  const { files, bytes } = await checkAll(actors, log);
  console.log(
    `${Math.round(atMs / 1000)} s: ${files} files, ${bytes} bytes compared; ` +
      `${await about()}${log.differences.length} differences`,
  );
}

/** Lets actors work and things fail for the time of the run, with checks between. */
async function drive(
  { durationMs }: SoakOptions,
  random: Random,
  actors: Actor[],
  log: Report,
  strike: (elapsedMs: number) => Promise<void>,
  about: () => Promise<string>,
): Promise<void> {
  const running = Promise.all(actors.map((actor) => actor.run()));
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  let checkedMs = 0;
  while (elapsed() < durationMs) {
    const leftMs = durationMs - elapsed();
    await delay(Math.min(STRIKE_MS * (0.5 + random.next()), leftMs));
    if (elapsed() >= durationMs) break;
    await strike(elapsed());
    if (elapsed() - checkedMs < CHECK_MS) continue;
    await quietCheck(actors, log, elapsed(), about);
    checkedMs = elapsed();
    for (const actor of actors) actor.resume();
  }
  await quietCheck(actors, log, elapsed(), about);
  for (const actor of actors) actor.resume(true);
  await running;
}

/** A file system of its own for the data, where one can be mounted. */
async function mountDisk(
  root: string,
  stack: AsyncDisposableStack,
): Promise<SmallDisk | undefined> {
  const disk = await SmallDisk.mount(`${root}/disk`);
  if (typeof disk === "string") {
    console.log(`The full disk is left out: ${disk}`);
    return undefined;
  }
  stack.defer(() => disk.unmount());
  return disk;
}

async function soak(
  options: SoakOptions,
  root: string,
  stack: AsyncDisposableStack,
): Promise<number> {
  const random = new Random(options.seed);
  const log = new Report();
  const disk = await mountDisk(root, stack);
  const chooseWorkers = () => options.workers ?? 2 + random.below(2);
  const place = new Place(`${disk?.path ?? root}/data`, PASSWORD, chooseWorkers);
  stack.defer(killPrograms);
  await place.start();
  const actors = await makeActors(place, root, random, log);
  const why = await mayDelayWrites();
  if (why !== undefined) console.log(`The slow disk is left out: ${why}`);
  const chaos = new Chaos(place, random, why === undefined, disk);
  await drive(options, random, actors, log, async (elapsedMs) => {
    chaos.mayEndServer = elapsedMs < STEADY_FROM * options.durationMs;
    await chaos.strike();
  }, async () => `the server has ${Math.round(await place.measure() / MIB)} MiB; `);
  await place.stop();
  const whole = await verify(place.data);
  console.log(`recount: ${recount(place.data, log)} accounts`);
  judgeMemory(place, log);
  summarise(log, chaos, options.seed);
  return log.differences.length === 0 && log.surprises.length === 0 && whole ? 0 : 1;
}

/** The same load over several nodes. */
async function soakNodes(
  options: SoakOptions,
  root: string,
  stack: AsyncDisposableStack,
): Promise<number> {
  const random = new Random(options.seed);
  const log = new Report();
  const place = new NodesPlace(root, PASSWORD, options.nodes, random);
  stack.defer(killPrograms);
  await place.start(stack);
  const actors = await makeActors(place, root, random, log);
  const chaos = new NodesChaos(place, random);
  await drive(options, random, actors, log, () => chaos.strike(), () => Promise.resolve(""));
  await place.stop();
  const whole = await verify(await place.makeAdminData());
  summarise(log, chaos, options.seed);
  return log.differences.length === 0 && log.surprises.length === 0 && whole ? 0 : 1;
}

function judgeMemory(place: Place, log: Report): void {
  for (const samples of place.memory) {
    const most = Math.max(0, ...samples);
    if (most > MAX_MEMORY) {
      log.difference(`The server had ${Math.round(most / MIB)} MiB of memory`);
    }
    const growth = growthOf(samples);
    if (growth === undefined) continue;
    console.log(`memory of a server that ran on: ${shownGrowth(growth)}`);
    if (growth.tooMuch) log.difference(`The server's memory grew: ${shownGrowth(growth)}`);
  }
}

function summarise(log: Report, chaos: Pick<Chaos, "counts">, seed: number): void {
  const sorted = (counts: Iterable<[string, number]>) =>
    [...counts].sort().map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`operations: ${sorted(log.counts)}`);
  console.log(`to the server: ${sorted(Object.entries(chaos.counts))}`);
  console.log(
    `${log.differences.length} differences, ${log.surprises.length} unexpected answers; ` +
      `seed ${seed}`,
  );
}

const options = parseOptions(Deno.args);
if (options === undefined) {
  console.log(HELP);
  Deno.exit(0);
}
console.log(`seed ${options.seed}, ${options.durationMs / 1000} s`);
const root = await Deno.makeTempDir({ prefix: "towpath-soak-" });
let code = 1;
{
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  code = await (options.nodes > 0 ? soakNodes : soak)(options, root, stack);
}
Deno.exit(code);
