/** Threads of workers: their programs and permissions, and the steps before their start. */
import { fromFileUrl } from "@std/path";
import { programNames } from "../../common/program_name.ts";
import type { ClusterAccess } from "../../storage/engine_places.ts";
import type { FirstRequest, FirstResult, FirstStep } from "../data/first_steps.ts";
import type { MountChange, MountedPlace } from "../data/mount_change.ts";
import { ExitError, failure } from "../options/error.ts";
import type { ServerOptions } from "../options/definitions.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** Everything that decides about the thread of a worker. */
export interface ThreadSettings {
  /** The data directory, links resolved. */
  readonly data: string;
  readonly options: ServerOptions;
  readonly cluster?: ClusterAccess | undefined;
  /** Mounted directories of the host. @default none */
  readonly mounts?: readonly MountedPlace[];
}

/** The thread of a worker, from the moment it begins to load its program. */
export class WorkerThread implements Disposable {
  readonly worker: Worker;

  /**
   * @param index of the worker
   * @param permissions other ones than a worker has
   */
  constructor(
    private readonly settings: ThreadSettings,
    index: number,
    permissions?: Deno.PermissionOptionsObject,
  ) {
    const { data, cluster, mounts } = settings;
    this.worker = new Worker(programOf(settings), {
      type: "module",
      name: `towpath-${index}`,
      deno: { permissions: { ...workerPermissions(data, cluster, mounts), ...permissions } },
    });
  }

  /**
   * Has the thread take a step before the worker is started; one at a time.
   *
   * @param password `TOWPATH_ADMIN_PASSWORD`, for `makeFirstAccount`
   * @param change for `changeMounts`
   * @throws {ExitError} one sentence that says why it cannot be taken
   */
  take<Step extends FirstStep>(
    step: Step,
    password?: string,
    change?: MountChange,
  ): Promise<FirstResult<Step>> {
    const { promise, resolve, reject } = Promise.withResolvers<FirstResult<Step>>();
    this.worker.onerror = (event) => {
      event.preventDefault();
      reject(failure(event.message));
    };
    this.worker.onmessage = ({ data: report }: MessageEvent<WorkerReport>) => {
      if (report.type === "done") resolve(report.result as FirstResult<Step>);
      else if (report.type === "refused") reject(new ExitError(report.exitCode, report.message));
      else if (report.type === "failed") reject(failure(report.message));
    };
    const { data, options, cluster } = this.settings;
    const names = programNames();
    const of = { data, options, cluster, password, change, names };
    const request: FirstRequest = { type: "first", step, ...of };
    this.worker.postMessage(request);
    return promise;
  }

  [Symbol.dispose](): void {
    this.worker.terminate();
  }
}

/**
 * The program of a worker: one that loads no door which it does not open, and no engine but its own.
 * Deno keeps the text of each module in memory that an import names, even if it is never loaded.
 */
function programOf({ options, cluster }: ThreadSettings): URL {
  const opensFtp = options["ftp-port"] !== null || options["ftps-port"] !== null;
  const opensWeb = options["web-port"] !== null;
  if (cluster !== undefined || opensFtp && opensWeb) return new URL("./worker.ts", import.meta.url);
  if (opensFtp) return new URL("./worker_ftp.ts", import.meta.url);
  if (opensWeb) return new URL("./worker_web.ts", import.meta.url);
  return new URL("./worker_native.ts", import.meta.url);
}

/**
 * Permissions of a worker: the data directory, mounted directories and the network, nothing else of
 * this machine; and what several nodes share is reached with.
 */
export function workerPermissions(
  data: string,
  cluster?: ClusterAccess,
  mounts: readonly MountedPlace[] = [],
): Deno.PermissionOptionsObject {
  const writable = mounts.filter((mount) => mount.isWritable);
  return {
    read: [data, ...mounts.map(({ directory }) => directory), ...pageFiles(), ...keyFiles(cluster)],
    write: [data, ...writable.map(({ directory }) => directory)],
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
