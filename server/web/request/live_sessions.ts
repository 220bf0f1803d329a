/**
 * Active sessions of this worker: `WHO` lists them, and `KICK` and a change of the account end
 * them. HTTP has no connection that could be the session, so one lasts from a request until none
 * has come for a while.
 */
import type { Principal } from "../../../storage/contract/principal.ts";
import type { Vault, View } from "../../../storage/vault.ts";
import type { Origin } from "../../auth/origin.ts";
import type { WebSession } from "./web_session.ts";

/** Minimum interval between reports of use. */
const REPORT_MS = 30_000;
/** Interval at which unused sessions are removed. */
const SWEEP_MS = 5000;

interface Live {
  readonly session: WebSession;
  readonly view: View;
  usedMs: number;
  /** Time of the last report of its use. */
  reportedMs: number;
}

/** Callbacks of a session. */
export interface SessionHooks {
  ended?(): void;
  used?(): void;
}

/** Web sessions in use in this worker, by their id. */
export class LiveSessions {
  readonly #live = new Map<string, Live>();
  readonly #sweeper = setInterval(() => this.#sweep(), SWEEP_MS);

  /** @param silentMs a session shows no longer than this after it was used */
  constructor(private readonly vault: Vault, private readonly silentMs: number) {
    Deno.unrefTimer(this.#sweeper as unknown as number);
  }

  /** The session under this key that is in use, where its account is still as it was. */
  find(key: string, generation: number): WebSession | undefined {
    const live = this.#live.get(key);
    if (live?.view.principal.generation !== generation) return undefined;
    live.usedMs = performance.now();
    return live.session;
  }

  /** Whether a session is in use under this key. */
  has(key: string): boolean {
    return this.#live.has(key);
  }

  /**
   * Enters the vault for a session.
   *
   * @param key finds the session in later requests
   * @param hooks `ended` is called if another session ends it, `used` from time to time while it
   * transfers
   */
  enter(key: string, principal: Principal, hooks: SessionHooks = {}): WebSession {
    this.forget(key);
    const controller = new AbortController();
    const view = this.vault.enter(principal, (why) => {
      if (this.#live.get(key) === live) this.#live.delete(key);
      controller.abort(why);
      hooks.ended?.();
    });
    const { sessionId: id, account, address, door } = principal;
    const origin: Origin = { address, door, sessionId: id };
    const session: WebSession = {
      id,
      account,
      view,
      origin,
      signal: controller.signal,
      touch: () => {
        live.usedMs = performance.now();
        if (live.usedMs - live.reportedMs < REPORT_MS) return;
        live.reportedMs = live.usedMs;
        hooks.used?.();
      },
    };
    const live: Live = { session, view, usedMs: performance.now(), reportedMs: performance.now() };
    this.#live.set(key, live);
    return session;
  }

  /** Removes a session that has ended by itself. */
  forget(key: string): void {
    const live = this.#live.get(key);
    if (live === undefined) return;
    this.#live.delete(key);
    live.view.leave();
  }

  /** Removes all sessions. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const key of [...this.#live.keys()]) this.forget(key);
  }

  #sweep(): void {
    const before = performance.now() - this.silentMs;
    for (const [key, { usedMs }] of this.#live) if (usedMs < before) this.forget(key);
  }
}
