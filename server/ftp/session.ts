import type { Narrowed } from "../../storage/contract/principal.ts";
import { getLogger } from "@logtape/logtape";
import type { Account } from "../../storage/contract/catalog.ts";
import { betweenRequests, inTurn } from "../../storage/common/turns.ts";
import type { StoreError } from "../../storage/contract/error.ts";
import type { View } from "../../storage/vault.ts";
import { type Origin, plainAddress } from "../auth/origin.ts";
import type { DoorContext, ServerInfo } from "../door/door.ts";
import { SessionLimits } from "../admission/session_limits.ts";
import { type Channel, MIN_READ_BYTES, READ_BYTES } from "../tls/channel.ts";
import { carryOut } from "./carry_out.ts";
import { asksForTls, parseCommand } from "./command_line.ts";
import type { Context, FtpSessionOptions } from "./context/context.ts";
import { Control } from "./context/control.ts";
import { DataPort } from "./data/data_port.ts";
import { Deadline } from "../listener/deadline.ts";
import { DEFAULT_FACTS, type Fact } from "./context/facts.ts";
import { failureReply } from "./failure.ts";
import type { Line } from "./context/line_buffer.ts";
import { LoginGate } from "./login_gate.ts";
import type { Client, TrustsProxy } from "../listener/proxied.ts";
import { type Reply, reply, ReplyError } from "./context/reply.ts";
import type { FtpSettings } from "./context/settings.ts";
import { STALL_MS, Transfer } from "./data/transfer.ts";

const log = getLogger(["towpath", "ftp"]);

/** Maximum of commands that wait for the running one; more are not read. */
const MAX_WAITING = 64;
/** Timeout for sending the last reply of a session that is ended. */
const END_MS = 2000;

/**
 * One control connection: commands in, replies out, one after the other. Commands are read ahead
 * while one is carried out, so that an `ABOR` is seen during a transfer.
 */
export class FtpSession implements Context {
  readonly sessionId = crypto.randomUUID();
  readonly services: DoorContext;
  readonly serverInfo: ServerInfo;
  readonly settings: FtpSettings;
  readonly control: Control;
  readonly data = new DataPort(() => this.limits.admitData());
  readonly address: string;
  readonly localAddress: string;
  readonly reachedAddress: string;
  readonly trustsProxy: TrustsProxy | undefined;
  readonly origin: Origin;
  readonly limits: SessionLimits;
  cwd = "/";
  userName: string | undefined;
  wrongPasswords = 0;
  ascii = true;
  protectedData: boolean;
  restart = 0;
  reported: Context["reported"];
  renameFrom: string | undefined;
  onlyEpsv = false;
  facts: readonly Fact[] = DEFAULT_FACTS;
  running: Transfer | undefined;
  readonly openedMs = performance.now();
  /** When something was last said or moved, on the monotonic clock in ms. */
  lastActivityMs = performance.now();
  readonly #options: FtpSessionOptions;
  readonly #waiting: Line[] = [];
  readonly #gate = new LoginGate(() => this.closeAfterReply());
  #view: View | undefined;
  #executing: Promise<void> | undefined;
  #afterReply: "nothing" | "tls" | "close" = "nothing";
  #closing = false;
  #mayLeave = false;

  constructor(connection: Deno.TcpConn, client: Client, options: FtpSessionOptions) {
    this.#options = this.services = options;
    this.serverInfo = options.serverInfo;
    this.settings = options.settings;
    this.protectedData = options.settings.implicitTls;
    this.control = new Control(connection);
    this.address = plainAddress(client.address);
    this.localAddress = plainAddress(connection.localAddr.hostname);
    this.reachedAddress = client.destination ?? this.localAddress;
    this.trustsProxy = options.trustsProxy;
    this.limits = new SessionLimits(options.limits, this.address);
    this.origin = { address: this.address, door: "ftp", sessionId: this.sessionId };
  }

