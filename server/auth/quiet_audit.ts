import type { AuditActor, AuditEvent, AuditResult, AuditSink } from "../../storage/audit.ts";

/** Refusals that cost the server nothing are told of once in so long for each address. */
const PAUSE_MS = 1000;
const MOST_ADDRESSES = 1000;

/**
 * Tells the audit log of logins and registrations. What a stranger can have refused a thousand
 * times a second must not push what others did out of the log.
 */
export class QuietAudit {
  readonly #toldMs = new Map<string, number>();

  constructor(private readonly sink: AuditSink) {}

  write(actor: AuditActor, event: AuditEvent): void {
    this.sink.write(actor, event);
  }

  /** Tells of what was refused without any work, unless one such from there was just told of. */
  refused(actor: AuditActor, action: "login" | "register", result: AuditResult): void {
    const now = performance.now();
    const key = `${action} ${actor.address}`;
    if (now - (this.#toldMs.get(key) ?? -Infinity) < PAUSE_MS) return;
    if (this.#toldMs.size >= MOST_ADDRESSES) this.#toldMs.clear();
    this.#toldMs.set(key, now);
    this.sink.write(actor, { action, result });
  }
}
