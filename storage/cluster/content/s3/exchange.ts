import { concat } from "@std/bytes";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Socket } from "node:net";
import { UnusableReply } from "./failures.ts";
import { type TimeLimits, WaitTimer } from "./time_limits.ts";
import { TlsConnections } from "./tls_connections.ts";

/** A request that is signed and ready to be sent. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: readonly Uint8Array[] | undefined;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** A whole reply. */
export interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: Uint8Array;
}

/** Bytes that are given to the socket at once, so that a slow line is not taken for a silent one. */
const PIECE_BYTES = 512 * 1024;

/** Sends requests with bodies and short replies, on connections that are kept open. */
export class Exchanges {
  readonly #agent: PlainAgent | TlsConnections;
  readonly #request: typeof plainRequest;
  readonly #isTls: boolean;

  /**
   * @param maxConnections most connections at once; further requests wait for one
   * @param ca certificates in PEM that sign the server's; undefined: those that the machine trusts
   */
  constructor(
    endpoint: string,
    private readonly limits: TimeLimits,
    { maxConnections, ca }: { maxConnections: number; ca?: string | undefined },
  ) {
    const kept = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections };
    this.#isTls = new URL(endpoint).protocol === "https:";
    this.#agent = this.#isTls ? new TlsConnections(kept, ca) : new PlainAgent(kept);
    this.#request = this.#isTls ? tlsRequest : plainRequest;
  }

  /**
   * Sends a request and reads its reply.
   *
   * @param maxBytes largest body of the reply; a larger one is an error
   * @throws {Error} any failure of the connection, or {@linkcode TimeLimitError}
   */
  async send(request: SignedRequest, maxBytes: number): Promise<Answer> {
    const { method, url, headers, body = [], signal } = request;
    signal.throwIfAborted();
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    failed.catch(() => {}); // it is awaited only while something else is
    const outgoing = this.#request(url, {
      method,
      agent: this.#agent as PlainAgent,
      headers: { ...Object.fromEntries(headers), "content-length": String(sizeOf(body)) },
    });
    const timer = new WaitTimer((why) => {
      fail(why);
      outgoing.destroy();
      this.#dropIdle();
    });
    // Destroyed without an error: Deno emits that on a connection that has no listener any more, where
    // the whole reply has come and is being read, and so ends the process.
    const aborted = () => {
      fail(signal.reason);
      outgoing.destroy();
    };
    signal.addEventListener("abort", aborted);
    const lost = () => fail(new Error("the connection was closed before the reply"));
    outgoing.on("error", fail).on("close", lost);
    const replied = new Promise<IncomingMessage>((resolve) =>
      outgoing.on("response", (reply) => {
        outgoing.off("close", lost);
        resolve(reply);
      })
    );
    outgoing.on("socket", (socket) => {
      // Deno sends a request on a used connection once more by itself, also where it was destroyed
      // (denoland/deno#36786): it would go on without a time limit, and nothing would end it.
      outgoing.reusedSocket = false;
      this.#waitForConnection(socket, timer);
    });
    try {
      const sent = this.#send(outgoing, body, timer);
      // A server may reply before it has read the body: nothing more is sent then.
      await Promise.race([failed, replied, sent]);
      const reply = await Promise.race([failed, replied]);
      return await Promise.race([failed, this.#read(reply, maxBytes, timer)]);
    } catch (error) {
      outgoing.destroy();
      throw error;
    } finally {
      signal.removeEventListener("abort", aborted);
      timer.end();
      if (!outgoing.writableFinished) outgoing.destroy();
    }
  }

  /** Closes the idle connections; running requests end by themselves. */
  close(): void {
    this.#agent.destroy();
  }

  /** Where one connection is silent, others may be as dead: the next request opens a new one. */
  #dropIdle(): void {
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
  }

  #waitForConnection(socket: Socket, timer: WaitTimer): void {
    const opened = () => timer.wait(this.limits.silenceMs, "no byte was accepted");
    if (!socket.connecting) return opened();
    timer.wait(this.limits.connectMs, "the connection did not open");
    socket.once(this.#isTls ? "secureConnect" : "connect", opened);
  }

  async #send(
    outgoing: ClientRequest,
    body: readonly Uint8Array[],
    timer: WaitTimer,
  ): Promise<void> {
    const closed = new Promise((resolve) => outgoing.once("close", resolve));
    for (const piece of inPieces(body)) {
      if (outgoing.destroyed) return;
      if (outgoing.write(piece)) continue;
      await Promise.race([new Promise((resolve) => outgoing.once("drain", resolve)), closed]);
      timer.wait(this.limits.silenceMs, "no byte was accepted");
    }
    const sent = () => timer.wait(this.limits.firstByteMs, "no reply came");
    if (!outgoing.destroyed) await new Promise<void>((done) => outgoing.end(() => done(sent())));
  }

  async #read(reply: IncomingMessage, maxBytes: number, timer: WaitTimer): Promise<Answer> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    timer.wait(this.limits.silenceMs, "the reply stopped");
    for await (const piece of reply as AsyncIterable<Uint8Array>) {
      timer.wait(this.limits.silenceMs, "the reply stopped");
      length += piece.length;
      if (length > maxBytes) throw new UnusableReply(`its reply has more than ${maxBytes} bytes`);
      pieces.push(piece);
    }
    return {
      status: reply.statusCode ?? 0,
      header: (name) => reply.headers[name]?.toString(),
      body: concat(pieces),
    };
  }
}

/** Bytes of all parts. */
export function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function* inPieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let start = 0; start < part.length; start += PIECE_BYTES) {
      yield part.subarray(start, start + PIECE_BYTES);
    }
  }
}
