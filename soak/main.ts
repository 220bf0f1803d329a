// deno task soak: a mixed load over all doors with kills, after which every acknowledged file is
// compared byte by byte. docs/design.md, "Soak test"
import { killPrograms, programEnvironment, taskCommand } from "../demo/programs.ts";
import { Client } from "../client/mod.ts";
import { Actor, type Log } from "./actor.ts";
import { Chaos, mayDelayWrites } from "./chaos.ts";
import { checkAll } from "./check.ts";
import { Random } from "./content.ts";
import { type DoorContext, type Login, pause } from "./door.ts";
import { formDoor } from "./doors/form.ts";
import { ftpDoor, hasCurl } from "./doors/ftp.ts";
import { httpDoor, tusDoor } from "./doors/http.ts";
import { libraryDoor, programDoor } from "./doors/native.ts";
import { Model } from "./model.ts";
import { HELP, parseOptions, type SoakOptions } from "./options.ts";
import { Place } from "./place.ts";

const PASSWORD = "correct horse battery";
/** Quotas of the accounts: the first has room, the others are full now and then. */
const QUOTAS = [null, 60 * 1024 * 1024, 24 * 1024 * 1024];
const ACTORS_EACH = 2;
/** Pause between two strikes, and the least time between two checks. */
const STRIKE_MS = 4000;
const CHECK_MS = 20_000;
/** Most memory that the server may have at any time, bytes. */
const MAX_MEMORY = 700 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Collects what happened. */
class Report implements Log {
  readonly counts = new Map<string, number>();
  readonly differences: string[] = [];
  readonly surprises: string[] = [];

  count(operation: string): void {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
  }
  difference(text: string): void {
    this.differences.push(text);
    console.log(`DIFFERENCE ${text}`);
  }
  surprise(text: string): void {
    this.surprises.push(text);
    console.log(`unexpected: ${text}`);
  }
}

async function makeLogin(admin: Client, place: Place, index: number): Promise<Login> {
  const username = `soak${index}`;
  const quota = QUOTAS[index];
  await admin.request("ADDU", {
    username,
    password: PASSWORD,
    ...(quota === null ? {} : { quota }),
  }, "Cannot add an account");
  const { native } = await place.ports();
  const client = await Client.connect({
    server: `localhost:${native}`,
    caFile: place.ca,
    credentials: { username, password: PASSWORD },
  });
  const { token } = await client.request("TOKEN", { label: "soak" }, "Cannot make a token");
  await client.close();
  return { username, password: PASSWORD, token: String(token) };
}

async function makeActors(place: Place, root: string, random: Random, log: Log): Promise<Actor[]> {
  const { native } = await place.ports();
  const admin = await Client.connect({
    server: `localhost:${native}`,
    caFile: place.ca,
    credentials: { username: "admin", password: PASSWORD },
  });
  const curl = await hasCurl();
  if (!curl) console.log("FTP is left out: curl is not installed");
  const actors: Actor[] = [];
  for (let account = 0; account < QUOTAS.length; account++) {
    const login = await makeLogin(admin, place, account);
    for (let i = 0; i < ACTORS_EACH; i++) {
      const id = `${login.username}/${i}`;
      const local = `${root}/local-${account}-${i}`;
      await Deno.mkdir(local);
      const context: DoorContext = { place, login, local };
      const doors = [
        ...[libraryDoor(context), httpDoor(context), tusDoor(context), formDoor(context)],
        ...[libraryDoor(context), httpDoor(context), programDoor(context)],
        ...curl ? [ftpDoor(context)] : [],
      ];
      const own = new Random(random.below(2 ** 32));
      const actor = new Actor(id, `/d${i}`, context, doors, new Model(), own, log);
      const client = await Client.connect({
        server: `localhost:${native}`,
        caFile: place.ca,
        credentials: { token: login.token },
      });
      await client.request("MKD", { path: actor.directory }, "Cannot make a directory");
      await client.close();
      actors.push(actor);
    }
  }
  await admin.close();
  return actors;
}

/** `admin verify` at the end. @returns whether nothing is damaged */
async function verify(data: string): Promise<boolean> {
  const [program, ...args] = taskCommand("admin");
  const { code, stdout } = await new Deno.Command(program!, {
    args: [...args, "verify", "--data", data],
    cwd: new URL("../", import.meta.url),
    env: programEnvironment({}),
    clearEnv: true,
  }).output();
  console.log(`admin verify: ${new TextDecoder().decode(stdout).trim()}`);
  return code === 0;
}

async function quietCheck(actors: Actor[], place: Place, log: Report, atMs: number): Promise<void> {
  await Promise.all(actors.map((actor) => actor.park()));
  const { files, bytes } = await checkAll(actors, log);
  const memory = Math.round(await place.measure() / MIB);
  console.log(
    `${Math.round(atMs / 1000)} s: ${files} files, ${bytes} bytes compared; ` +
      `the server has ${memory} MiB; ${log.differences.length} differences`,
  );
}

async function soak(
  options: SoakOptions,
  root: string,
  stack: AsyncDisposableStack,
): Promise<number> {
  const random = new Random(options.seed);
  const log = new Report();
  const place = new Place(`${root}/data`, PASSWORD, ["--workers", String(options.workers)]);
  stack.defer(killPrograms);
  await place.start();
  const actors = await makeActors(place, root, random, log);
  const why = await mayDelayWrites();
  if (why !== undefined) console.log(`The slow disk is left out: ${why}`);
  const chaos = new Chaos(place, random, why === undefined);
  const running = Promise.all(actors.map((actor) => actor.run()));
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  let checkedMs = 0;
  while (elapsed() < options.durationMs) {
    const leftMs = options.durationMs - elapsed();
    await pause(Math.min(STRIKE_MS * (0.5 + random.next()), leftMs));
    if (elapsed() >= options.durationMs) break;
    await chaos.strike();
    if (elapsed() - checkedMs < CHECK_MS) continue;
    await quietCheck(actors, place, log, elapsed());
    checkedMs = elapsed();
    for (const actor of actors) actor.resume();
  }
  await quietCheck(actors, place, log, elapsed());
  for (const actor of actors) actor.resume(true);
  await running;
  await place.stop();
  const whole = await verify(place.data);
  const most = Math.max(...place.memory);
  if (most > MAX_MEMORY) log.difference(`The server had ${Math.round(most / MIB)} MiB of memory`);
  console.log(
    `memory by start, MiB: ${place.memory.map((bytes) => Math.round(bytes / MIB)).join(" ")}`,
  );
  const sorted = (counts: Iterable<[string, number]>) =>
    [...counts].sort().map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`operations: ${sorted(log.counts)}`);
  console.log(`to the server: ${sorted(Object.entries(chaos.counts))}`);
  console.log(
    `${log.differences.length} differences, ${log.surprises.length} unexpected answers; ` +
      `seed ${options.seed}`,
  );
  return log.differences.length === 0 && log.surprises.length === 0 && whole ? 0 : 1;
}

const options = parseOptions(Deno.args);
if (options === undefined) {
  console.log(HELP);
  Deno.exit(0);
}
console.log(`seed ${options.seed}, ${options.workers} workers, ${options.durationMs / 1000} s`);
const root = await Deno.makeTempDir({ prefix: "towpath-soak-" });
let code = 1;
{
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  code = await soak(options, root, stack);
}
Deno.exit(code);
