/**
 * How long a connection counts that Deno could not close because its peer took no bytes, ms. When
 * its descriptor is free again cannot be seen, and such a peer decides that itself.
 */
const STUCK_MS = 24 * 3_600_000;

/**
 * File descriptors of a worker that only a peer can free: Deno keeps the descriptor of a connection
 * of `Deno.listenTls` until its TLS handshake has ended, or until the last bytes were taken, even
 * where `close` was called before.
 */
export class HeldDescriptors {
  #pending = 0;
  /** When each of the others was closed; the oldest first. */
  readonly #stuckMs: number[] = [];

  /**
   * @param max maximum for this worker; beyond it, {@linkcode HeldDescriptors.tooMany} is true
   * @param clock monotonic, in milliseconds
   */
  constructor(
    readonly max: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Counts the descriptor of a handshake. @returns to be called once, when it has ended */
  hold(): () => void {
    this.#pending++;
    return () => this.#pending--;
  }

  /** Counts a connection that was closed before its peer took all bytes. */
  holdStuck(): void {
    this.#stuckMs.push(this.clock());
  }

  get count(): number {
    const beforeMs = this.clock() - STUCK_MS;
    while (this.#stuckMs.length > 0 && this.#stuckMs[0]! <= beforeMs) this.#stuckMs.shift();
    return this.#pending + this.#stuckMs.length;
  }

  /** Whether no more should come about. */
  get tooMany(): boolean {
    return this.count > this.max;
  }

  /** Whether there is plenty of room again. */
  get few(): boolean {
    return this.count <= this.max / 2;
  }
}
