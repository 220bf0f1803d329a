import type { Reply } from "../../../protocol/wire.ts";
import type { Chmod } from "../local/carried_mode.ts";
import type { ConfigDirectory } from "./config.ts";
import { Connection } from "./connection.ts";
import type { RequestOptions } from "./handlers.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { replyError } from "../common/error.ts";
import { RateLimit } from "../common/rate_limit.ts";
import type { RetryPolicy } from "../common/retry.ts";
import { checkMembers } from "./replies.ts";
import { RequestPool } from "./request_pool.ts";
import { TransferMemory } from "./state.ts";
import { connectTls, trustedAuthorities } from "./tls.ts";
import { unlessAborted } from "./transfer.ts";

/** Credentials for a login: a token, or a user name and password. */
export type Credentials = { token: string } | { username: string; password: string };

/** Longest time in ms without a byte in either direction before a connection counts as lost. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Requests with a password: it is hashed slowly on purpose, and others may be waiting before. */
const PASSWORD_COMMANDS = new Set(["ADDU", "AUTH", "PASS", "PASSWD", "REG", "RESETPW"]);
/** Requests that change what the connection is, or are part of a transfer. */
const STATEFUL_COMMANDS = new Set([
  ...["ABOR", "APPE", "CDUP", "CWD", "DOWNLOAD", "QUIT", "REST", "RESUME", "RNFR", "RNTO"],
  ...["UPLOAD", "USER"],
]);
/** Timeout of requests with a password, in ms, unless the caller sets one. */
const PASSWORD_TIMEOUT_MS = 4 * DEFAULT_TIMEOUT_MS;
/** Further tries after a lost connection. */
const DEFAULT_RETRIES = 5;

/** How a {@linkcode Client} connects and behaves. */
export interface ClientOptions {
  /** `HOST:PORT`. @default "localhost:9000" */
  server?: string;
  /** Login of the account. */
  credentials: Credentials;
  /** PEM file of the authority to trust besides the public ones; an absolute or relative path. */
  caFile?: string;
  /** Longest silence in ms. @default 30_000 */
  timeoutMs?: number;
  /** Further attempts after a lost connection, each continuing at the last offset. @default 5 */
  retries?: number;
  /** Bytes per second of all transfers together. */
  limitRate?: number;
  /** Permission bits of transferred files: their own, none, or these. @default "keep" */
  chmod?: Chmod;
  /** Where unfinished transfers are remembered; left out: nowhere. */
  config?: ConfigDirectory;
  /**
   * Stops what runs, connecting and logging in included: transfers are checkpointed, and all fail
   * with {@linkcode Interrupted}.
   */
  signal?: AbortSignal;
  /** Called before each further attempt. */
  onRetry?: RetryPolicy["onRetry"];
}

/** The logged-in account. */
export interface Identity {
  /** Name of the account. */
  username: string;
  /** Codes of the permissions in the account's own tree, such as `rwcd`. */
  permissions: string;
  /** `admin` or `user`. */
  role: string;
}

/**
 * A user at a server: opens logged-in connections when they are needed, and reuses them. Needs
 * `--allow-net` for the server and `--allow-read` for the local files it transfers.
 */
