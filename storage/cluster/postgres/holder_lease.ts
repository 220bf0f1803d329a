import type { ClusterClock } from "./cluster_clock.ts";
import { unreachable } from "./errors.ts";
import type { Database } from "./database.ts";

/** How long a worker counts as running after its last sign of life, by the database's clock, ms. */
const LEASE_MS = 20_000;
/** How often it gives one, ms. */
const RENEWAL_MS = 5_000;
/** By how much a worker stops before others may think so, by its own clock, ms. */
const MARGIN_MS = 4_000;

/**
 * The lease of this worker: while it holds, other nodes take what the worker holds for held. The
 * database's clock ends it; this worker measures by the time that its process runs, from before each
 * renewal was sent, and stops earlier.
 */
export class HolderLease {
  #heldUntilMs = -Infinity;
  #renewing: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly database: Database,
    readonly holder: string,
    private readonly clock: ClusterClock,
  ) {}

  /** Whether no other node may think that this worker has ended. */
  get isHeld(): boolean {
    return performance.now() < this.#heldUntilMs;
  }

  /**
   * Resolves once the lease holds; it is renewed from then on.
   *
   * @throws {StoreError} `unreachable`
   */
  async held(): Promise<void> {
    this.#timer ??= startTimer(() => {
      this.#renew().catch(() => {}); // the next call that needs it gets the error
    });
    if (!this.isHeld) await this.#renew();
    if (!this.isHeld) throw unreachable(new Error("the answer took longer than the lease"));
  }

  /** Reads the database's clock. @returns a number that was taken by it, as it would be taken now */
  async corrected(number: number): Promise<number> {
    await this.#send();
    return Math.floor(this.clock.corrected(number));
  }

  /** Ends the lease. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#heldUntilMs === -Infinity) return;
    this.#heldUntilMs = -Infinity;
    await this.#renewing?.catch(() => {});
    await this.database.query((sql) => sql`SELECT holders_end(${sql.json([this.holder])})`);
  }

  #renew(): Promise<void> {
    return this.#renewing ??= this.#send().finally(() => this.#renewing = undefined);
  }

  async #send(): Promise<void> {
    const sentMs = performance.now();
    const [row] = await this.database.query((sql) =>
      sql`SELECT holder_renew(${this.holder}, ${LEASE_MS}) AS micros`
    );
    this.#heldUntilMs = sentMs + LEASE_MS - MARGIN_MS;
    this.clock.adjust(row!["micros"] as number, sentMs, performance.now());
  }
}

/** A timer that does not keep the process. */
function startTimer(tick: () => void): ReturnType<typeof setInterval> {
  const timer = setInterval(tick, RENEWAL_MS);
  Deno.unrefTimer(timer as unknown as number);
  return timer;
}
