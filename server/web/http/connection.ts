/** One HTTP/1.1 connection: requests one after the other (RFC 9112, section 9). */
import { betweenRequests, inTurn } from "../../../storage/common/turns.ts";
import { arrivals, type Moment } from "../../../storage/contract/arrivals.ts";
import { getLogger } from "@logtape/logtape";
import type { Peer } from "../../listener/acceptor.ts";
import type { Connection } from "../../listener/connection.ts";
import { closeLingering, closeNow } from "../../listener/linger.ts";
import { Body } from "./body.ts";
import { ByteSource, type Clock } from "./byte_source.ts";
import { HttpError, METHODS, parseHead, type RequestHead } from "./head.ts";
import { BrokenResponse, send, type SendOptions, UnsentResponse, writeAll } from "./send.ts";
import { asWhole } from "./whole.ts";

const log = getLogger(["towpath", "web"]);

/** A request and its response on the wire. */
export interface Exchange {
  /** Whether the URL of the request is not one that is answered: it is unchanged then. */
  readonly isOutside: boolean;
  /** When the head of the request was there. */
  readonly came: Moment;
  /** Registers a function that is called once the response was sent, or could not be. */
  onEnd(callback: () => void): void;
}

/** Answers a request. */
export type Answer = (
  request: Request,
  peer: Peer,
  exchange: Exchange,
) => Response | Promise<Response>;

/** The unread rest of a body is discarded up to this size; beyond, the connection closes. */
const MAX_DRAIN_BYTES = 256 * 1024;
const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** Connection that serves its requests one after the other. */
export class HttpConnection implements Clock {
  /** By then the peer is to have sent or taken something, on the monotonic clock. */
  deadlineMs = Infinity;
  #busy = false;
  #closing = false;
  /** When the head of the running request was there. */
  #came = arrivals.now();
  /** Called once the running response has ended. */
  readonly #onEnd: (() => void)[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly peer: Peer,
    readonly idleMs: number,
    private readonly answer: Answer,
    /** The URL by which requests for another one are answered; undefined where there is none. */
    private readonly inside: (url: string) => string | undefined = (url) => url,
    /** Whether the next request is to come on another connection, at another node if need be. */
    private readonly isDraining: () => boolean = () => false,
  ) {}

  /** Whether a request is being answered. */
  get busy(): boolean {
    return this.#busy;
  }

  expect(ms: number): void {
    this.deadlineMs = performance.now() + ms;
  }

  rest(): void {
    this.deadlineMs = Infinity;
  }

  /** Serves until the connection ends. */
  async run(): Promise<void> {
    const source = new ByteSource(this.connection, this);
    try {
      while (!this.#closing) {
        if (!await this.#serve(source)) return;
        if (source.ready) await betweenRequests(); // the next request has come already
      }
      closeNow(this.connection);
    } catch (error) {
      if (error instanceof BrokenResponse) log.warn("{error}", { error: error.message });
      closeNow(this.connection); // the peer has gone, or is to see that something is missing
    }
  }

  /** No request is served after the one that is being answered. */
  shutDown(): void {
    this.#closing = true;
    if (!this.#busy) closeNow(this.connection);
  }

  /** Ends it on the spot. */
  drop(): void {
    this.#closing = true;
    closeNow(this.connection);
  }

  /** Serves one request. @returns whether another one may follow; else the connection is closed */
  async #serve(source: ByteSource): Promise<boolean> {
    let head: RequestHead;
    let text: string | undefined;
    try {
      text = await source.head();
      if (text === undefined) {
        closeNow(this.connection);
        return false;
      }
      this.#busy = true;
      this.#came = arrivals.now();
      head = parseHead(text);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      await this.#refuse(error, text?.startsWith("HEAD ") ?? false);
      return false;
    }
    try {
      return await inTurn(() => this.#exchange(source, head));
    } finally {
      this.peer.setIdentified(false); // until the next request
      this.#busy = false;
      for (const callback of this.#onEnd.splice(0)) callback();
    }
  }

  async #exchange(source: ByteSource, head: RequestHead): Promise<boolean> {
    const { framing, method, isHttp10 } = head;
    using body = framing.kind === "none" ? undefined : new Body(source, framing, async () => {
      if (head.expectsContinue) await writeAll(this.connection, this, CONTINUE);
    });
    const response = await this.#ask(head, body);
    const unread = body !== undefined && !body.done;
    // After `Expect: 100-continue` the client may send the body or not: only closing the connection
    // is unambiguous.
    const unclear = unread && head.expectsContinue && !body.begun;
    const tooMuch = unread && (unclear || body.left > MAX_DRAIN_BYTES);
    const close = !head.keepAlive || tooMuch || this.#closing || this.isDraining();
    const options = { headOnly: method === "HEAD", isHttp10, close };
    const closing = await this.#send(response, options).catch((error) => {
      if (!(error instanceof UnsentResponse)) throw error;
      log.warn("A response failed before its first byte: {error}", { error: String(error.cause) });
      return send(this.connection, this, textResponse(500, "The content cannot be read"), options);
    });
    if (closing) {
      this.expect(this.idleMs);
      await closeLingering(this.connection);
      return false;
    }
    if (unread) await body.drain();
    return true;
  }

  async #send(response: Response, options: SendOptions): Promise<boolean> {
    const whole = options.headOnly ? response : await asWhole(response);
    return await send(this.connection, this, whole, options);
  }

  async #ask(head: RequestHead, body: Body | undefined): Promise<Response> {
    const { method, headers } = head;
    if (head.url === undefined) {
      return new Response(null, { status: 204, headers: { allow: METHODS.join(", ") } });
    }
    const inside = this.inside(head.url);
    const url = inside ?? head.url;
    const takesBody = method !== "GET" && method !== "HEAD";
    let request: Request;
    try {
      request = new Request(url, {
        method,
        headers,
        ...(body && takesBody ? { body: body.stream, duplex: "half" } : {}),
      } as RequestInit);
    } catch {
      return textResponse(400, "This method or address is not possible here");
    }
    // A path that the URL parser changed would be answered for another address than the requested
    // one.
    if (pathOf(request.url) !== pathOf(url)) {
      return textResponse(400, "The requested address is not a valid path");
    }
    try {
      return await this.answer(request, this.peer, {
        isOutside: inside === undefined,
        came: this.#came,
        onEnd: (callback) => this.#onEnd.push(callback),
      });
    } catch (error) {
      if (error instanceof HttpError) return textResponse(error.status, error.message);
      throw error;
    }
  }

  async #refuse({ status, message }: HttpError, headOnly: boolean): Promise<void> {
    const response = textResponse(status, message);
    await send(this.connection, this, response, { headOnly, isHttp10: false, close: true });
    this.expect(this.idleMs);
    await closeLingering(this.connection);
  }
}

/** Path and query of a URL of the scheme `https`. */
function pathOf(url: string): string {
  return url.slice(url.indexOf("/", "https://".length));
}

function textResponse(status: number, text: string): Response {
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": String(text.length + 1), // of ASCII
  };
  return new Response(`${text}\n`, { status, headers });
}