export class Client {
  /** Address of the server. */
  readonly endpoint: Endpoint;
  /**
   * Unfinished transfers of earlier runs.
   *
   * @internal
   */
  readonly memory: TransferMemory;
  /**
   * Rate limit of all transfers; may change between transfers.
   *
   * @internal
   */
  rate: RateLimit | undefined;
  /** Aborts what runs; may change between transfers. */
  signal: AbortSignal | undefined;
  /** Longest silence in ms before a connection counts as lost. */
  readonly timeoutMs: number;
  /** Permission bits of transferred files. */
  readonly chmod: Chmod;
  readonly #options: ClientOptions;
  readonly #authorities: string[];
  readonly #idle: Connection[] = [];
  readonly #requests = new RequestPool(this);
  #identity: Identity | undefined;

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.endpoint = parseEndpoint(options.server ?? "localhost:9000");
    this.memory = new TransferMemory(options.config);
    this.rate = options.limitRate === undefined ? undefined : new RateLimit(options.limitRate);
    this.signal = options.signal;
    this.chmod = options.chmod ?? "keep";
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#authorities = trustedAuthorities(this.endpoint, options.caFile, options.config);
  }

  /**
   * Connects and logs in.
   *
   * @throws {ClientError} with exit code 7 where the server cannot be reached or is not trusted, 3
   * where it refuses the login
   */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    client.#idle.push(await client.#open());
    return client;
  }

  /**
   * Sends one request of those that are answered before login.
   *
   * @throws {ClientError} with exit code 7 where the server cannot be reached or is not trusted
   */
  static async askWithoutLogin(
    options: Omit<ClientOptions, "credentials">,
    command: string,
    data: Record<string, unknown> = {},
  ): Promise<Reply> {
    const client = new Client({ ...options, credentials: { token: "" } });
    const connection = await client.#connect();
    try {
      return await client.#ask(connection, command, data);
    } finally {
      await connection.quit();
    }
  }

  /** The logged-in account, as the server returned it. */
  get identity(): Identity {
    return this.#identity!;
  }

  /** Under what a transfer of a local file is remembered. */
  memoryKey<K extends "upload" | "download">(
    kind: K,
    local: string,
  ): { kind: K; local: string; server: string; user: string } {
    return { kind, local, server: this.endpoint.name, user: this.identity.username };
  }

  /**
   * How lost connections are retried.
   *
   * @internal
   */
  get retryPolicy(): RetryPolicy {
    const { retries = DEFAULT_RETRIES, onRetry } = this.#options;
    return { retries, signal: this.signal, ...(onRetry && { onRetry }) };
  }

  /**
   * A connection of one's own, logged in; give it back with {@linkcode release}.
   *
   * @internal
   */
  async acquire(): Promise<Connection> {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.failure === undefined) return kept;
    }
    return await this.#open();
  }

  /**
   * Gives a connection back for others to use; one that is busy or broken is closed.
   *
   * @internal
   */
  release(connection: Connection): void {
    if (connection.failure === undefined && connection.outstanding === 0) {
      this.#idle.push(connection);
    } else {
      connection.close();
    }
  }

  /**
   * Sends one request. Any number may be sent at once: they share at most eight connections, and
   * wait in a queue. Each reply belongs to its own request, but the server may carry the requests
   * out in any order.
   *
   * @returns the reply, with any status
   * @throws {ClientError} where the connection is lost, or none can be opened
   */
  async ask(
    command: string,
    data: Record<string, unknown> = {},
    options: RequestOptions = {},
  ): Promise<Reply> {
    const alone = options.slow === true || PASSWORD_COMMANDS.has(command) ||
      STATEFUL_COMMANDS.has(command);
    return await this.#requests.run(
      { alone, signal: this.signal },
      (connection) => this.#ask(connection, command, data, options),
    );
  }

  /**
   * Sends one request that must succeed.
   *
   * @param action the attempted action, for the message of an error, as in `Cannot remove "a"`
   * @returns the `data` of the reply
   * @throws {ClientError} where the server answers with an error
   */
  async request(
    command: string,
    data: Record<string, unknown>,
    action: string,
    options: RequestOptions & { filename?: string } = {},
  ): Promise<Record<string, unknown>> {
    const reply = await this.ask(command, data, options);
    if (reply.status === "OK") return reply.data;
    throw replyError(reply, action, options.filename);
  }

  /** Says good-bye on every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((connection) => connection.quit()));
  }

  async #ask(
    connection: Connection,
    command: string,
    data: Record<string, unknown>,
    options: RequestOptions = {},
  ): Promise<Reply> {
    const reply = await unlessAborted(
      this.signal,
      connection,
      connection.request(command, data, {
        ...(PASSWORD_COMMANDS.has(command) && this.#passwordWait(connection)),
        ...options,
      }),
    );
    checkMembers(command, reply, data);
    return reply;
  }

  /** How a request with a password is waited for. */
  #passwordWait(connection: Connection): RequestOptions {
    if (connection.reportsProgress) return { slow: true };
    return this.#options.timeoutMs === undefined ? { timeoutMs: PASSWORD_TIMEOUT_MS } : {};
  }

  async #connect(): Promise<Connection> {
    const { endpoint, timeoutMs, signal } = this;
    const stream = await connectTls(endpoint, this.#authorities, timeoutMs, signal);
    return new Connection(stream, this.timeoutMs);
  }

  async #open(): Promise<Connection> {
    const connection = await this.#connect();
    try {
      const { credentials } = this.#options;
      const reply = await this.#ask(connection, "AUTH", { ...credentials });
      if (reply.status !== "AUTH_SUCCESS") {
        const action = `Cannot log in at ${this.endpoint.name}`;
        if (reply.status !== "AUTH_FAILED" || !("token" in credentials)) {
          throw replyError(reply, action);
        }
        throw replyError(reply, action, undefined, "Check TOWPATH_TOKEN, or log in again");
      }
      const { username, permissions, role, progress } = reply.data;
      connection.reportsProgress = progress === true;
      this.#identity = {
        username: String(username),
        permissions: String(permissions ?? ""),
        role: String(role ?? "user"),
      };
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}
