/** Composes the server: data directory, certificate, first account, workers, and their end. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { FIRST_ACCOUNT } from "../common/account_names.ts";
import { collectGarbage } from "../common/garbage.ts";
import { reasonOf } from "../common/os_reason.ts";
import { getLogger } from "@logtape/logtape";
import { SpaceReserve } from "../storage/engine_places.ts";
import { certificateState } from "./certificates/certificate_state.ts";
import {
  type CertificateSource,
  certificateSource,
  certificateTrouble,
  loadCertificate,
} from "./certificates/certificates.ts";
import {
  assertCatalogIsThere,
  assertRestored,
  isThere,
  PLACES,
  prepareDataDirectory,
} from "./data/data_directory.ts";
import { holdDataDirectory } from "./data/data_lock.ts";
import { descriptorShares } from "./admission/descriptors.ts";
import { assertFree, type DoorPlace, wantedDoors } from "./process/doors.ts";
import { assertReachable, clusterAccess } from "./data/cluster_access.ts";
import { AUDIT_PART, CERTIFICATE_PART, Health } from "./monitor/health.ts";
import type { Trouble } from "./door/door.ts";
import { greeting, passwordLines } from "./greeting.ts";
import { startLogging } from "./monitor/logging.ts";
import type { ServerOptions } from "./options/definitions.ts";
import { readLimitsFile } from "./admission/limits_file.ts";
import { EXIT, failure, messageOf, usageError } from "./options/error.ts";
import { isServerJsonThere, removeServerJson, writeServerJson } from "./process/server_json.ts";
import { listenForSignals } from "./process/signals.ts";
import { answerStarting } from "./starting.ts";
import { unexpected } from "./unexpected.ts";
import { busName, ChannelBus } from "./process/bus.ts";
import { ControlDesk } from "./process/control_desk.ts";
import { MountDesk } from "./process/mount_desk.ts";
import { GRACE_MS, Workers } from "./process/workers.ts";
import { WorkerThread } from "./process/worker_thread.ts";

/** Interval at which space that the catalog took from its reserve is set aside again. */
const RESERVE_MS = 10_000;
/** Interval at which the certificate's expiry is checked. */
const CERTIFICATE_MS = 3_600_000;

const log = getLogger(["towpath", "main"]);

/** Inputs of `serve` beside the options. */
export interface ServeInput {
  /** Password of the first account, or undefined: one is made up. */
  adminPassword: string | undefined;
  /** Reads the options again, as they were read at the start. @throws {ExitError} */
  reread(): ServerOptions;
  /** Writes to the person who started the server. */
  print(text: string): void;
}

/**
 * Serves until a signal ends it.
 *
 * @returns the exit code
 * @throws {ExitError} where it cannot start
 */
export async function serve(options: ServerOptions, input: ServeInput): Promise<number> {
  if (options.catalog !== null && options.cert === null) {
    throw usageError(
      "--catalog needs --cert and --key: the nodes are one server to their clients, and an " +
        "authority that one of them makes is none of the others'",
    );
  }
  const doors = wantedDoors(options);
  const limits = readLimitsFile(options.limits);
  const data = prepareDataDirectory(options.data);
  await holdDataDirectory(data);
  assertRestored(data);
  assertCatalogIsThere(data);
  // A file that is there is from a server that was killed: this one has the lock.
  removeServerJson(data);
  const cluster = clusterAccess(options);
  assertReachable(cluster);
  // The first worker's thread, so that this one, which lasts as long as the server, loads no engine.
  const place = { data, options, cluster };
  using thread = new WorkerThread(place, 0);
  const source = certificateSource(data, options, await thread.take("hadAuthority"));
  const certificate = await loadCertificate(source);
  assertFree(doors);
  const first = await thread.take("makeFirstAccount", input.adminPassword);
  if (first?.password) await printPassword(thread, first.password, input);
  if (certificate.caFile !== null && !source.hadAuthority) {
    await thread.take("noteAuthority");
    source.hadAuthority = true;
  }

  const health = new Health();
  const logOptions = { format: options["log-format"], level: options["log-level"] };
  await using logs = startLogging(data, logOptions, health);
  const wanted = options["max-connections"];
  const descriptors = descriptorShares(wanted, data);
  if (descriptors.places < wanted) {
    log.warn(
      "The limit of open files allows {places} connections, not {wanted}: raise it (ulimit -n)",
      { places: descriptors.places, wanted },
    );
  }
  if (isThere(join(data, PLACES.draft))) {
    log.warn("{draft} was left by an interrupted restore: restore again, or remove it", {
      draft: join(data, PLACES.draft),
    });
  }
  const workers = new Workers(place, thread, certificate, logs, health, descriptors, limits);
  const desk = new MountDesk(place, workers, await thread.take("mountedPlaces"));
  return await run(data, workers, doors, source, input, desk);
}

/** Prints the made-up password; an account whose password could not be printed is removed again. */
async function printPassword(
  thread: WorkerThread,
  password: string,
  input: ServeInput,
): Promise<void> {
  try {
    input.print(passwordLines(password));
  } catch (error) {
    await thread.take("removeFirstAccount");
    throw failure(
      `The password of "${FIRST_ACCOUNT}" cannot be printed on standard output ` +
        `(${messageOf(error)}): start the server again where it can, or set TOWPATH_ADMIN_PASSWORD`,
      error,
    );
  }
}

/** Prints the addresses; the server runs even if its standard output is closed. */
function printGreeting(input: ServeInput, text: string): void {
  try {
    input.print(text);
  } catch (error) {
    log.warn("The addresses cannot be printed on standard output: {reason}", {
      reason: messageOf(error),
    });
  }
}

