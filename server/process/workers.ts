/** The workers of a server: started, replaced where they fail, given certificates, closed. */
import { getLogger } from "@logtape/logtape";
import { type AddressMemory, addressMemory } from "../admission/address_counts.ts";
import { bucketMemory } from "../admission/bucket_table.ts";
import type { Certificate } from "../certificates/certificates.ts";
import type { DescriptorShares } from "../admission/descriptors.ts";
import type { DoorPlace } from "../doors.ts";
import type { Health } from "../monitor/health.ts";
import { clearCell, connectionCounter, expectedBytes } from "../admission/limits.ts";
import type { LogWriter } from "../monitor/logging.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { messageOf } from "../options/error.ts";
import { policyOf } from "../admission/policy.ts";
import { HangingError, SilentPeersError, WorkerHandle } from "./worker_handle.ts";
import type { WorkerSettings } from "./worker_messages.ts";

/** How long transfers have to finish at a stop. */
export const GRACE_MS = 10_000;
/** How long the workers have beyond it to bring everything to rest. */
const CLOSE_MS = GRACE_MS + 10_000;

/** Pauses before a worker that failed is started again: one for each failure in a row, ms. */
const RESTART_PAUSES_MS = [20, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** A worker that ran for so long has failed for another reason than the one before it. */
const STEADY_MS = 60_000;
/**
 * A start may be silent for twice as long after each one that was ended for its silence, at most by
 * this factor: a machine on which one step of the recovery takes longer than 30 s still comes to serve.
 */
const MAX_PATIENCE = 32;

/** How many listeners stand against each one of a thread that hangs and still gets connections. */
const LISTENERS_AGAINST_ONE = 32;
/** Maximum listeners of a worker on each port. */
const MAX_LISTENERS = 128;

const log = getLogger(["towpath", "main"]);

/** One of the server's workers, over all its starts. */
interface Place {
  readonly index: number;
  /** How often it listens to each port. */
  listeners: number;
  handle: WorkerHandle;
  /** Resolves once it runs for the first time; rejects where it cannot. */
  readonly running: PromiseWithResolvers<DoorPlace[]>;
  /** Whether it has run. */
  hasRun: boolean;
  /** Id of this start in the catalog. */
  holder: string;
  /** Starts that ended without settling what they had begun. */
  unsettled: string[];
  /** How often it was started. */
  starts: number;
  /** Since when it runs, on the monotonic clock in ms; Infinity while it does not. */
  runsSinceMs: number;
  /** Failures in a row. */
  failures: number;
  /** Starts in a row that were ended because they did not answer. */
  silentStarts: number;
  restart: ReturnType<typeof setTimeout> | undefined;
  /** Ends the report of its failures in `/healthz`. */
  steady: ReturnType<typeof setTimeout> | undefined;
}

/** All workers of the server. A worker that fails is started again; the others go on meanwhile. */
export class Workers {
  readonly #connections: SharedArrayBuffer;
  readonly #expectedBytes: SharedArrayBuffer;
  readonly #addresses: AddressMemory;
  readonly #requests = bucketMemory();
  readonly #rates = bucketMemory();
  /** As the configuration says now. */
  #options: ServerOptions;
  readonly #places: Place[] = [];
  #doors: DoorPlace[] = [];
  /** Listeners on each port that threads hold which hang. */
  #lostListeners = 0;
  #closing = false;

  constructor(
    readonly data: string,
    readonly options: ServerOptions,
    public certificate: Certificate,
    readonly logs: LogWriter,
    readonly health: Health,
    readonly descriptors: DescriptorShares,
  ) {
    this.#connections = connectionCounter(options.workers);
    this.#expectedBytes = expectedBytes(options.workers);
    this.#addresses = addressMemory(options.workers);
    this.#options = options;
    health.subscribe((troubles) => {
      for (const { handle } of this.#places) handle.setTroubles(troubles);
    });
  }

  get caFile(): string | null {
    return this.certificate.caFile;
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

  /** Has all hold to the limits of other options; what else they say waits for the next start. */
  setPolicy(options: ServerOptions): void {
    this.#options = { ...this.options, ...policyOf(options) };
    for (const { handle } of this.#places) handle.setPolicy(this.#options);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closing = Promise.all(this.#places.map(async ({ handle, restart, steady, index }) => {
      clearTimeout(restart);
      clearTimeout(steady);
      await handle.close(GRACE_MS).catch((error) => {
        log.error("Worker {index} failed while it was closed: {reason}", {
          index,
          reason: messageOf(error),
        });
      });
    }));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        log.error("A worker did not come to rest; its uploads resume at their last checkpoint");
        resolve();
      }, CLOSE_MS);
    });
    await Promise.race([closing, late]);
    clearTimeout(timer);
  }

  terminate(): void {
    this.#closing = true;
    for (const { handle, restart, steady } of this.#places) {
      clearTimeout(restart);
      clearTimeout(steady);
      handle.terminate();
    }
  }

  #add(index: number): Place {
    const holder = crypto.randomUUID();
    const place: Place = {
      index,
      holder,
      listeners: 1,
      handle: this.#run({ index, start: 0, listeners: 1 }, holder, index === 0 ? "all" : "none"),
      running: Promise.withResolvers(),
      hasRun: false,
      unsettled: [],
      starts: 1,
      runsSinceMs: Infinity,
      failures: 0,
      silentStarts: 0,
      restart: undefined,
      steady: undefined,
    };
    this.#places.push(place);
    place.running.promise.catch(() => {}); // all are waited for one after the other
    this.#await(place);
    return place;
  }

  #run(
    { index, start, listeners }: { index: number; start: number; listeners: number },
    holder: string,
    recover: WorkerSettings["recover"],
    patience = 1,
  ): WorkerHandle {
    const { cert, key } = this.certificate;
    const { data } = this;
    const options = this.#options;
    const handle = new WorkerHandle(
      {
        index,
        holder,
        recover,
        data,
        options,
        cert,
        key,
        doors: this.#doors,
        listeners,
        connections: this.#connections,
        descriptors: this.descriptors,
        cell: clearCell(this.#connections, { worker: index, workers: options.workers, start }),
        expectedBytes: this.#expectedBytes,
        addresses: this.#addresses,
        requests: this.#requests,
        rates: this.#rates,
      },
      this.logs,
      (part, reason) => this.health.set(part, reason),
      patience,
    );
    handle.setTroubles(this.health.troubles);
    return handle;
  }

  /** Waits until a worker has started, and starts it again when it fails. */
  async #await(place: Place): Promise<boolean> {
    const { handle, hasRun, running } = place;
    try {
      running.resolve(await handle.ready());
    } catch (error) {
      // A server that cannot start says why and ends; a thread that hangs says nothing of the kind.
      if (!hasRun && !(error instanceof HangingError)) running.reject(error);
      else this.#replace(place, error);
      return false;
    }
    place.hasRun = true;
    place.runsSinceMs = performance.now();
    handle.failed().catch((error) => this.#replace(place, error));
    return true;
  }

  #replace(place: Place, error: unknown): void {
    const { index, handle } = place;
    // Whatever it is in the middle of: it must write nothing any more.
    handle.terminate();
    if (this.#closing) return;
    place.unsettled.push(place.holder);
    clearCell(this.#connections, {
      worker: index,
      workers: this.options.workers,
      start: place.starts - 1,
    });
    if (performance.now() - place.runsSinceMs > STEADY_MS) place.failures = 0;
    const silent = place.runsSinceMs === Infinity && error instanceof HangingError;
    place.silentStarts = silent ? place.silentStarts + 1 : 0;
    place.runsSinceMs = Infinity;
    const pauses = RESTART_PAUSES_MS;
    // Strangers must not be able to make the pauses longer.
    const blameless = error instanceof SilentPeersError;
    const pauseMs = pauses[blameless ? 0 : Math.min(place.failures++, pauses.length - 1)]!;
    const [seconds, reason] = [pauseMs / 1000, messageOf(error)];
    log.error("Worker {index} failed and starts again in {seconds} s: {reason}", {
      index,
      seconds,
      reason,
    });
    clearTimeout(place.steady);
    if (error instanceof HangingError) this.#noteHanging(place, error.listens);
    this.health.set(
      partOf(index),
      `${times(place.failures)}, starts again in ${seconds} s: ${reason}`,
    );
    place.restart = setTimeout(() => this.#startAgain(place), pauseMs);
  }

  /** @param listens whether the thread may keep listeners */
  #noteHanging(place: Place, listens: boolean): void {
    if (listens) {
      this.#lostListeners += place.listeners;
      place.listeners = Math.min(MAX_LISTENERS, LISTENERS_AGAINST_ONE * this.#lostListeners);
    }
    const connections = this.#lostListeners > 0 ? " and some of the new connections" : "";
    this.health.set(
      `${partOf(place.index)} before`,
      `a thread of it hangs, and takes a processor${connections} until the server is restarted`,
    );
  }

  async #startAgain(place: Place): Promise<void> {
    const { index, unsettled, hasRun, silentStarts } = place;
    // Uploads of the worker that is gone count no longer.
    Atomics.store(new BigInt64Array(this.#expectedBytes), index, 0n);
    // Alone, it recovers as at the start of the server, which finds more than the catalog knows.
    // So does the first one that has not recovered yet: the others start after it.
    const all = this.options.workers === 1 || index === 0 && !hasRun;
    const recover = all ? "all" : { holders: [...unsettled] };
    place.holder = crypto.randomUUID();
    const start = { index, start: place.starts++, listeners: place.listeners };
    const patience = Math.min(2 ** silentStarts, MAX_PATIENCE);
    place.handle = this.#run(start, place.holder, recover, patience);
    if (!await this.#await(place)) return;
    place.unsettled = [];
    log.info("Worker {index} runs again", { index });
    this.health.set(partOf(index), `${times(place.failures)}, and runs again`);
    place.steady = setTimeout(() => this.health.set(partOf(index), undefined), STEADY_MS);
  }
}

/** How a worker is called in `/healthz` and in metrics. */
function partOf(index: number): string {
  return `worker ${index}`;
}

function times(failures: number): string {
  if (failures === 0) return "was ended to close silent connections";
  return failures === 1 ? "failed once lately" : `failed ${failures} times in a row`;
}
