import postgres, { type Sql, type TransactionSql } from "postgres";
import { delay } from "@std/async";
import { StoreError } from "../../contract/error.ts";
import {
  asStoreError,
  codeOf,
  isFull,
  isLost,
  isRepeatable,
  isUnreachable,
  unreachable,
} from "./errors.ts";
import { type DatabaseOptions, DEFAULT_CONNECTIONS, DEFAULT_STATEMENT_MS } from "./options.ts";

export type { DatabaseOptions, DatabaseTls } from "./options.ts";
export type { Sql, TransactionSql };

/** How long a connection may take, s. */
const CONNECT_S = 10;
/** How much longer than the server's own limit a call waits for its answer, ms. */
const SLACK_MS = 5_000;
/** How often a transaction that lost against others is repeated. */
const MAX_TRIES = 6;
/** How long a call that may be repeated goes on when connections are lost, ms. */
const REPEAT_MS = 10_000;
/** Pause between two such tries, ms. */
const PAUSE_MS = 100;
/** Longest pause before a lost connection is opened again, s. */
const MAX_BACKOFF_S = 1;

/** A notification channel that is listened to. */
interface Channel {
  readonly channel: string;
  readonly notified: (payload: string) => void;
  readonly listening: () => void;
}

/**
 * A pool of connections to PostgreSQL. It connects when it is first used. Every call has a time
 * limit, and every error is a {@linkcode StoreError}: `unreachable` where no answer came.
 *
 * @example
 * ```ts
 * const [row] = await database.query((sql) => sql`SELECT used_bytes FROM accounts WHERE id = ${id}`);
 * ```
 */
export class Database {
  #pool: Sql;
  /** A connection of its own, which stays when the pool is replaced. */
  #listener: Sql | undefined;
  readonly #channels: Channel[] = [];
  #isClosed = false;
  readonly #limitMs: number;
  #answers = 0;
  #running = 0;

  constructor(private readonly options: DatabaseOptions) {
    this.#limitMs = (options.statementMs ?? DEFAULT_STATEMENT_MS) + SLACK_MS;
    this.#pool = openPool(options);
  }

