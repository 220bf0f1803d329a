// Holds what pausing, resuming and cancelling do to many uploads at once.

import { assertEquals } from "@std/assert";
import type { Job } from "../../../web/upload/job.ts";
import { UploadQueue } from "../../../web/upload/queue.ts";
import { SMALL_BYTES } from "../../../web/upload/transfer.ts";
import { Tus } from "../../../web/upload/tus.ts";
import { FakeTus, sha256 } from "./fake_tus.ts";

const LARGE = SMALL_BYTES + 1;

/** A queue before a server that answers what carries content only when it is asked to. */
class World {
  readonly server = new FakeTus();
  readonly ended: string[] = [];
  readonly #held: (() => void)[] = [];
  #waiters: (() => void)[] = [];
  holding = true;
  readonly queue: UploadQueue;

  constructor() {
    const tus = new Tus(
      async (request, signal) => {
        if (this.holding && request.method === "PATCH") {
          await new Promise<void>((resolve, reject) => {
            this.#held.push(resolve);
            signal.addEventListener("abort", () => reject(signal.reason));
          });
        }
        return await this.server.send(request, signal);
      },
      "/tus/",
      () => ({}),
    );
    this.queue = new UploadQueue({
      tus,
      hash: (file) => {
        const whole = file.arrayBuffer().then((bytes) => sha256(new Uint8Array(bytes)));
        return { prefix: whole, whole, stop() {} };
      },
    }, {
      changed: () => this.#tell(),
      ended: (job) => {
        this.ended.push(`${job.name} ${job.state}`);
        this.#tell();
      },
      addressed: () => this.#tell(),
    });
  }

  add(name: string, size = LARGE): Job {
    return this.queue.add(
      new Blob([new Uint8Array(size)]),
      { path: `/${name}`, sizeBytes: size, ifExists: "version", modifiedMs: 1 },
    );
  }

  release(): void {
    this.holding = false;
    for (const go of this.#held.splice(0)) go();
  }

  /** Resolves once a state of the queue is reached. */
  async until(reached: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Error("The queue does not get there")), 20_000);
    const look = () => reached() && resolve();
    this.#waiters.push(look);
    look();
    await promise.finally(() => clearTimeout(late));
  }

  #tell(): void {
    for (const look of this.#waiters) look();
  }
}

const states = ({ queue }: World) => queue.jobs.map(({ state }) => state).join(" ");

Deno.test("three uploads go at a time, the next one when one is through", async () => {
  const world = new World();
  const jobs = ["a", "b", "c", "d", "e"].map((name) => world.add(name));
  await world.until(() => world.server.held.size === 3);
  assertEquals(states(world), "active active active waiting waiting");
  world.release();
  await world.until(() => jobs.every(({ state }) => state === "done"));
  assertEquals(world.server.files.size, 5);
  assertEquals(world.queue.totals().sent, 5 * LARGE);
});

Deno.test("a paused upload keeps its place at the server, and goes on there", async () => {
  const world = new World();
  const job = world.add("a");
  await world.until(() => world.server.held.size === 1);
  world.queue.pause(job);
  await world.until(() => job.stop === undefined);
  assertEquals(world.server.held.size, 1);
  assertEquals(job.resumed, { url: "/tus/1", ifOther: "trust" });
  world.queue.resume(job);
  world.release();
  await world.until(() => job.state === "done");
  assertEquals(world.server.requests.filter(({ method }) => method === "POST").length, 1);
});

Deno.test("while some are paused the others go on", async () => {
  const world = new World();
  const [a, b] = [world.add("a"), world.add("b")];
  await world.until(() => world.server.held.size === 2);
  world.queue.pause(a);
  world.release();
  await world.until(() => b.state === "done");
  assertEquals(a.state, "paused");
  for (const job of world.queue.jobs) world.queue.resume(job);
  await world.until(() => a.state === "done");
});

Deno.test("a cancelled upload is dropped at the server, and counts no more", async () => {
  const world = new World();
  const [a, b] = [world.add("a"), world.add("b")];
  await world.until(() => world.server.held.size === 2);
  await world.queue.cancel(a);
  assertEquals(world.server.held.size, 1);
  assertEquals(world.queue.totals().jobs, 1);
  world.release();
  await world.until(() => b.state === "done");
  assertEquals(world.ended, ["a cancelled", "b done"]);
  world.queue.clear();
  assertEquals(world.queue.jobs.length, 0);
});

Deno.test("a user who is signed out finds all uploads paused, and resumes them", async () => {
  const world = new World();
  const jobs = ["a", "b", "c", "d"].map((name) => world.add(name));
  await world.until(() => world.server.held.size === 3);
  world.server.breaks = () => 401;
  world.release();
  await world.until(() => jobs.every(({ state, stop }) => state === "paused" && !stop));
  world.server.breaks = () => undefined;
  for (const job of world.queue.jobs) world.queue.resume(job);
  await world.until(() => jobs.every(({ state }) => state === "done"));
  assertEquals(world.server.files.size, 4);
});

Deno.test("a user who pauses while an answer is lost, and resumes, stores the file once", async () => {
  const world = new World();
  world.release();
  world.server.breaks = () => "lose-reply";
  const job = world.add("a", 10);
  await world.until(() => job.transfer?.activity.name === "retrying");
  world.queue.pause(job);
  await world.until(() => job.stop === undefined);
  assertEquals([...world.server.files.keys()], ["/a"]);
  world.server.breaks = () => undefined;
  world.queue.resume(job);
  await world.until(() => job.state === "done");
  assertEquals([...world.server.files.keys()], ["/a"]);
});

Deno.test("a failed upload says why, and can be tried again", async () => {
  const world = new World();
  world.release();
  world.server.breaks = () => 507;
  const job = world.add("a", 10);
  await world.until(() => job.state === "failed");
  assertEquals(job.failure?.message, "It is 507");
  world.server.breaks = () => undefined;
  world.queue.resume(job);
  await world.until(() => job.state === "done");
});
