import {
  FrameError,
  FrameReader,
  makeReply,
  MAX_JSON_BYTES,
  parseData,
  type Piece,
  type Reply,
  type RequestId,
} from "../../protocol/mod.ts";
import { inTurn } from "../../storage/common/turns.ts";
import type { Account } from "../../storage/contract/catalog.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import type { Narrowed } from "../../storage/contract/principal.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import type { View } from "../../storage/vault.ts";
import type { Origin } from "../auth/origin.ts";
import type { Connection } from "../listener/connection.ts";
import type { DoorContext, ServerInfo } from "../door/door.ts";
import { carryOut } from "./carry_out.ts";
import type { Answer, Context, NativeSessionOptions } from "./context/context.ts";
import { failureReply, RequestError } from "./context/failure.ts";
import { type IncomingRequest, Intake } from "./intake.ts";
import { closeLingering, closeNow, END_MS } from "../listener/linger.ts";
import { SessionLimits } from "../admission/session_limits.ts";
import { TooManyError } from "../admission/too_many.ts";
import { Outbox, type Slot } from "./context/outbox.ts";
import { IdleTimer } from "./idle_timer.ts";
import { Receiver } from "./receiver.ts";
import { type QueuedRequest, reportProgress, Requests } from "./requests.ts";

/**
 * One connection: requests in, replies out in their order. Frames are read ahead during a request,
 * so that an `ABOR` is seen during a download; DATA waits for the requests before it.
 */
export class NativeSession implements Context {
  readonly sessionId = crypto.randomUUID();
  readonly outbox: Outbox;
  readonly serverInfo: ServerInfo;
  readonly address: string;
  readonly origin: Origin;
  readonly limits: SessionLimits;
  readonly services: DoorContext;
  cwd = "/";
  userName: string | undefined;
  renameFrom: string | undefined;
  restart: number | undefined;
  readonly #idleTimer = new IdleTimer();
  readonly #options: NativeSessionOptions;
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  readonly #intake = new Intake();
  readonly #receiver: Receiver;
  readonly #requests = new Requests();
  #executing: Promise<void> | undefined;
  #view: View | undefined;
  #closing = false;
  #ended = false;

