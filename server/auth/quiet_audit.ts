import { BoundedMap } from "../../common/bounded_map.ts";
import type {
  AuditActor,
  AuditEvent,
  AuditResult,
  AuditSink,
} from "../../storage/monitor/audit.ts";

/** Refusals from one address that are logged one by one, before they are logged once a second. */
const BURST = 20;
const PAUSE_MS = 1000;
const MAX_ADDRESSES = 1000;

/** Log budget of an address. */
interface Allowance {
  /** Refusals that may be logged now. */
  left: number;
  sinceMs: number;
  /** Refusals that were not logged since the last one that was. */
  unlogged: number;
}

/**
 * Writes logins and registrations to the audit log. Refusals without a login can come a thousand
 * times a second, and must not push other events out of the log.
 */
export class QuietAudit {
  readonly #allowances = new BoundedMap<string, Allowance>({
    max: MAX_ADDRESSES,
    renewedByGet: true,
  });

  /** @param now a clock in ms that never goes back */
  constructor(
    private readonly sink: AuditSink,
    private readonly now: () => number = () => performance.now(),
  ) {}

  write(actor: AuditActor, event: AuditEvent): void {
    this.sink.write(actor, event);
  }

  /**
   * Logs a refusal that took no work, a limited number for each address.
   *
   * @param value the credentials, where they were no name and password
   */
  refused(
    actor: AuditActor,
    action: "login" | "register" | "password",
    result: AuditResult,
    value?: string,
  ): void {
    const allowance = this.#allowanceOf(actor.address);
    if (allowance.left < 1) {
      allowance.unlogged++;
      return;
    }
    allowance.left--;
    const repeated = allowance.unlogged === 0 ? {} : { repeated: allowance.unlogged };
    allowance.unlogged = 0;
    this.sink.write(actor, {
      action,
      result,
      ...(value === undefined ? {} : { value }),
      ...repeated,
    });
  }

  #allowanceOf(address: string): Allowance {
    const nowMs = this.now();
    let allowance = this.#allowances.get(address);
    if (allowance === undefined) {
      allowance = { left: BURST, sinceMs: nowMs, unlogged: 0 };
      this.#allowances.set(address, allowance);
    }
    allowance.left = Math.min(BURST, allowance.left + (nowMs - allowance.sinceMs) / PAUSE_MS);
    allowance.sinceMs = nowMs;
    return allowance;
  }
}