  /** Connections that are in use, about: calls share some of them. */
  get used(): number {
    return Math.min(this.#running, this.size);
  }

  /** Maximum number of connections of the pool. */
  get size(): number {
    return this.options.connections ?? DEFAULT_CONNECTIONS;
  }

  /** Number of calls that the database has answered, also with a refusal. */
  get answers(): number {
    return this.#answers;
  }

  /**
   * Runs one statement; it is a transaction of its own, which is repeated where it was rolled back
   * for another one. Statements of one call that are not awaited one by one share a round trip, but
   * no transaction.
   *
   * @param limitMs how long to wait for the answer, ms
   * @throws {StoreError} `unreachable`, `no-space`, `io`, or what `work` throws
   */
  async query<T>(work: (sql: Sql) => Promise<T>, limitMs = this.#limitMs): Promise<T> {
    return await unlessLost(() => this.#limited(work, limitMs));
  }

  /**
   * As {@linkcode Database.query}, for a statement that may be carried out twice: it is repeated for
   * a while where the connection was lost before its answer came, or the server has none left.
   *
   * @param work called with whether it may have been carried out before
   */
  async repeat<T>(work: (sql: Sql, again: boolean) => Promise<T>): Promise<T> {
    const endMs = performance.now() + REPEAT_MS;
    for (let again = false;; again = true) {
      try {
        return await this.#limited((sql) => work(sql, again), this.#limitMs);
      } catch (error) {
        const mayRepeat = isLost(error) || isRepeatable(error) || isFull(error);
        if (!mayRepeat || this.#isClosed || performance.now() > endMs) throw asStoreError(error);
      }
      await delay(PAUSE_MS);
    }
  }

  /**
   * Runs statements as one transaction. It is repeated where it lost against others, so `work` must
   * have no other effects. The connection is its own meanwhile: a function in the database that needs
   * one round trip is better wherever rows are locked.
   *
   * @throws {StoreError} as {@linkcode Database.query}; the transaction is rolled back then. Where the
   * connection is lost while it commits, it may have been carried out
   */
  async transaction<T>(
    work: (sql: TransactionSql) => Promise<T>,
    limitMs = this.#limitMs,
  ): Promise<T> {
    return await unlessLost(() => this.#limited((sql) => sql.begin(work) as Promise<T>, limitMs));
  }

  /**
   * Listens to notifications, on one connection for all channels; listens again by itself after a
   * lost connection.
   *
   * @param listening called at first and whenever it listens again: what came between is not known
   */
  async listen(
    channel: string,
    notified: (payload: string) => void,
    listening: () => void = () => {},
  ): Promise<void> {
    this.#channels.push({ channel, notified, listening });
    const listener = this.#listener ??= openPool({ ...this.options, connections: 1 });
    try {
      await this.#subscribe(listener, [{ channel, notified, listening }]);
    } catch (error) {
      if (!(error instanceof StoreError) || !isLost(error)) throw error;
      await this.listenAgain(); // the connection was lost before this call
    }
  }

  /** Listens on another connection: nothing is heard on this one, though it seems to be open. */
  async listenAgain(): Promise<void> {
    const silent = this.#listener;
    if (silent === undefined || this.#isClosed) return;
    this.#listener = openPool({ ...this.options, connections: 1 });
    silent.end({ timeout: 0 }).catch(() => {});
    await this.#subscribe(this.#listener, this.#channels);
  }

  /** Closes all connections, once the calls that run have ended or their time is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const timeout = SLACK_MS / 1000;
    await Promise.all([this.#pool.end({ timeout }), this.#listener?.end({ timeout: 0 })]);
  }

  async #subscribe(listener: Sql, channels: readonly Channel[]): Promise<void> {
    const limited = (work: Promise<unknown>) => {
      const { promise, reject } = Promise.withResolvers<never>();
      const late = new Error(`no answer within ${this.#limitMs} ms`);
      const timer = setTimeout(() => reject(unreachable(late)), this.#limitMs);
      return Promise.race([work, promise]).finally(() => clearTimeout(timer));
    };
    try {
      for (const { channel, notified, listening } of channels) {
        await limited(listener.listen(channel, notified, listening));
      }
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /**
   * Ends the wait for an answer that does not come: packets may be lost without an error. Nothing
   * but a new pool frees the connection.
   */
  async #limited<T>(work: (sql: Sql) => Promise<T>, limitMs: number): Promise<T> {
    this.#running++;
    const pool = this.#pool;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(unreachable(new Error(`no answer within ${limitMs} ms`)));
        this.#replace(pool);
      }, limitMs);
    });
    try {
      const answer = await Promise.race([work(pool), over]);
      this.#answers++;
      return answer;
    } catch (error) {
      if (codeOf(error) !== "" && !isUnreachable(error)) this.#answers++;
      throw error;
    } finally {
      this.#running--;
      clearTimeout(timer);
    }
  }

  #replace(pool: Sql): void {
    if (this.#pool !== pool || this.#isClosed) return;
    this.#pool = openPool(this.options);
    pool.end({ timeout: 0 }).catch(() => {}); // its calls have got their errors
  }
}

/** Repeats a transaction that lost against others. @throws {StoreError} */
async function unlessLost<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRepeatable(error) || tries === MAX_TRIES) throw asStoreError(error);
    }
  }
}

/** Every option is given, so that the driver asks for no environment variable. */
function openPool(options: DatabaseOptions): Sql {
  const { host, port, database, user, password, tls } = options;
  const statementMs = options.statementMs ?? DEFAULT_STATEMENT_MS;
  const all = {
    host,
    port,
    database,
    user,
    password,
    ssl: tls === undefined ? false : {
      ...(tls.ca !== undefined && { ca: tls.ca }),
      servername: tls.serverName ?? host,
    },
    max: options.connections ?? DEFAULT_CONNECTIONS,
    sslnegotiation: null,
    idle_timeout: 0,
    connect_timeout: CONNECT_S,
    max_lifetime: 3600,
    max_pipeline: 100,
    backoff: (failures: number) =>
      (0.5 + Math.random() / 2) * Math.min(MAX_BACKOFF_S, 3 ** failures / 100),
    keep_alive: 60,
    prepare: true,
    debug: false,
    fetch_types: false,
    publications: "none",
    target_session_attrs: "read-write",
    onnotice() {},
    // Sizes, times and ids are below 2^53.
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    connection: {
      application_name: options.applicationName ?? "towpath",
      statement_timeout: statementMs,
      // Frees what a process that is frozen or cut off has locked.
      idle_in_transaction_session_timeout: SLACK_MS,
      client_min_messages: "warning",
      jit: "off",
    },
  };
  return postgres(all as unknown as postgres.Options<Record<string, never>>) as unknown as Sql;
}
