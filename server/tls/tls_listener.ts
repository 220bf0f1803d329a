/** The TLS port of a door: how its connections come about, and with which certificate. */
import { getLogger } from "@logtape/logtape";
import { Acceptor, type Handlers, type Source } from "../listener/acceptor.ts";
import type { Connection } from "../listener/connection.ts";
import type { DoorLimits } from "../admission/door_limits.ts";
import { GuardedSource } from "./guarded_source.ts";
import type { TlsOptions } from "./options.ts";
import { OrdinarySource } from "./ordinary_source.ts";

/** Interval at which the need for guarded accepting is checked, ms. */
const REVIEW_MS = 60_000;
/** Where no more than this part of the bound came late since the last time, it is not. */
const QUIET_PART = 1 / 8;

const log = getLogger(["towpath", "doors"]);

/** Options of a TLS port. */
export interface TlsListenerOptions extends TlsOptions {
  readonly limits: DoorLimits;
  /** @default 60 s */
  readonly reviewMs?: number;
}

/**
 * Accepts TLS connections with `Deno.listenTls`, which is the quickest way, while peers hold few
 * descriptors that Deno does not close; else in a guarded way, in which this program does the
 * handshakes and every connection can be closed. Where proxies are trusted, all are accepted in
 * the guarded way. Each way, and each certificate, has a listener of
 * its own on the shared port; one that is replaced takes what waits in it first.
 */
export class TlsListener {
  readonly port: number;
  #acceptor: Acceptor<Connection>;
  /** Source that replaces the ordinary one under attack. */
  #guard: GuardedSource | undefined;
  #review: ReturnType<typeof setInterval> | undefined;
  #pair: { readonly cert: string; readonly key: string };
  /** Acceptors that were replaced and take what waits for them. */
  #draining = 0;
  #closed = false;

  constructor(
    private readonly options: TlsListenerOptions,
    private readonly handlers: Handlers<Connection>,
  ) {
    this.#pair = options;
    // Behind a proxy, its header comes before TLS, which Deno's own listener cannot read.
    if (options.trustsProxy !== undefined) this.#guard = new GuardedSource(options);
    const source = this.#guard ?? new OrdinarySource(options, options.limits.held);
    this.port = source.port;
    this.#acceptor = this.#accept(source);
  }

  /** Whether all connections are accepted in the guarded way now. */
  get guarded(): boolean {
    return this.#guard !== undefined && this.#draining === 0;
  }

  /** Uses another certificate for new connections; none is refused or dropped. */
  async reload(cert: string, key: string): Promise<void> {
    this.#pair = { cert, key };
    if (this.#guard !== undefined) return this.#guard.setCertificate(cert, key);
    await this.#replace(this.#ordinary());
  }

  /** Stops accepting at once. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#review);
    this.#acceptor.close();
  }

  #accept(source: Source<Connection>): Acceptor<Connection> {
    const { serve, refuse } = this.handlers;
    return new Acceptor(source, this.options.limits, {
      serve,
      refuse,
      onAccept: () => this.#check(),
    });
  }

  #ordinary(): OrdinarySource {
    const options = { ...this.options, ...this.#pair, port: this.port };
    return new OrdinarySource(options, this.options.limits.held);
  }

  /** @param max maximum of connections that the previous source may still accept */
  async #replace(source: Source<Connection>, max?: number): Promise<void> {
    const before = this.#acceptor;
    this.#acceptor = this.#accept(source);
    this.#draining++;
    await before.drain(max);
    this.#draining--;
  }

  /** Goes over to guarded accepting where peers hold too many descriptors. */
  #check(): void {
    const { held } = this.options.limits;
    if (this.#guard !== undefined || this.#closed || !held.tooMany) return;
    try {
      this.#guard = new GuardedSource({ ...this.options, ...this.#pair, port: this.port });
    } catch (error) {
      log.error("Port {port} cannot be guarded against silent connections: {error}", {
        port: this.port,
        error: String(error),
      });
      return;
    }
    log.warn("Silent connections hold {count} descriptors: port {port} is guarded against them", {
      count: held.count,
      port: this.port,
    });
    this.#review = setInterval(() => this.#relax(), this.options.reviewMs ?? REVIEW_MS);
    this.#replace(this.#guard, held.max);
  }

  /** Goes back to the ordinary way where few peers were late of late. */
  #relax(): void {
    const [guard, { held }] = [this.#guard!, this.options.limits];
    const { late } = guard;
    guard.late = 0;
    if (late > held.max * QUIET_PART || !held.few) return;
    let source: OrdinarySource;
    try {
      source = this.#ordinary();
    } catch {
      return; // there may be a descriptor next time
    }
    clearInterval(this.#review);
    this.#guard = undefined;
    log.info("Port {port} is guarded no longer", { port: this.port });
    this.#replace(source);
  }
}
