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

/** What of an address was logged. */
interface Account {
  /** Refusals that may be logged now. */
  left: number;
  sinceMs: number;
  /** Refusals that were not logged since the last one that was. */
  unlogged: number;
}

/**
 * Writes logins and registrations to the audit log. What a stranger can have refused a thousand
 * times a second must not push what others did out of the log.
 */
export class QuietAudit {
  readonly #accounts = new BoundedMap<string, Account>({
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
   * Logs what was refused without any work, of each address a limited number.
   *
   * @param value what was shown, where it was no name and password
   */
  refused(
    actor: AuditActor,
    action: "login" | "register" | "password",
    result: AuditResult,
    value?: string,
  ): void {
    const account = this.#accountOf(actor.address);
    if (account.left < 1) {
      account.unlogged++;
      return;
    }
    account.left--;
    const repeated = account.unlogged === 0 ? {} : { repeated: account.unlogged };
    account.unlogged = 0;
    this.sink.write(actor, {
      action,
      result,
      ...(value === undefined ? {} : { value }),
      ...repeated,
    });
  }

  #accountOf(address: string): Account {
    const nowMs = this.now();
    let account = this.#accounts.get(address);
    if (account === undefined) {
      account = { left: BURST, sinceMs: nowMs, unlogged: 0 };
      this.#accounts.set(address, account);
    }
    account.left = Math.min(BURST, account.left + (nowMs - account.sinceMs) / PAUSE_MS);
    account.sinceMs = nowMs;
    return account;
  }
}