  /**
   * Serves the connection to its end.
   *
   * @param refused resolves to a reply that refuses the connection in place of the greeting
   */
  async run(refused: Promise<Reply | undefined>): Promise<void> {
    try {
      if (this.settings.implicitTls) await this.control.startTls(this.#options.secure().control);
      const refusal = await refused;
      if (refusal !== undefined) return await this.#end(refusal);
      await this.control.send(reply(220, `${this.serverInfo.name} is ready`));
      await this.#read();
    } catch (error) {
      log.debug("The control connection broke: {error}", { error: String(error) });
      this.#view?.abandon();
    } finally {
      this.#waiting.length = 0;
      if (!this.#mayLeave) this.running?.end(reply(426, "The control connection has ended"));
      this.data.clear();
      await this.#executing;
      this.leave();
      if (this.#closing) await this.control.end();
      else this.control.drop();
      await this.control.closed; // until then it takes its place
    }
  }

  /** Reads commands until there are no more. */
  async #read(): Promise<void> {
    while (!this.#closing) {
      const line = await this.control.line();
      if (line === null || this.#closing) return; // after the last reply there is none
      this.lastActivityMs = performance.now();
      if (this.running !== undefined && await this.#atOnce(line)) continue;
      this.#waiting.push(line);
      this.#executing ??= this.#drain();
      const alone = !this.control.secure && asksForTls(line);
      while (this.busy && (alone || this.#waiting.length >= MAX_WAITING)) await this.#executing;
    }
  }

  /** Whether a transfer or another command is running. */
  get busy(): boolean {
    return this.#executing !== undefined;
  }

  get present(): boolean {
    return !this.#mayLeave && !this.#closing;
  }

  get view(): View {
    if (this.#view === undefined) throw new ReplyError(530, "Log in with USER and PASS first");
    return this.#view;
  }
  get loggedIn(): boolean {
    return this.#view !== undefined;
  }

  resolve(text: string): string {
    return this.view.resolve(this.cwd, text);
  }

  async enter({ name, generation }: Account, narrowed?: Narrowed): Promise<void> {
    await this.limits.enter(name);
    const principal = { account: name, generation, ...this.origin, ...narrowed };
    // Ended by an administrator, or by a change of the account.
    const onEnd = (why: StoreError) => this.stop(reply(421, why.message)).catch(() => {});
    this.#view = this.#options.vault.enter(principal, (why) => void onEnd(why));
    this.#options.onLogin?.();
    this.cwd = "/";
    [this.restart, this.renameFrom, this.reported] = [0, undefined, undefined];
  }

  leave(): void {
    this.#view?.leave();
    this.#view = undefined;
    this.limits.leave();
    this.cwd = "/";
    [this.restart, this.userName, this.renameFrom] = [0, undefined, undefined];
    this.data.clear();
  }

  send(interim: Reply): Promise<void> {
    return this.control.send(interim);
  }
  startTlsAfterReply(): void {
    this.#afterReply = "tls";
  }
  closeAfterReply(): void {
    this.#afterReply = "close";
  }

  requireData(): void {
    this.data.require(this.protectedData || this.settings.allowPlain);
  }

  async transfer(
    opening: string,
    run: (channel: Channel, transfer: Transfer) => Promise<Reply>,
  ): Promise<Reply> {
    const transfer = new Transfer(opening, this.settings.stallTimeoutMs ?? STALL_MS);
    this.running = transfer;
    let channel: Channel | undefined;
    try {
      await this.send(reply(150, opening));
      await this.#takeWaiting();
      transfer.whenEnded(() => this.data.clear());
      const secure = this.protectedData ? this.#options.secure().data : undefined;
      channel = await this.data.open(secure, this.limits.readBytes(MIN_READ_BYTES, READ_BYTES));
      transfer.begin(channel);
      const final = await run(channel, transfer);
      if (final.code >= 400) channel.drop();
      return final;
    } catch (error) {
      channel?.drop();
      return transfer.ended ?? failureReply(error);
    } finally {
      transfer.close();
      this.running = undefined;
      this.lastActivityMs = performance.now();
    }
  }

  /** Ends the connection as if the network had. */
  drop(): void {
    this.#closing = true;
    this.control.drop();
  }

  /** Ends the session with a last reply; the received part of a running upload is kept. */
  async stop(last: Reply): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const timeout = new Deadline(END_MS, () => this.control.drop());
    this.#waiting.length = 0;
    this.running?.end(reply(426, last.text));
    await this.#executing;
    await this.#end(last);
    timeout.cancel();
  }

  async #end(last: Reply): Promise<void> {
    this.#closing = true;
    await this.control.send(last);
    await this.control.end();
  }

  /** Takes a command that does not wait for the transfer under way. @returns whether it is one */
  async #atOnce(line: Line): Promise<boolean> {
    const parsed = parseCommand(line);
    if ("fault" in parsed || !parsed.row?.atOnce) return false;
    if (parsed.row.name === "ABOR") {
      // The transfer answers first (426), then ABOR in its turn.
      this.running?.end(reply(426, "The transfer was stopped"));
      this.#waiting.unshift(line);
    } else if (parsed.row.name === "QUIT") {
      this.#mayLeave = this.protectedData; // without TLS only this connection detects a cut
      await this.control.send(await carryOut(this, line, this.#gate));
      this.#waiting.length = 0;
    } else if (parsed.argument === "") {
      await this.#execute(line);
    } else {
      return false;
    }
    return true;
  }

  /** Commands that were sent along with the transfer, without waiting for its 150. */
  async #takeWaiting(): Promise<void> {
    while (this.#waiting.length > 0 && this.running?.ended === undefined) {
      const line = this.#waiting.shift()!;
      if (await this.#atOnce(line)) continue;
      this.#waiting.unshift(line);
      return;
    }
  }

  async #drain(): Promise<void> {
    await inTurn(async () => {
      for (let line = this.#waiting.shift(); line; line = this.#waiting.shift()) {
        await this.#execute(line);
        if (this.#closing) break;
        if (this.#waiting.length > 0) await betweenRequests();
      }
      // In the same turn as the check of the queue: the next request starts a new run.
      this.#executing = undefined;
    });
  }

  async #execute(line: Line): Promise<void> {
    this.#afterReply = "nothing";
    const final = await carryOut(this, line, this.#gate);
    const then = this.#afterReply as "nothing" | "tls" | "close";
    if (then === "close") return await this.#end(final);
    await this.control.send(final);
    this.lastActivityMs = performance.now();
    if (then === "tls") await this.#startTls();
  }

  async #startTls(): Promise<void> {
    try {
      // Anything that came in plain behind AUTH would be taken for what TLS protects (CVE-2011-0411).
      if (this.control.pending || this.#waiting.length > 0) throw new Error("bytes behind AUTH");
      await this.control.startTls(this.#options.secure().control);
    } catch (error) {
      log.debug("TLS was not begun: {error}", { error: String(error) });
      this.#waiting.length = 0;
      this.drop();
    }
  }
}
