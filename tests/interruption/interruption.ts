/**
 * Transfers interrupted at random points by everything that interrupts: the client killed, the
 * server killed, the connection reset, the connection gone silent. Real client, real server, a
 * relay between them. After a resume, or the client's own retry, the hash is right every time.
 */
import { delay } from "@std/async";
import { assert, assertEquals } from "@std/assert";
import { createHash, randomBytes } from "node:crypto";
import { World } from "../client/world.ts";
import type { ClientRun } from "../support/client/client.ts";
import { FaultProxy } from "../support/client/client_proxy.ts";

/** An interruption of a transfer. */
export type Interruption = "client killed" | "server killed" | "reset" | "silent";

const POINTS = 20;
/** Transfers at a time: most of their time they wait, and through a silence all of it. */
const LANES = { "client killed": 4, "server killed": 4, "reset": 4, "silent": 10 };
const MIB = 1024 * 1024;
const SIZE = 16 * MIB;
/** Bytes by which a client has logged in: what breaks before is not a transfer yet. */
const BEGUN = 16 * 1024;

/**
 * Enough tries for every point; a short timeout where silence is what interrupts, and so many tries
 * that a busy machine, which is silent itself, does not use them up.
 */
function options(kind: Interruption): string[] {
  return [
    "--json",
    ...kind === "silent" ? ["--retries", "200", "--timeout", "4s"] : ["--retries", "8"],
  ];
}

