/** The workers of a server: started, replaced where they fail, given certificates, closed. */
import { deadline } from "@std/async";
import { getLogger } from "@logtape/logtape";
import type { ClusterAccess } from "../../storage/engine_places.ts";
import type { Certificate } from "../certificates/certificates.ts";
import type { DescriptorShares } from "../admission/descriptors.ts";
import type { DoorPlace } from "./doors.ts";
import type { Health } from "../monitor/health.ts";
import { clearCell } from "../admission/limits.ts";
import { type SharedMemory, sharedMemory } from "../admission/shared_memory.ts";
import type { LimitSource } from "../admission/limit_sets.ts";
import type { LogWriter } from "../monitor/logging.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { messageOf } from "../options/error.ts";
import { policyOf, type PolicyOptions } from "../admission/policy_options.ts";
import type { MountAnswer, MountChange, MountedPlace } from "../data/mount_change.ts";
import { HangingError, WorkerHandle } from "./worker_handle.ts";
import type { WorkerSettings } from "./worker_messages.ts";
import { newHolder, STEADY_MS, WorkerPlace } from "./worker_place.ts";
import type { ThreadSettings, WorkerThread } from "./worker_thread.ts";

/** How long transfers may take to finish at a stop. */
export const GRACE_MS = 10_000;
/** How long the workers may take beyond it to close. */
const CLOSE_MS = GRACE_MS + 10_000;

const log = getLogger(["towpath", "main"]);

/** All workers of the server. One that fails is started again; the others continue meanwhile. */
export class Workers {
  readonly #memory: SharedMemory;
  /** As the configuration says now. */
  #policy: PolicyOptions;
  readonly #cluster: ClusterAccess | undefined;
  /** For the first start of the first worker. */
  #thread: WorkerThread | undefined;
  readonly #places: WorkerPlace[] = [];
  #doors: DoorPlace[] = [];
  /** Listeners on each port that threads hold which hang. */
  #lostListeners = 0;
  /** Carries out changes of the mounts that workers ask for. */
  onMount: ((change: MountChange) => Promise<MountAnswer>) | undefined;
  #mounts: readonly MountedPlace[] = [];
  #draining = false;
  #closing = false;
  /** Ends of exchanged workers. */
  readonly #leaving = new Set<Promise<void>>();
  readonly data: string;
  readonly options: ServerOptions;

