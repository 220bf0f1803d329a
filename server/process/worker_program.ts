/**
 * The program of a worker: opens the storage and the doors. It runs with permissions for the data
 * directory and the network alone, so that a fault in a door reaches no further.
 */
import { getLogger } from "@logtape/logtape";
import { arrivals } from "../../storage/contract/arrivals.ts";
import { noteClock, resumeClock } from "../../storage/common/clock_marks.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { Bus } from "../../storage/monitor/bus.ts";
import { counted, Counters } from "../../storage/monitor/counters.ts";
import type { OpenEngine } from "../../storage/open_disk.ts";
import type { joinBus } from "../../storage/open_engine.ts";
import { Vault } from "../../storage/vault.ts";
import { ActivityLog } from "../monitor/activity_log.ts";
import { AuditLog } from "../monitor/audit_log.ts";
import { AccountService } from "../auth/account_service.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { busName, ChannelBus } from "./bus.ts";
import { logBusError, logFault, logNamesake } from "./cluster_log.ts";
import { heapShare } from "./heap_share.ts";
import { keepHouse } from "./housekeeping.ts";
import { endUnwelcome } from "./unwelcome.ts";
import { LineGatherer } from "../monitor/line_gatherer.ts";
import { certificateState } from "../certificates/certificate_state.ts";
import { onBrokenCatalog } from "./broken_catalog.ts";
import { logProgress, logRecovery } from "./recovery_log.ts";
import type { Door, Trouble } from "../door/door.ts";
import { RemoteMounts } from "../data/remote_mounts.ts";
import { openDoors } from "./open_doors.ts";
import type { Openers } from "./openers/opener.ts";
import { AddressCounts } from "../admission/address_counts.ts";
import { doorLimits } from "../admission/limits.ts";
import { networkSet } from "../admission/networks.ts";
import { Policy } from "../admission/policy.ts";
import { RequestTable } from "../admission/request_table.ts";
import { DatabaseLog } from "../monitor/database_log.ts";
import { logReader } from "../monitor/log_tail.ts";
import { sendRecordsTo } from "../monitor/logging.ts";
import { logStorageReports } from "../monitor/storage_reports.ts";
import { takeFirstStep } from "../data/first_steps.ts";
import { forOperator } from "../data/operator_error.ts";
import { SharedRates } from "../admission/shared_rates.ts";
import { SharedRequests } from "../admission/shared_requests.ts";
import { TokenBuckets } from "../admission/token_buckets.ts";
import { ExitError, messageOf } from "../options/error.ts";
import { SERVER_INFO } from "../door/version.ts";
import type { WorkerReport, WorkerRequest, WorkerSettings } from "./worker_messages.ts";

const log = getLogger(["towpath", "worker"]);
const scope = self as unknown as {
  postMessage(report: WorkerReport): void;
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
};
const report = (message: WorkerReport) => scope.postMessage(message);

/** Troubles of the server, as the main thread reports them. */
let troubles: readonly Trouble[] = [];
/** Changes of the mounts go to the main thread. */
const mounts = new RemoteMounts((id, change) => report({ type: "mount", id, change }));

/** Whether the server is about to stop. */
let isDraining = false;

/** When the certificate that is served ends, ms since the epoch. */
let certificateEndMs = 0;
/** The certificate chain that is served, in PEM. */
let certificate = "";

/** The parts of a worker that runs. */
let running: {
  doors: Door[];
  vault: Vault;
  keepClock: () => Promise<void>;
  logs: { flush(): void }[];
  housekeeping: (() => void)[];
} | undefined;

/** The limits of the doors' connections. */
let policy: Policy | undefined;

/** The parts of the program that a worker has loaded. */
export interface WorkerRooms {
  /** Of all doors that it is to open. */
  readonly openers: Openers;
  readonly openEngine: OpenEngine;
  /** Where it may be one of several nodes. */
  readonly joinBus?: typeof joinBus;
}

let rooms: WorkerRooms;

/** Runs a worker in this thread: it does what the main thread asks for. */
export function runWorker(loaded: WorkerRooms): void {
  rooms = loaded;
  scope.onmessage = ({ data }) => answer(data);
  self.addEventListener("unhandledrejection", onRejection);
  self.addEventListener("error", onException);
  report({ type: "loaded" });
}

async function answer(request: WorkerRequest): Promise<void> {
  try {
    if (request.type === "first") report(await takeFirstStep(request, rooms.openEngine));
    else if (request.type === "start") await startIn(request.settings);
    else if (request.type === "policy") policy?.apply(request.options);
    else if (request.type === "reload") await reload(request.cert, request.key);
    else if (request.type === "health") troubles = request.troubles;
    else if (request.type === "drain") drain();
    else if (request.type === "mounted") mounts.answer(request.id, request.answer);
    else if (request.type === "ping") report({ type: "alive", heapShare: heapShare() });
    else await close(request.graceMs);
  } catch (error) {
    // An error with a sentence of its own needs no stack in the log.
    const expected = error instanceof ExitError || error instanceof StoreError;
    if (!expected) log.error("The worker failed: {error}", { error });
    report({ type: "failed", message: messageOf(error) });
  }
}

/** One request's forgotten promise is no reason to end all others': state is kept by the catalog. */
function onRejection(event: PromiseRejectionEvent): void {
  event.preventDefault();
  log.error("A promise was rejected and not handled: {error}", { error: event.reason });
}

/**
 * After an exception outside of any promise the state is unknown: the main thread ends this worker
 * and starts another one.
 */
function onException(event: ErrorEvent): void {
  event.preventDefault();
  log.fatal("Uncaught exception: {error}", { error: event.error });
  for (const lines of running?.logs ?? []) lines.flush(); // completed actions are in the audit log
  report({ type: "failed", message: messageOf(event.error) });
}

