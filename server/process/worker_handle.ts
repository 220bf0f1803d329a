/** A worker as the main thread sees it. */
import type { DoorPlace } from "./doors.ts";
import type { Trouble } from "../door/door.ts";
import type { PlainRecord } from "../monitor/log_record.ts";
import { Heartbeat } from "./heartbeat.ts";
import { failure } from "../options/error.ts";
import type { PolicyOptions } from "../admission/policy_options.ts";
import type { MountAnswer, MountChange } from "../data/mount_change.ts";
import type { WorkerReport, WorkerRequest, WorkerSettings } from "./worker_messages.ts";
import { WorkerThread } from "./worker_thread.ts";

/** Destination of a worker's logs. */
export interface WorkerLogs {
  write(record: PlainRecord): void;
  /** Takes whole lines of the audit log. */
  audit(lines: string): void;
  /** Takes whole lines of the web door's log. */
  web(lines: string): void;
}

/** A worker ends so that the connections of silent peers are closed: no fault of its own. */
export class SilentPeersError extends Error {
  override readonly name = "SilentPeersError";
  constructor() {
    super("Silent connections take the places of all others");
  }
}

/** A worker answers no more. Deno cannot end its thread while it does not wait for anything. */
export class HangingError extends Error {
  override readonly name = "HangingError";

  /** @param listens whether the thread had begun to open its doors, whose listeners it keeps */
  constructor(message: string, readonly listens: boolean) {
    super(message);
  }
}

/** Starts, observes and ends one worker. */
export class WorkerHandle {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<DoorPlace[]>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #replaced: Int32Array<SharedArrayBuffer>;
  readonly #heartbeat: Heartbeat;
  #reloaded: (() => void) | undefined;
  #listens = false;

  /**
   * @param onTrouble called with a problem of a part of the server; undefined: none
   * @param tolerance factor by which the worker may be silent for longer while it starts
   * @param thread one that has loaded the program. @default a new one
   */
  constructor(
    settings: Omit<WorkerSettings, "replaced">,
    logs: WorkerLogs,
    onTrouble: (part: string, reason: string | undefined) => void = () => {},
    tolerance = 1,
    thread?: WorkerThread,
  ) {
    // A later waiter still gets the error.
    this.#failed.promise.catch(() => {});
    this.#worker = (thread ?? new WorkerThread(settings, settings.index)).worker;
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed.reject(failure(event.message));
    };
    this.#worker.onmessage = ({ data: report }: MessageEvent<WorkerReport>) => {
      if (report.type === "log") logs.write(report.record);
      else if (report.type === "audit") logs.audit(report.lines);
      else if (report.type === "web") logs.web(report.lines);
      else if (report.type === "loaded") this.#heartbeat.hasLoaded();
      else if (report.type === "opening") this.#listens = true;
      else if (report.type === "ready") this.#begin(report.doors);
      else if (report.type === "alive") this.#heartbeat.heard(report.heapShare);
      else if (report.type === "trouble") onTrouble(report.part, report.reason);
      else if (report.type === "reloaded") this.#reloaded?.();
      else if (report.type === "mount") this.#mount(report.id, report.change);
      else if (report.type === "closed") this.#closed.resolve();
      else if (report.type === "stuck") this.#failed.reject(new SilentPeersError());
      else if (report.type === "failed") this.#failed.reject(failure(report.message));
    };
    const replaced = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#replaced = new Int32Array(replaced);
    this.#post({ type: "start", settings: { ...settings, replaced } });
    this.#heartbeat = new Heartbeat(
      () => this.#post({ type: "ping" }),
      {
        silent: (reason) => this.#failed.reject(new HangingError(reason, this.#listens)),
        full: (reason) => this.#failed.reject(failure(reason)),
      },
      tolerance,
    );
    if (thread !== undefined) this.#heartbeat.hasLoaded();
  }

  /** Carries out its changes of the mounts; set right after it is made. */
  onMount: ((change: MountChange) => Promise<MountAnswer>) | undefined;

  async #mount(id: number, change: MountChange): Promise<void> {
    const refusal = { kind: "io", message: "The server is starting or stopping" } as const;
    this.#post({ type: "mounted", id, answer: await this.onMount?.(change) ?? refusal });
  }

  #begin(doors: DoorPlace[]): void {
    this.#ready.resolve(doors);
    this.#heartbeat.hasStarted();
  }

  /** Where its doors listen, once all do. */
  ready(): Promise<DoorPlace[]> {
    return Promise.race([this.#ready.promise, this.#failed.promise]);
  }

  /** Rejects when the worker fails; pending until then. */
  failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Has its doors use another certificate for new connections. */
  async reload(cert: string, key: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#reloaded = resolve;
    this.#post({ type: "reload", cert, key });
    await Promise.race([promise, this.#failed.promise]);
  }

  /** Has its doors hold to other limits. */
  setPolicy(options: PolicyOptions): void {
    this.#post({ type: "policy", options });
  }

  /** Passes the server's problems to it, for `/healthz` and metrics. */
  setTroubles(troubles: readonly Trouble[]): void {
    this.#post({ type: "health", troubles });
  }

  /** Has `/healthz` send new clients elsewhere. */
  drain(): void {
    this.#post({ type: "drain" });
  }

  /** Closes its doors and storage; resolves when all is safe. */
  async close(graceMs: number): Promise<void> {
    this.#post({ type: "close", graceMs });
    try {
      await Promise.race([this.#closed.promise, this.#failed.promise]);
    } finally {
      this.terminate();
    }
  }

  /**
   * Terminates it at once, as a crash would. Its thread continues until it next yields: a shared
   * flag makes every further write of it fail.
   */
  terminate(): void {
    Atomics.store(this.#replaced, 0, 1);
    this.#heartbeat.end();
    this.#worker.terminate();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }
}
