/** Messages between the main thread and its workers. */
import type { ClusterAccess } from "../../storage/engine_places.ts";
import type { FirstReport, FirstRequest } from "../data/first_steps.ts";
import type { MountAnswer, MountChange, MountedPlace } from "../data/mount_change.ts";
import type { SharedTable } from "../admission/shared_table.ts";
import type { DescriptorShares } from "../admission/descriptors.ts";
import type { DoorPlace } from "./doors.ts";
import type { Trouble } from "../door/door.ts";
import type { PlainRecord } from "../monitor/log_record.ts";
import type { ServerOptions } from "../options/definitions.ts";
import type { PolicyOptions } from "../admission/policy_options.ts";

/** Settings of a worker. It can read no environment, and no files outside the data directory. */
export interface WorkerSettings {
  /** 0 for the worker that keeps house. */
  index: number;
  /** Names this start of the worker in the catalog; no other start has this id. */
  holder: string;
  /**
   * Scope of recovery before the doors open: everything, if no other worker runs; nothing; or the
   * unfinished work of these starts, which have ended.
   */
  recover: "all" | "none" | { holders: string[] };
  /** Set once this start has been replaced: what still runs of it must write nothing more. */
  replaced: SharedArrayBuffer;
  /** The data directory, links resolved. */
  data: string;
  options: ServerOptions;
  /** The limits that hold now. */
  policy: PolicyOptions;
  /** Mounted directories of the host, which it may use. @default none */
  mounts?: readonly MountedPlace[];
  /** Addresses of the shared data, where this is one of several nodes. */
  cluster?: ClusterAccess | undefined;
  /** The server's uptime when this was sent, ms. */
  uptimeMs: number;
  cert: string;
  key: string;
  doors: DoorPlace[];
  /** Number of listeners of each door on its port. */
  listeners: number;
  /** Where all workers count connections … */
  connections: SharedArrayBuffer;
  /** … and the index of this one's count. */
  cell: number;
  /** Limits by the descriptors of the process. */
  descriptors: DescriptorShares;
  /** Where each worker notes the bytes that its uploads have still to write. */
  expectedBytes: SharedArrayBuffer;
  /** Where all workers count what arrives: see `Arrivals`. */
  arrivals: SharedArrayBuffer;
  /** Where all workers count the connections of each address and account. */
  addresses: SharedTable;
  /** Where all workers count requests. */
  requests: SharedTable;
  /** Where all workers keep the budgets of the accounts' rates. */
  rates: SharedTable;
}

/** A message to a worker. */
export type WorkerRequest =
  | FirstRequest
  | { type: "start"; settings: WorkerSettings }
  | { type: "reload"; cert: string; key: string }
  /** Limits that the configuration names now. */
  | { type: "policy"; options: PolicyOptions }
  /** The troubles of the server now. */
  | { type: "health"; troubles: readonly Trouble[] }
  /** The server is about to stop; connections are still accepted. */
  | { type: "drain" }
  /** To be answered by `alive`. */
  | { type: "ping" }
  /** The result of its change of that id. */
  | { type: "mounted"; id: number; answer: MountAnswer }
  | { type: "close"; graceMs: number };

/** From a worker. */
export type WorkerReport =
  | FirstReport
  /** Its thread has loaded the program. */
  | { type: "loaded" }
  /** From now on its thread may have listeners. */
  | { type: "opening" }
  | { type: "ready"; doors: DoorPlace[] }
  | { type: "log"; record: PlainRecord }
  /** Whole lines for the audit log. */
  | { type: "audit"; lines: string }
  /** Whole lines for the log of the web door. */
  | { type: "web"; lines: string }
  /** The trouble of a part of the server that the worker watches; undefined: none. */
  | { type: "trouble"; part: string; reason: string | undefined }
  | { type: "reloaded" }
  /** To be answered by `mounted`. */
  | { type: "mount"; id: number; change: MountChange }
  /** @member heapShare used part of the maximum heap, from 0 to 1 */
  | { type: "alive"; heapShare: number }
  | { type: "closed" }
  /** Silent peers hold its connections, and only its end closes them. */
  | { type: "stuck" }
  /** The worker has failed, at its start or later. */
  | { type: "failed"; message: string };
