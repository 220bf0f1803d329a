/** A worker as the main thread sees it. */
import { fromFileUrl } from "@std/path";
import type { ClusterAccess } from "../../storage/open_engine.ts";
import type { DoorPlace } from "./doors.ts";
import type { Trouble } from "../door/door.ts";
import type { PlainRecord } from "../monitor/log_record.ts";
import { Heartbeat } from "./heartbeat.ts";
import { failure } from "../options/error.ts";
import type { PolicyOptions } from "../admission/policy.ts";
import type { WorkerReport, WorkerRequest, WorkerSettings } from "./worker_messages.ts";

/** Destination of a worker's logs. */
export interface WorkerLogs {
  write(record: PlainRecord): void;
  /** Takes whole lines of the audit log. */
  audit(lines: string): void;
  /** Takes whole lines of the web door's log. */
  web(lines: string): void;
}

/**
 * Permissions of a worker: the data directory and the network, nothing else of this machine; and what
 * several nodes share is reached with.
 */
export function workerPermissions(
  data: string,
  cluster?: ClusterAccess,
): Deno.PermissionOptionsObject {
  return {
    read: [data, ...pageFiles(), ...keyFiles(cluster)],
    write: [data],
    net: true,
    // PostgreSQL's driver asks for this one, although it is given every option.
    env: cluster === undefined ? false : ["PGAPPNAME"],
    // A worker cannot have more permissions than this thread: without this one the disk's space is
    // not checked.
    sys: maySeeSpace() ? ["statfs"] : false,
    run: false,
    ffi: false,
    import: false,
  };
}

/**
 * The pages' scripts and styles, where the program is an installed package: below node_modules, Deno
 * reads a file that is imported as text with the permissions of the worker.
 */
function pageFiles(): string[] {
  if (!import.meta.url.includes("/node_modules/")) return [];
  return ["../web/bundle", "../web/ui"].map((name) => fromFileUrl(new URL(name, import.meta.url)));
}

/** The file of keys, which is read again when it changes. */
function keyFiles(cluster: ClusterAccess | undefined): string[] {
  const { credentials } = cluster?.store ?? {};
  return credentials !== undefined && "file" in credentials ? [credentials.file] : [];
}

function maySeeSpace(): boolean {
  // The types do not know the kind yet.
  const descriptor = { name: "sys", kind: "statfs" } as unknown as Deno.SysPermissionDescriptor;
  return Deno.permissions.querySync(descriptor).state === "granted";
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
   */
  constructor(
    settings: Omit<WorkerSettings, "replaced">,
    logs: WorkerLogs,
    onTrouble: (part: string, reason: string | undefined) => void = () => {},
    tolerance = 1,
  ) {
    // A later waiter still gets the error.
    this.#failed.promise.catch(() => {});
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: `towpath-${settings.index}`,
      deno: { permissions: workerPermissions(settings.data, settings.cluster) },
    });
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
      else if (report.type === "closed") this.#closed.resolve();
      else if (report.type === "stuck") this.#failed.reject(new SilentPeersError());
      else this.#failed.reject(failure(report.message));
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
