// deno task soak: a mixed load over all doors with kills, after which every acknowledged file is
// compared byte by byte. CONTRIBUTING.md, "Soak test"
import { delay } from "@std/async";
import { killPrograms, programEnvironment, taskCommand } from "../demo/programs.ts";
import { Client } from "../client/lib/mod.ts";
import { Actor } from "./actor.ts";
import { Chaos, mayDelayWrites } from "./chaos.ts";
import { checkAll } from "./check.ts";
import { Random } from "./common/random.ts";
import type { ClientContext, Home, Login } from "./common/door_client.ts";
import { formDoor } from "./doors/form.ts";
import { ftpDoor, hasCurl } from "./doors/ftp.ts";
import { httpDoor, tusDoor } from "./doors/http.ts";
import { libraryDoor, programDoor } from "./doors/native.ts";
import { rawFtpDoor } from "./doors/raw_ftp.ts";
import { growthOf, shownGrowth } from "./memory.ts";
import { Model } from "./model.ts";
import { HELP, parseOptions, type SoakOptions } from "./options.ts";
import { Place } from "./common/place.ts";
import { recount } from "./quotas.ts";
import { SmallDisk } from "./small_disk.ts";
import type { Log } from "./user.ts";

const PASSWORD = "correct horse battery";
/** Quotas of the accounts: the first has room, the others are full now and then. */
const QUOTAS = [null, 60 * 1024 * 1024, 24 * 1024 * 1024];
const ACTORS_EACH = 2;
/** Accounts that let another one write into a directory of theirs. */
const SHARING = 2;
/** After this part of the run only workers fail: the server itself runs on, and is measured. */
const STEADY_FROM = 0.35;
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

/** Kind of an actor. */
interface Role {
  login: Login;
  /** Its directory as the account sees it. */
  directory: string;
  home: Home;
}

/** Makes the accounts, their directories and their shares. */
async function makeRoles(place: Place): Promise<Role[]> {
  const { native } = await place.ports();
  const connect = (username: string) =>
    Client.connect({
      server: `localhost:${native}`,
      caFile: place.ca,
      credentials: { username, password: PASSWORD },
    });
  const admin = await connect("admin");
  const logins: Login[] = [];
  for (let index = 0; index < QUOTAS.length; index++) {
    logins.push(await makeLogin(admin, place, index));
  }
  await admin.close();
  const roles: Role[] = [];
  for (const [index, login] of logins.entries()) {
    const account = login.username;
    const client = await connect(account);
    const makeDirectory = (path: string) =>
      client.request("MKD", { path }, "Cannot make a directory");
    for (let i = 0; i < ACTORS_EACH; i++) {
      const directory = `/d${i}`;
      await makeDirectory(directory);
      roles.push({ login, directory, home: { account, directory } });
    }
    if (index < SHARING) {
      const directory = "/guest";
      const guest = logins[(index + 1) % logins.length]!;
      const share = { filename: directory, username: guest.username, permissions: "rwcd" };
      await makeDirectory(directory);
      await client.request("SHAR", share, "Cannot share");
      const shared = `/shared/${account}${directory}`;
      roles.push({ login: guest, directory: shared, home: { account, directory } });
    }
    await client.close();
  }
  return roles;
}

async function makeActors(place: Place, root: string, random: Random, log: Log): Promise<Actor[]> {
  const curl = await hasCurl();
  if (!curl) console.log("FTP by curl is left out: it is not installed");
  const actors: Actor[] = [];
  for (const { login, directory, home } of await makeRoles(place)) {
    const local = `${root}/local-${actors.length}`;
    await Deno.mkdir(local);
    const context: ClientContext = { place, login, local, home };
    const http = httpDoor(context);
    const doors = [
      ...[libraryDoor(context), http, tusDoor(context), formDoor(context)],
      ...[libraryDoor(context), http, programDoor(context)],
      rawFtpDoor(context, http.get),
      ...curl ? [ftpDoor(context)] : [],
    ];
    const own = new Random(random.below(2 ** 32));
    const id = `${login.username} in ${home.account}${home.directory}`;
    actors.push(new Actor(id, directory, context, doors, new Model(), own, log));
  }
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
  const running = Promise.all(actors.map((actor) => actor.run()));
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  let checkedMs = 0;
  while (elapsed() < options.durationMs) {
    const leftMs = options.durationMs - elapsed();
    await delay(Math.min(STRIKE_MS * (0.5 + random.next()), leftMs));
    if (elapsed() >= options.durationMs) break;
    chaos.mayEndServer = elapsed() < STEADY_FROM * options.durationMs;
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
  console.log(`recount: ${recount(place.data, log)} accounts`);
  judgeMemory(place, log);
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

function summarise(log: Report, chaos: Chaos, seed: number): void {
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
  code = await soak(options, root, stack);
}
Deno.exit(code);