async function startIn(settings: WorkerSettings): Promise<void> {
  try {
    await start(settings);
  } catch (error) {
    throw forOperator(error, settings.data);
  }
}

async function start(settings: WorkerSettings): Promise<void> {
  const startedAt = performance.now();
  const { data, options, cert, key } = settings;
  const proxies = options["trusted-proxy"];
  sendRecordsTo((record) => report({ type: "log", record }), options["log-level"]);
  logStorageReports(options["log-level"]);
  const replaced = new Int32Array(settings.replaced);
  const assertCurrent = () => {
    if (Atomics.load(replaced, 0) !== 0) throw new StoreError("aborted", "The worker was replaced");
  };
  // The steps before the start have checked every page.
  const engine = await rooms.openEngine({
    data,
    cluster: settings.cluster,
    durability: options.durability,
    check: false,
    assertCurrent,
    holder: settings.holder,
    alone: options.workers === 1,
    onBroken: onBrokenCatalog(data, report),
    onFault: logFault,
  });
  const { catalog } = engine;
  await resumeClock(catalog);
  arrivals.use(settings.arrivals);
  const node = settings.cluster?.node;
  const auditLog = new AuditLog((lines) => report({ type: "audit", lines }), node);
  const webLog = new LineGatherer((lines) => report({ type: "web", lines }));
  const counters = new Counters();
  // The main thread asks too, even if there is no other worker.
  const bus: Bus = settings.cluster === undefined
    ? new ChannelBus(busName(data), options.workers - 1)
    : await rooms.joinBus!(engine, settings.cluster.node, logBusError, {
      version: SERVER_INFO.version,
      instance: settings.cluster.instance,
      onNamesake: settings.index === 0 ? () => logNamesake(node!) : undefined,
    });
  const shared = bus.limits;
  const activity = new ActivityLog(auditLog, (record) => report({ type: "log", record }));
  const audit = counted(new DatabaseLog(activity), counters);
  const vault = await Vault.open({
    engine,
    progress: logProgress(),
    recover: typeof settings.recover === "object" ? settings.recover : settings.recover === "all",
    audit,
    counters,
    bus,
    node,
    ...(engine.mounts && { mounts }),
    partTtlMs: options["part-ttl"],
    space: {
      minFreeBytes: options["min-free"],
      expected: new BigInt64Array(settings.expectedBytes),
      worker: settings.index,
    },
    ...(options["max-upload"] === null ? {} : { maxUploadBytes: options["max-upload"] }),
  });
  if (vault.recovery !== undefined) logRecovery(vault.recovery, report);
  policy = new Policy(settings.policy, catalog.policy);
  await policy.follow();
  const mayLogIn = policy.mayLogIn.bind(policy);
  const authenticator = new Authenticator({
    catalog,
    audit,
    mayLogIn,
    published: options.anonymous ?? undefined,
  });
  for (const state of ["running", "waiting"] as const) {
    counters.gauge("towpath_hashing", { state }, () => authenticator.hashing[state]);
  }
  report({ type: "opening" });
  const doors = await openDoors(
    settings.doors,
    {
      vault,
      authenticator,
      accounts: new AccountService(vault, authenticator, {
        allowRegister: options["allow-register"],
        quotaBytes: options.quota,
      }),
      logs: logReader(data),
      troubles: () => troubles,
      isDraining: () => isDraining,
      certificateEndMs: () => certificateEndMs,
      certificate: () => certificate,
      uptimeMs: () => settings.uptimeMs + performance.now() - startedAt,
      accessLog: (line) => webLog.add(line),
      listeners: settings.listeners,
      cert,
      key,
      limits: doorLimits({
        idleTimeoutMs: options["idle-timeout"],
        policy,
        counter: settings.connections,
        cell: settings.cell,
        descriptors: settings.descriptors,
        workers: options.workers,
        onStuck() {
          for (const lines of [activity, auditLog, webLog]) lines.flush();
          report({ type: "stuck" });
        },
        addresses: new AddressCounts(settings.addresses, settings.index),
        requests: shared ? new SharedRequests(shared) : new RequestTable(settings.requests),
        budgets: shared ? new SharedRates(shared) : new TokenBuckets(settings.rates),
        shared,
      }),
      // Without proxies the doors listen in the ways that know none, which are quicker.
      trustsProxy: proxies.length > 0 ? networkSet(proxies) : undefined,
      serverInfo: SERVER_INFO,
    },
    options,
    rooms.openers,
  );
  certificateEndMs = certificateState(cert).endMs;
  certificate = cert;
  const housekeeping = settings.index === 0
    ? keepHouse({ engine, vault, partTtlMs: options["part-ttl"], report })
    : [];
  housekeeping.push(endUnwelcome(policy, vault));
  const keepClock = async () => {
    if (settings.index === 0) await noteClock(catalog);
  };
  if (isDraining) vault.drain();
  running = { doors, vault, keepClock, logs: [activity, auditLog, webLog], housekeeping };
  report({ type: "ready", doors: doors.map(({ name, host, port }) => ({ name, host, port })) });
}

function drain(): void {
  isDraining = true;
  running?.vault.drain();
}

async function reload(cert: string, key: string): Promise<void> {
  for (const door of running?.doors ?? []) await door.reload(cert, key);
  certificateEndMs = certificateState(cert).endMs;
  certificate = cert;
  report({ type: "reloaded" });
}

async function close(graceMs: number): Promise<void> {
  if (running) {
    for (const end of running.housekeeping) end();
    policy?.close();
    await Promise.all(running.doors.map((door) => door.close(graceMs)));
    await running.keepClock();
    await running.vault.close();
    for (const log of running.logs) log.flush();
    running = undefined;
  }
  report({ type: "closed" });
}