/** From the start of the workers to their end. */
async function run(
  data: string,
  workers: Workers,
  wanted: DoorPlace[],
  source: CertificateSource,
  input: ServeInput,
  mounts: MountDesk,
): Promise<number> {
  const stop = Promise.withResolvers<"stop">();
  const trouble = unexpected();
  const reserve = new SpaceReserve(data);
  reserve.fill();
  let served: DoorPlace[] | undefined;
  const note = () => {
    if (served) reserve.use(() => writeServerJson(data, workers.certificate, served!));
  };
  const filling = setInterval(() => {
    reserve.fill();
    if (!isServerJsonThere(data)) attempt("server.json cannot be written", note);
  }, RESERVE_MS);
  let reloading = Promise.resolve();
  reportCertificate(workers);
  const judging = setInterval(() => {
    reportCertificate(workers);
    // The server renews its own leaf; a given one is the operator's to replace.
    if (source.given === null && certificateState(workers.certificate.cert).trouble !== null) {
      reloading = reloading.then(() => reload(workers, source, note));
    }
  }, CERTIFICATE_MS);
  const stopListening = listenForSignals({
    stop: () => stop.resolve("stop"),
    stopAtOnce() {
      removeServerJson(data);
      Deno.exit(EXIT.failed);
    },
    reload() {
      workers.logs.reopen();
      // One after the other.
      reloading = reloading.then(() => reload(workers, source, note));
      reloading = reloading.then(() => reread(workers, input));
    },
  });
  try {
    const { "web-plain": isPlain, "web-base-path": basePath } = workers.options;
    const endStarting = answerStarting(wanted, isPlain ? undefined : workers.certificate);
    const started = await Promise.race([workers.start(wanted), stop.promise, trouble])
      .finally(endStarting);
    if (started === "stop") return EXIT.done;
    served = started;
    note();
    const bus = new ChannelBus(busName(data), workers.options.workers);
    using _desk = new ControlDesk(data, bus, () => mounts.follow());
    const web = { isPlain, basePath };
    printGreeting(input, greeting(data, workers.certificate, started, web));
    log.info("Ready");
    collectGarbage(); // of the start: this thread has little to do from now on
    const auditLost = untilAuditLost(workers.health, workers.options);
    const why = await Promise.race([stop.promise, auditLost, trouble])
      .catch((error) => {
        log.fatal("The server cannot continue: {error}", { error });
        throw error;
      });
    if (why !== "stop") {
      log.fatal("The server stops, as --audit-failure asks: {reason}", { ...why });
    } else await drain(workers, trouble);
    log.info("Stopping: transfers have {seconds} s to finish", { seconds: GRACE_MS / 1000 });
    await workers.close();
    log.info("Stopped");
    return why === "stop" ? EXIT.done : EXIT.failed;
  } finally {
    clearInterval(filling);
    clearInterval(judging);
    workers.terminate();
    removeServerJson(data);
    stopListening();
  }
}

/** Gives balancers time to send new clients elsewhere. */
async function drain(workers: Workers, trouble: Promise<never>): Promise<void> {
  const drainMs = workers.options.drain;
  if (drainMs === null) return;
  workers.drain();
  log.info("Draining: connections are accepted for {seconds} s more", { seconds: drainMs / 1000 });
  const end = new AbortController();
  const over = delay(drainMs, { signal: end.signal }).catch(() => {});
  await Promise.race([over, trouble]).finally(() => end.abort());
}

/** Resolves when the audit log cannot be written and the server is to stop then. */
function untilAuditLost(health: Health, options: ServerOptions): Promise<Trouble> {
  const { promise, resolve } = Promise.withResolvers<Trouble>();
  if (options["audit-failure"] === "continue") return promise;
  health.subscribe((troubles) => {
    const lost = troubles.find(({ part }) => part === AUDIT_PART);
    if (lost !== undefined) resolve(lost);
  });
  return promise;
}

/** Reports problems of the served certificate to operators. */
function reportCertificate({ certificate, health }: Workers): void {
  const reason = certificateTrouble(certificate);
  const before = health.troubles.find(({ part }) => part === CERTIFICATE_PART)?.reason;
  health.set(CERTIFICATE_PART, reason);
  if (reason !== undefined && reason !== before) {
    log.warn("Trouble with the certificate: {reason}", { reason });
  }
}

/** Reads the certificate again; the old one stays where the new one is not good. */
async function reload(
  workers: Workers,
  source: CertificateSource,
  note: () => void,
): Promise<void> {
  try {
    await workers.reload(await loadCertificate(source));
    log.info("The certificate was read again");
  } catch (error) {
    const reason = messageOf(error);
    log.error("The certificate was not changed: {reason}", { reason });
    const trouble = `the one from before is served until a better one is read: ${reason}`;
    workers.certificate = { ...workers.certificate, trouble };
  }
  attempt("server.json cannot be written", note);
  reportCertificate(workers);
}

/** Does what the server can do without; a failure is logged. */
function attempt(failed: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    log.error("{failed}: {reason}", { failed, reason: reasonOf(error) });
  }
}

/** Reads the configuration again; the limits stay as they are where it is not good. */
function reread(workers: Workers, input: ServeInput): void {
  try {
    const options = input.reread();
    workers.setPolicy(options, readLimitsFile(options.limits));
    log.info("The limits of the configuration were read again");
  } catch (error) {
    log.error("The limits were not changed: {reason}", { reason: messageOf(error) });
  }
}
