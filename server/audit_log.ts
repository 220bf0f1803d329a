/**
 * The audit log of a worker: lines of JSON, gathered and handed on together, so that a small file
 * waits for none of it. The main thread writes them (logging.ts).
 */
import type { AuditActor, AuditEvent, AuditSink } from "../storage/audit.ts";

/** How long lines are gathered, and how much of them. */
const GATHER_MS = 100;
const GATHER_CHARACTERS = 64 * 1024;
/** Longest path that is told whole; what was refused may be any text. */
const MOST_CHARACTERS = 4096;

/** See the head of the module. */
export class AuditLog implements AuditSink {
  #lines = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param post takes whole lines */
  constructor(private readonly post: (lines: string) => void) {}

  write(actor: AuditActor, event: AuditEvent): void {
    this.#lines += auditLine(Date.now(), actor, event);
    if (this.#lines.length >= GATHER_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Hands on what was gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    this.post(this.#lines);
    this.#lines = "";
  }
}

/**
 * One line with one JSON object. No name in it ends the line or steers a terminal: whatever could
 * is escaped as JSON escapes it.
 */
export function auditLine(timeMs: number, actor: AuditActor, event: AuditEvent): string {
  const { action, paths, result, ...rest } = event;
  const line = JSON.stringify({
    time: new Date(timeMs).toISOString(),
    level: result === "ok" || result === "suspended" ? "info" : "warning",
    action,
    result,
    ...actor,
    ...(paths && paths.length > 0 ? { paths: paths.map(shortened) } : {}),
    ...rest,
  });
  return escapeMarks(line) + "\n";
}

function shortened(path: string): string {
  return path.length <= MOST_CHARACTERS ? path : `${path.slice(0, MOST_CHARACTERS)}…`;
}

/** Control characters that JSON leaves as they are, and marks that turn the direction of text. */
function escapeMarks(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