  constructor(connection: Connection, options: NativeSessionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.serverInfo = options.serverInfo;
    this.address = options.address;
    this.limits = new SessionLimits(options.limits, options.address);
    this.origin = { address: options.address, door: "native", sessionId: this.sessionId };
    this.services = options;
    this.outbox = new Outbox(connection, () => this.#idleTimer.touch());
    this.#reader = new FrameReader({
      // The read before has just brought something.
      read: (into) => (this.#idleTimer.touch(), connection.read(into)),
    });
    this.#receiver = new Receiver({
      piecesOf: (bytes) => this.limits.piecesOf(bytes),
      throttle: (bytes, stopped) => {
        const paused = this.limits.throttle("up", bytes, () => this.#ended || stopped());
        return paused && this.#waitFor(paused);
      },
    });
  }

  /** Serves the connection to its end. */
  async run(): Promise<void> {
    try {
      while (!this.#closing) {
        if (this.outbox.congested) await this.outbox.flush();
        const piece = this.#reader.take() ?? await this.#waitFor(this.#reader.next());
        if (piece === null) break;
        try {
          const done = piece.kind === "json" ? this.#json(piece) : this.#data(piece);
          if (done !== undefined) await done;
        } finally {
          piece.release(); // `using` would take longer than all else in this loop
        }
      }
    } catch (error) {
      if (error instanceof FrameError && !error.truncated) {
        await this.#idle();
        await this.#receiver.settled();
        this.outbox.immediate(makeReply("BAD_FRAME", { message: error.message }, undefined));
        this.#closing = true;
      } else this.#view?.abandon(); // it broke: the received part of an upload is kept
    } finally {
      this.#ended = true;
      this.#reader.close();
      this.#view?.leave();
      this.limits.end();
      this.#requests.clear();
      await this.#receiver.disconnect().catch(() => {});
      await this.#executing?.then(() => this.#receiver.settled());
      await this.outbox.flush().catch(() => {});
      await (this.#closing ? closeLingering : closeNow)(this.#connection);
    }
  }

  get aborted(): boolean {
    return this.#ended || this.#requests.current?.aborted === true;
  }

  /** Whether a transfer or another request is running. */
  get busy(): boolean {
    return this.#executing !== undefined || this.#receiver.receiving || !this.#receiver.idle;
  }

  /** Whether the peer has kept it waiting for too long. */
  overdue(idleTimeoutMs: number): boolean {
    const waits = this.outbox.writing || (this.#executing === undefined && this.#receiver.idle);
    return this.#idleTimer.isOver(idleTimeoutMs, this.#view !== undefined, waits);
  }

  /** Reports the shutdown to running transfers, keeps them, and closes. */
  async shutDown(): Promise<void> {
    await this.#receiver.shutDown();
    this.#closing = this.#ended = true;
    await this.#close();
  }

  /** Ends the session from outside. Running requests are stopped; uploads are kept. */
  async end(): Promise<void> {
    this.#closing = this.#ended = true;
    const timeout = setTimeout(() => closeNow(this.#connection), END_MS);
    await this.#receiver.settled();
    await (this.#executing ?? this.#close()); // a running request closes it at its end
    clearTimeout(timeout);
  }

  /** Ends the connection as if the network had. */
  drop(): void {
    this.#closing = true;
    closeNow(this.#connection);
  }

  get view(): View {
    if (this.#view === undefined) throw new RequestError("AUTH_REQUIRED", "Log in first");
    return this.#view;
  }

  resolve(text: string): string {
    return this.view.resolve(this.cwd, text);
  }

  async enter({ name, generation }: Account, narrowed?: Narrowed): Promise<void> {
    await this.limits.enter(name);
    const principal = { account: name, generation, ...this.origin, ...narrowed };
    this.#view = this.#options.vault.enter(principal, () => this.end());
    this.#options.onLogin?.();
    this.#reader.jsonLimit = MAX_JSON_BYTES;
    this.cwd = "/";
    this.userName = this.renameFrom = this.restart = undefined;
  }

  receive(upload: Upload, slot: Slot, id: RequestId | undefined, pipelined: boolean): void {
    upload.delays.since(this.#requests.current!.came, this.view.lastChange);
    this.#receiver.begin(upload, slot, id, pipelined);
  }

  discardUntilEnd(): void {
    this.#receiver.discardUntilEnd();
  }

  closeAfterReply(): void {
    this.#closing = true;
  }

  /** Waits for something; replies are written meanwhile. */
  async #waitFor<T>(what: Promise<T>): Promise<T> {
    this.outbox.eager = true;
    const result = await what;
    this.outbox.eager = false;
    return result;
  }

  /** Waits until all received requests were carried out. */
  async #idle(): Promise<void> {
    for (this.outbox.eager = true; this.#executing;) await this.#executing;
    this.outbox.eager = false;
  }

  #data(piece: Piece): Promise<void> | void {
    if (piece.bytes.length === 0) return;
    if (this.#executing) return this.#idle().then(() => this.#data(piece));
    const taken = this.#receiver.data(piece);
    if (taken !== false) return taken === true ? undefined : taken;
    const reply = this.#view !== undefined
      ? makeReply("BAD_SEQUENCE", { message: "DATA came without an open upload" }, undefined)
      : makeReply("AUTH_REQUIRED", { message: "Log in first" }, undefined);
    if (piece.rest === 0) this.outbox.open().final(reply); // one reply for a frame, however it was read
  }

  #json(piece: Piece): Promise<void> | void {
    const read = this.#intake.read(piece.bytes);
    if ("refusal" in read) return this.#refuse(read.refusal);
    const { request } = read;
    if (request.command === "END" && this.#view !== undefined) return this.#end(request);
    this.#requests.add(request, piece.bytes.length, this.outbox.open(), this.address);
    piece.release(); // what follows may take long, and others may wait for so large a buffer
    this.#executing ??= inTurn(this.#drain);
    if (this.#requests.full || this.#view === undefined) return this.#idle(); // a login widens limits
  }

  async #refuse(refusal: Reply): Promise<void> {
    await this.#idle();
    this.#receiver.otherFrame();
    this.#answer(refusal, this.outbox.open());
    if (this.#intake.exhausted) this.#closing = true;
  }

  /** @returns undefined where nothing had to be waited for: a small file needs no promise */
  readonly #drain = (): Promise<void> | undefined => {
    const first = this.#requests.next();
    const running = first && reportProgress(first, this.#execute);
    const goesOn = running !== undefined || this.#closing || !this.#requests.empty;
    if (goesOn) return this.#drainOn(running);
    this.#requests.next(); // none is the current one
    this.#executing = undefined; // it was set where this had to wait for its turn
  };

  async #drainOn(running: Promise<void> | void): Promise<void> {
    if (running !== undefined) await running;
    while (!this.#closing && !this.#requests.empty) {
      await this.outbox.betweenRequests().catch(() => this.#requests.clear());
      const next = this.#requests.next();
      if (next !== undefined) await reportProgress(next, this.#execute);
    }
    // The reader may be waiting for a client that has nothing more to say.
    if (this.#closing) await this.#close();
    else this.#requests.next(); // none is the current one
    // In the same turn as the check of the queue: the next request starts a new run.
    this.#executing = undefined;
  }

  readonly #execute = (request: QueuedRequest): Promise<void> | void => {
    const failed = (error: unknown) => this.#failed(request, error);
    try {
      const answer = carryOut(this, this.#receiver, request);
      if (!(answer instanceof Promise)) return this.#answered(request, answer);
      return answer.then((value) => this.#answered(request, value)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };

  #answered({ id, slot }: QueuedRequest, answer: Answer | undefined): void {
    if (answer === undefined) return;
    this.#answer(makeReply(answer.status ?? "OK", answer.data, id, answer.code), slot);
  }

  #failed(request: QueuedRequest, error: unknown): void {
    if (isStoreError(error, "session-over")) this.#closing = true;
    if (error instanceof TooManyError) this.#receiver.refused(request);
    this.#answer(failureReply(error, request.id), request.slot);
  }

  /** Answers a request in its turn; at once during an upload, which ends later. */
  #answer(reply: Reply, slot: Slot): void {
    if (this.#receiver.interject(reply)) slot.cancel();
    else slot.final(reply);
  }

  /** Sends all remaining replies and closes, so that they arrive. */
  async #close(): Promise<void> {
    await this.outbox.flush().catch(() => {});
    await closeLingering(this.#connection);
  }

  #end(request: IncomingRequest): Promise<void> | void {
    if (this.#executing) return this.#idle().then(() => this.#end(request));
    const parsed = parseData("END", request.data);
    if ("problem" in parsed && !this.#receiver.discarding) {
      const reply = makeReply("BAD_REQUEST", { message: parsed.problem }, request.id);
      return this.#answer(reply, this.outbox.open());
    }
    const ended = this.#receiver.end("problem" in parsed ? {} : parsed.data);
    if (ended !== false) return ended === true ? undefined : ended;
    const message = "END came without an open upload";
    this.outbox.open().final(makeReply("BAD_SEQUENCE", { message }, request.id));
  }
}
