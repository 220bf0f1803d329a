/** Lines of the database's log about what operators do: backups, verifications, moves. */
import { jsonLine } from "../../common/printable.ts";
import { report } from "../../storage/common/reports.ts";
import type {
  AuditAction,
  AuditActor,
  AuditEvent,
  AuditSink,
} from "../../storage/monitor/audit.ts";

const SENTENCES: Partial<Record<AuditAction, string>> = {
  backup: "A backup was made",
  restore: "A backup was restored",
  migrate: "Everything was copied to another place",
  collect: "The store was searched for garbage",
  verify: "Files were verified",
};

/** The fields of the line about an event; undefined: it is none of the database's. */
function lineOf({ action, result, subject, ms }: AuditEvent) {
  const message = SENTENCES[action];
  if (message === undefined) return undefined;
  const isDone = result === "ok";
  return {
    level: isDone ? "info" as const : "warning" as const,
    message: isDone ? message : `${message}, which failed or found damage`,
    fields: { event: action, result, subject, ms },
  };
}

/** Passes audit events on, and reports those that the database's log has. */
export class DatabaseLog implements AuditSink {
  constructor(private readonly next: AuditSink) {}

  write(actor: AuditActor, event: AuditEvent): void {
    this.next.write(actor, event);
    const line = lineOf(event);
    if (line !== undefined) report(line.level, "database", line.message, line.fields);
  }
}

/** The line of an event as `admin` writes it, which runs beside the server; undefined: none. */
export function databaseLine(timeMs: number, event: AuditEvent): string | undefined {
  const line = lineOf(event);
  if (line === undefined) return undefined;
  const { level, message, fields } = line;
  const time = new Date(timeMs).toISOString();
  return jsonLine({ time, level, source: "admin", message, ...fields }) + "\n";
}
