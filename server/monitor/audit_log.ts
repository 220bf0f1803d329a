/**
 * The audit log of a worker: lines of JSON, gathered and handed on together, so that a small file
 * waits for none of it. The main thread writes them (logging.ts).
 */
import { escapeJson } from "../../common/printable.ts";
import type { AuditActor, AuditEvent, AuditSink } from "../../storage/monitor/audit.ts";
import { LineGatherer } from "./line_gatherer.ts";

/** Longest path that is logged whole; a refused path may be any text. */
const MAX_CHARACTERS = 4096;

/** Sink that writes audit events as JSON lines. */
export class AuditLog implements AuditSink {
  readonly #lines: LineGatherer;

  /**
   * @param post takes whole lines
   * @param node name of this node, where several share the engine
   */
  constructor(post: (lines: string) => void, private readonly node?: string) {
    this.#lines = new LineGatherer(post);
  }

  write(actor: AuditActor, event: AuditEvent): void {
    this.#lines.add(auditLine(Date.now(), actor, event, this.node));
  }

  /** Writes the gathered lines. */
  flush(): void {
    this.#lines.flush();
  }
}

/**
 * Formats an event as one line with one JSON object. Control and direction characters are escaped
 * as in JSON, so that no name ends the line or controls a terminal.
 */
export function auditLine(
  timeMs: number,
  actor: AuditActor,
  event: AuditEvent,
  node?: string,
): string {
  const { action, result, paths, subject, value, bytes, repeated, ms } = event;
  const { account, door, address, session, token, link } = actor;
  // One literal with every member, since this runs for every small file; JSON omits undefined ones.
  const line: Record<keyof AuditActor | keyof AuditEvent | "time" | "level" | "node", unknown> = {
    time: isoTime(timeMs),
    level: result === "ok" || result === "suspended" ? "info" : "warning",
    action,
    result,
    account,
    door,
    address,
    session,
    node,
    token,
    link,
    paths: paths === undefined || paths.length === 0 ? undefined : paths.map(shortened),
    subject,
    value,
    bytes,
    repeated,
    ms,
  };
  return escapeJson(JSON.stringify(line)) + "\n";
}

let lastTime = { ms: NaN, text: "" };

/** Many lines fall into one millisecond. */
function isoTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

function shortened(path: string): string {
  return path.length <= MAX_CHARACTERS ? path : `${path.slice(0, MAX_CHARACTERS)}…`;
}
