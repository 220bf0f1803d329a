/** Audit lines of `admin`: the same file and the same format as the server's. */
import { join } from "@std/path";
import type { AuditActor, AuditEvent, AuditResult } from "../../storage/monitor/audit.ts";
import { reasonOf } from "../../common/os_reason.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { SpaceReserve } from "../../storage/engine_places.ts";
import { auditLine } from "../monitor/audit_log.ts";
import { databaseLine } from "../monitor/database_log.ts";
import { isThere, makePrivateDirectory, PLACES } from "../data/data_directory.ts";
import { assertNoPipe } from "../monitor/log_file.ts";
import { EXIT, ExitError } from "../options/error.ts";

const ACTOR: AuditActor = {
  account: null,
  door: "admin",
  address: "local",
  session: `admin-${Deno.pid}`,
};

const RESULTS: Record<number, AuditResult> = {
  [EXIT.done]: "ok",
  [EXIT.notFound]: "not-found",
  [EXIT.denied]: "denied",
  [EXIT.damage]: "checksum",
  [EXIT.conflict]: "exists",
};

/**
 * Runs a command and logs its outcome in the audit log. Wrong usage is not logged: nothing was
 * attempted.
 *
 * @param event undefined: the command only reads, and nothing is logged
 * @param node name of the node, where several share the data
 */
export async function auditedCommand<T extends { exitCode?: number }>(
  data: string,
  event: Omit<AuditEvent, "result"> | undefined,
  run: () => Promise<T>,
  node?: string,
): Promise<T> {
  if (event === undefined) return await run();
  const start = performance.now();
  const record = (result: AuditResult) =>
    auditEvent(data, { ...event, result, ms: elapsed(start) }, node);
  try {
    const outcome = await run();
    record(RESULTS[outcome.exitCode ?? EXIT.done] ?? "failed");
    return outcome;
  } catch (error) {
    if (!(error instanceof ExitError && error.exitCode === EXIT.usage)) record(resultOf(error));
    throw error;
  }
}

/**
 * Logs an event, if the data directory exists.
 *
 * @param node name of the node, where several share the data: the directory then holds no catalog
 */
export function auditEvent(data: string, event: AuditEvent, node?: string): void {
  if (node === undefined && !isThere(join(data, PLACES.catalog))) return;
  append(data, "audit", auditLine(Date.now(), ACTOR, event, node));
  const line = databaseLine(Date.now(), event);
  if (line !== undefined) append(data, "database", line);
}

function elapsed(start: number): number {
  return Math.round(performance.now() - start);
}

function resultOf(error: unknown): AuditResult {
  if (!(error instanceof ExitError)) return isStoreError(error) ? error.kind : "io";
  if (isStoreError(error.cause)) return error.cause.kind;
  return RESULTS[error.exitCode] ?? "failed";
}

/** One write at the file's end: a server that runs writes its own lines before or behind it. */
function append(data: string, name: "audit" | "database", line: string): void {
  const directory = join(data, PLACES.logs);
  const path = join(directory, `${name}.log`);
  const write = () => {
    makePrivateDirectory(directory);
    assertNoPipe(path);
    using file = Deno.openSync(path, {
      append: true,
      create: true,
      mode: 0o600,
    });
    file.writeSync(new TextEncoder().encode(line));
  };
  try {
    new SpaceReserve(data).use(write);
  } catch (error) {
    // The action was done, and its outcome, such as a new password, must not be lost.
    console.error(`towpath: The ${name} log could not be written: ${reasonOf(error, path)}`);
  }
}