/** A transfer as command lines: what begins it, and what continues it. */
interface Transfer {
  begin: string[];
  resume: string[];
  proxy: FaultProxy;
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Points spread over the transfer and a little beyond its end, different in every run. */
function randomPoints(size: number): number[] {
  const step = (size + 4096) / POINTS;
  const points = Array.from(
    { length: POINTS },
    (_, i) => 1 + Math.floor((i + Math.random()) * step),
  );
  return points.sort(() => Math.random() - 0.5);
}

/** Resolves once the relay has moved so many bytes, or the client has ended. */
async function reached(proxy: FaultProxy, bytes: number, run: Promise<ClientRun>): Promise<void> {
  let ended = false;
  run.finally(() => ended = true);
  while (!ended && proxy.sent + proxy.received < bytes) {
    await delay(1);
  }
}

/** Runs transfers at once, each interrupted at its point; all have arrived when it resolves. */
async function interruptAll(
  world: World,
  kind: Interruption,
  points: number[],
  transfers: Transfer[],
): Promise<void> {
  const runs = transfers.map(({ begin, proxy }, index) => {
    if (kind === "reset" || kind === "silent") {
      proxy.faults.push({ kind, afterBytes: points[index]! });
    }
    return world.start([...begin, ...options(kind)], world.env(proxy.port));
  });
  if (kind === "server killed") {
    await Promise.all(
      transfers.map(({ proxy }, index) =>
        reached(proxy, index === 0 ? Math.max(points[0]!, BEGUN) : BEGUN, runs[index]!.run)
      ),
    );
    await world.server.kill9();
    await world.server.start();
  }
  await Promise.all(transfers.map(async (transfer, index) => {
    const client = runs[index]!;
    if (kind === "client killed") {
      await reached(transfer.proxy, points[index]!, client.run);
      try {
        client.kill("SIGKILL");
      } catch {
        // it was done already
      }
    }
    const { code, stderr } = await client.run;
    if (code === 0) return;
    assertEquals(kind, "client killed", `${kind} at ${points[index]}: ${code} ${stderr}`);
    await resume(world, transfer, options(kind));
  }));
}

async function resume(
  world: World,
  { begin, resume, proxy }: Transfer,
  options: string[],
): Promise<void> {
  const env = world.env(proxy.port);
  const again = await world.run([...resume, ...options], { env });
  if (again.code === 0) return;
  // Killed before the upload was begun, or noted: then it is begun again, as its exit code says.
  assertEquals(again.code, 4, again.stderr);
  const anew = await world.run([...begin, "--if-exists", "skip", ...options], { env });
  assertEquals(anew.code, 0, anew.stderr);
}

/** Registers a test, as `Deno.test` does. */
type Register = (name: string, run: () => Promise<void>) => void;

/** Registers the tests of one kind of interruption. */
export function interruptionTests(kind: Interruption, test: Register = Deno.test): void {
  const lanes = LANES[kind];
  test(`an upload interrupted at ${POINTS} points (${kind}) arrives whole, once`, async () => {
    await using world = await World.start();
    const content = randomBytes(SIZE);
    const points = randomPoints(SIZE);
    const stored = `${world.server.data}/users/a/admin/files`;
    for (let first = 0; first < POINTS; first += lanes) {
      const group = points.slice(first, first + lanes);
      using proxies = new Proxies(world, group.length);
      const locals = group.map((_, lane) => world.write(`f${first + lane}.bin`, content));
      await interruptAll(
        world,
        kind,
        group,
        locals.map((local, lane) => ({
          begin: ["upload", local],
          resume: ["resume", local],
          proxy: proxies.at(lane),
        })),
      );
      for (const [lane, local] of locals.entries()) {
        const bytes = Deno.readFileSync(`${stored}/f${first + lane}.bin`);
        assert(content.equals(bytes), `${kind} at ${group[lane]}`);
        Deno.removeSync(local);
      }
    }
    const files = [...Deno.readDirSync(stored)];
    assertEquals(files.length, POINTS, "a version too many, or a file that was never sent");
  });

  test(`a download interrupted at ${POINTS} points (${kind}) arrives whole`, async () => {
    await using world = await World.start();
    const content = randomBytes(SIZE);
    const source = world.write("source.bin", content);
    assertEquals((await world.run(["upload", source, "--to", "/f.bin"])).code, 0);
    const points = randomPoints(SIZE);
    for (let first = 0; first < POINTS; first += lanes) {
      const group = points.slice(first, first + lanes);
      using proxies = new Proxies(world, group.length);
      const targets = group.map((_, lane) => world.path(`f${first + lane}.bin`));
      await interruptAll(
        world,
        kind,
        group,
        targets.map((target, lane) => ({
          begin: ["download", "/f.bin", "--to", target],
          resume: ["download", "/f.bin", "--to", target, "--resume"],
          proxy: proxies.at(lane),
        })),
      );
      for (const [lane, target] of targets.entries()) {
        assert(content.equals(Deno.readFileSync(target)), `${kind} at ${group[lane]}`);
        Deno.removeSync(target);
      }
    }
  });
}

/** Registers the test that bounds what an interruption costs. */
export function costTest(kind: Interruption): void {
  Deno.test(`of a large upload (${kind}) no more than 64 MiB are sent twice`, async () => {
    await using world = await World.start();
    const size = 256 * MIB;
    const local = world.write("large.bin", randomBytes(size));
    using proxies = new Proxies(world, 1);
    const proxy = proxies.at(0);
    const transfer = { begin: ["upload", local], resume: ["resume", local], proxy };
    await interruptAll(world, kind, [200 * MIB], [transfer]);
    // A busy machine can be silent, too.
    const interruptions = kind === "silent" ? proxy.connections - 1 : 1;
    // Bytes in the sockets' buffers count as sent, and TLS adds half a percent.
    const twice = proxy.sent - size;
    const most = interruptions * 64 * MIB + proxy.sent / 100;
    assert(twice <= most, `${twice} bytes were sent twice, in ${proxy.connections} connections`);
    const { stdout } = await world.run(["hash", "/large.bin", "--json"]);
    assert(stdout.includes(hashOf(Deno.readFileSync(local))));
  });
}

/** Relays of one group of transfers. */
class Proxies implements Disposable {
  readonly #proxies: FaultProxy[];
  constructor(world: World, count: number) {
    this.#proxies = Array.from({ length: count }, () => new FaultProxy(world.server.port));
  }
  at(index: number): FaultProxy {
    return this.#proxies[index]!;
  }
  [Symbol.dispose](): void {
    for (const proxy of this.#proxies) proxy[Symbol.dispose]();
  }
}