  /**
   * @param thread one that has loaded the program, for the first worker
   * @param limits those of the limits file
   */
  constructor(
    { data, options, cluster }: ThreadSettings,
    thread: WorkerThread,
    public certificate: Certificate,
    readonly logs: LogWriter,
    readonly health: Health,
    readonly descriptors: DescriptorShares,
    limits: LimitSource,
  ) {
    this.#memory = sharedMemory(options.workers);
    this.#policy = policyOf(options, limits);
    this.data = data;
    this.options = options;
    this.#cluster = cluster;
    this.#thread = thread;
    health.subscribe((troubles) => {
      for (const { handle } of this.#places) handle.setTroubles(troubles);
    });
  }

  /**
   * Starts the first, which recovers and finds ports, then the others on the same ports.
   *
   * @throws {ExitError} where one cannot start
   */
  async start(wanted: DoorPlace[]): Promise<DoorPlace[]> {
    this.#doors = wanted;
    this.#doors = await this.#add(0).running.promise;
    for (let index = 1; index < this.options.workers; index++) this.#add(index);
    await Promise.all(this.#places.map(({ running }) => running.promise));
    return this.#doors;
  }

  /** Has all use another certificate; one that is being replaced begins with it. */
  async reload(certificate: Certificate): Promise<void> {
    this.certificate = certificate;
    const { cert, key } = certificate;
    await Promise.all(this.#places.map(({ handle }) => handle.reload(cert, key).catch(() => {})));
  }

  /**
   * Has all hold to the limits of other options; what else they say waits for the next start.
   *
   * @param limits those of the limits file
   */
  setPolicy(options: ServerOptions, limits: LimitSource): void {
    this.#policy = policyOf(options, limits);
    for (const { handle } of this.#places) handle.setPolicy(this.#policy);
  }

  /**
   * Exchanges all workers, whose permissions are fixed, for ones that may use these directories of
   * the host. Each new one listens before the old one stops, which takes as long as at a stop.
   */
  async setMounts(mounts: readonly MountedPlace[]): Promise<void> {
    if (JSON.stringify(mounts) === JSON.stringify(this.#mounts)) return;
    this.#mounts = mounts;
    this.#thread?.[Symbol.dispose](); // its permissions are those of before
    this.#thread = undefined;
    for (const place of this.#places) await this.#exchange(place);
  }

  async #exchange(place: WorkerPlace): Promise<void> {
    if (this.#closing) return;
    const { index, handle: before } = place;
    const holder = newHolder();
    const start = { index, start: place.starts++, listeners: place.listeners };
    const next = this.#run(start, holder, "none");
    try {
      await next.ready();
    } catch (error) {
      next.terminate();
      throw error;
    }
    // One that failed meanwhile starts by itself, with the new permissions.
    if (place.handle !== before || this.#closing) return next.terminate();
    place.renew(next, holder);
    this.#watch(place, next);
    const leaving = this.#end(index, before).then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    log.info("Worker {index} was exchanged: the mounts have changed", { index });
  }

  /** Has all send new clients elsewhere, while they accept connections as before. */
  drain(): void {
    this.#draining = true;
    for (const { handle } of this.#places) handle.drain();
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closing = Promise.all(this.#places.map((place) => {
      place.clearTimers();
      return this.#end(place.index, place.handle);
    }));
    await deadline(Promise.all([closing, ...this.#leaving]), CLOSE_MS).catch(() => {
      log.error("A worker did not come to rest; its uploads resume at their last checkpoint");
    });
  }

  async #end(index: number, handle: WorkerHandle): Promise<void> {
    try {
      await handle.close(GRACE_MS);
    } catch (error) {
      const details = { index, reason: messageOf(error) };
      log.error("Worker {index} failed while it was closed: {reason}", details);
    }
  }

  terminate(): void {
    this.#closing = true;
    for (const place of this.#places) {
      place.clearTimers();
      place.handle.terminate();
    }
  }

  #add(index: number): WorkerPlace {
    const holder = newHolder();
    const recover = index === 0 ? "all" : "none";
    const handle = this.#run({ index, start: 0, listeners: 1 }, holder, recover);
    const place = new WorkerPlace(index, handle, holder);
    this.#places.push(place);
    this.#await(place);
    return place;
  }

  #run(
    { index, start, listeners }: { index: number; start: number; listeners: number },
    holder: string,
    recover: WorkerSettings["recover"],
    tolerance = 1,
  ): WorkerHandle {
    const { cert, key } = this.certificate;
    const { data, options } = this;
    const handle = new WorkerHandle(
      {
        index,
        holder,
        recover,
        data,
        options,
        policy: this.#policy,
        cluster: this.#cluster,
        cert,
        key,
        doors: this.#doors,
        listeners,
        uptimeMs: performance.now(),
        ...this.#memory,
        descriptors: this.descriptors,
        cell: clearCell(this.#memory.connections, {
          worker: index,
          workers: options.workers,
          start,
        }),
        mounts: this.#mounts,
      },
      this.logs,
      (part, reason) => this.health.set(part, reason),
      tolerance,
      this.#thread,
    );
    this.#thread = undefined;
    handle.onMount = this.onMount;
    handle.setTroubles(this.health.troubles);
    if (this.#draining) handle.drain();
    return handle;
  }

  /** Waits until a worker has started, and starts it again when it fails. */
  async #await(place: WorkerPlace): Promise<boolean> {
    const { handle, hasRun, running } = place;
    try {
      running.resolve(await handle.ready());
    } catch (error) {
      // A server that cannot start says why and ends; a thread that hangs says nothing of the kind.
      if (!hasRun && !(error instanceof HangingError)) running.reject(error);
      else this.#replace(place, error);
      return false;
    }
    place.runs();
    this.#watch(place, handle);
    return true;
  }

  /** Has a worker started again once it fails; one that was exchanged has a successor. */
  #watch(place: WorkerPlace, handle: WorkerHandle): void {
    handle.failed().catch((error) => {
      if (place.handle === handle) this.#replace(place, error);
    });
  }

  #replace(place: WorkerPlace, error: unknown): void {
    const { index, handle } = place;
    // The thread may be in the middle of anything: it must write nothing more.
    handle.terminate();
    if (this.#closing) return;
    clearCell(this.#memory.connections, {
      worker: index,
      workers: this.options.workers,
      start: place.starts - 1,
    });
    const pauseMs = place.fails(error);
    const [seconds, reason] = [pauseMs / 1000, messageOf(error)];
    log.error("Worker {index} failed and starts again in {seconds} s: {reason}", {
      index,
      seconds,
      reason,
    });
    if (error instanceof HangingError) this.#noteHanging(place, error.listens);
    this.health.set(place.part, `${place.failures}, starts again in ${seconds} s: ${reason}`);
    place.restart = setTimeout(() => this.#startAgain(place), pauseMs);
  }

  /** @param listens whether the thread may keep listeners */
  #noteHanging(place: WorkerPlace, listens: boolean): void {
    if (listens) {
      this.#lostListeners += place.listeners;
      place.listenAgainst(this.#lostListeners);
    }
    const connections = this.#lostListeners > 0 ? " and some of the new connections" : "";
    this.health.set(
      `${place.part} before`,
      `a thread of it hangs, and takes a processor${connections} until the server is restarted`,
    );
  }

  async #startAgain(place: WorkerPlace): Promise<void> {
    const { index, unsettled, hasRun } = place;
    // Uploads of the ended worker no longer count.
    Atomics.store(new BigInt64Array(this.#memory.expectedBytes), index, 0n);
    // Alone, it recovers as at the start of the server, which finds more than the catalog knows.
    // So does the first one that has not recovered yet: the others start after it.
    const all = this.options.workers === 1 || index === 0 && !hasRun;
    const recover = all ? "all" : { holders: [...unsettled] };
    place.holder = newHolder();
    const start = { index, start: place.starts++, listeners: place.listeners };
    place.handle = this.#run(start, place.holder, recover, place.tolerance);
    if (!await this.#await(place)) return;
    place.unsettled = [];
    log.info("Worker {index} runs again", { index });
    this.health.set(place.part, `${place.failures}, and runs again`);
    place.steady = setTimeout(() => this.health.set(place.part, undefined), STEADY_MS);
  }
}
