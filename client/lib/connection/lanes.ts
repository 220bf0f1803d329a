/** Many small transfers over a few connections, each with a window of running requests. */
import type { Client } from "./client.ts";
import type { Connection } from "./connection.ts";
import { ClientError, Interrupted, isRetryable } from "../common/error.ts";
import { type Items, Queue, type Task } from "../common/queue.ts";
import { Retry } from "../common/retry.ts";
import { within } from "./transfer.ts";

/** Maximum of running transfers on a connection (of 256 requests that the server reads ahead). */
const WINDOW_ITEMS = 96;
/** Maximum bytes of running transfers on a connection. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const SETTLE_MS = 2500;

/** Called at the end of a transfer. */
export type Ended = (error?: ClientError) => void;

/** How items are transferred. */
export interface LaneWork<T> {
  /** Bytes the item takes of the window; undefined where it is to have a connection of its own. */
  bytes(item: T): number | undefined;
  /**
   * Begins a small one, and calls `ended` once, perhaps before it returns: with an error if another
   * try may mend it. Throws or rejects where it was not begun; `ended` is not called then.
   */
  begin(task: Task<T>, connection: Connection, ended: Ended): Promise<void> | void;
  /**
   * Transfers a large item with its own retries; rejects where continuing with others is useless.
   */
  alone(item: T): Promise<void>;
  /**
   * Called after a lost connection with its running items: waits until the server has finished with
   * them.
   */
  afterLoss?(items: T[]): Promise<void>;
  /** The item failed for good. */
  failed(item: T, error: ClientError): void;
}

/**
 * Transfers all items over at most `parallel` connections. Where finding items fails, those that
 * were found are transferred.
 *
 * @throws {ClientError} where the server stays out of reach, or the user interrupts
 * @throws what finding items threw
 */
export async function runLanes<T>(
  client: Client,
  items: Items<T>,
  parallel: number,
  work: LaneWork<T>,
): Promise<void> {
  const queue = new Queue(items, client.signal);
  const lanes = Array.from({ length: parallel }, () => new Lane(client, queue, work).run());
  const failure = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  queue.stop();
  const left = queue.open || queue.take() !== undefined;
  if (failure !== undefined && (client.signal?.aborted || left)) throw failure.reason;
  if (queue.failure !== undefined) throw queue.failure;
}

class Lane<T> {
  #connection: Connection | undefined;
  #bytes = 0;
  #trouble: ClientError | undefined;
  #hopeless = false;
  #oneEnded: PromiseWithResolvers<void> | undefined;
  /** Number of running transfers. */
  #running = 0;
  /** Not put back before the server has done with them. */
  readonly #lostTasks: Task<T>[] = [];
  readonly #retry: Retry;

  constructor(
    readonly client: Client,
    readonly queue: Queue<T>,
    readonly work: LaneWork<T>,
  ) {
    this.#retry = new Retry(client.retryPolicy);
  }

  async run(): Promise<void> {
    const { signal } = this.client;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What a server that takes nothing more holds up ends with its connection.
    const cut = () => timer = setTimeout(() => this.#connection?.close(), SETTLE_MS);
    signal?.addEventListener("abort", cut);
    try {
      await this.#runAll();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cut);
    }
  }

  async #runAll(): Promise<void> {
    for (;;) {
      this.#trouble = undefined;
      try {
        await this.#runOnce();
        if (this.#trouble === undefined) return;
        throw this.#trouble;
      } catch (error) {
        await this.#downTo(0);
        if (this.#hopeless) throw error;
        await this.#retry.pause(error);
        await this.#afterLoss();
      } finally {
        for (const task of this.#lostTasks.splice(0)) this.queue.putBack(task);
        this.#letGo();
      }
    }
  }

  async #runOnce(): Promise<void> {
    while (this.#trouble === undefined) {
      if (this.client.signal?.aborted) {
        await within(SETTLE_MS, this.#settle());
        this.#connection?.close();
        throw new Interrupted();
      }
      const task = this.queue.take();
      if (task === undefined) {
        if (!this.queue.open) break;
        await this.#connection?.flush().catch(() => {}); // the running transfers get the error
        await this.queue.more();
        continue;
      }
      try {
        const starting = this.#start(task);
        if (starting !== undefined) await starting;
      } catch (error) {
        // Not begun: others may take it.
        this.queue.putBack(task);
        throw error;
      }
    }
    await this.#settle();
  }

  /** Starts the next; a promise where something has to be waited for. */
  #start(task: Task<T>): Promise<void> | void {
    const bytes = this.work.bytes(task.item);
    if (bytes === undefined) return this.#alone(task);
    const connection = this.#connection;
    const full = this.#running >= WINDOW_ITEMS || this.#bytes + bytes > WINDOW_BYTES;
    if (connection === undefined || connection.failure !== undefined || full) {
      return this.#startLater(task, bytes);
    }
    return this.#begin(task, bytes, connection);
  }

  async #alone(task: Task<T>): Promise<void> {
    await this.#settle();
    this.#letGo();
    this.#hopeless = true;
    await this.work.alone(task.item);
    this.#hopeless = false;
    this.#retry.progressed();
  }

  async #startLater(task: Task<T>, bytes: number): Promise<void> {
    const connection = this.#connection ??= await this.client.acquire();
    if (this.#running >= WINDOW_ITEMS || this.#bytes + bytes > WINDOW_BYTES) {
      await connection.flush();
      // Down to half, so that requests and replies keep travelling in batches.
      await this.#downTo(WINDOW_ITEMS / 2, WINDOW_BYTES / 2);
    }
    if (connection.failure !== undefined) await connection.flush(); // throws
    await this.#begin(task, bytes, connection);
  }

  #begin(task: Task<T>, bytes: number, connection: Connection): Promise<void> | void {
    this.#running++;
    this.#bytes += bytes;
    const leave = () => {
      this.#running--;
      this.#bytes -= bytes;
      this.#oneEnded?.resolve();
    };
    let begun: Promise<void> | void;
    try {
      begun = this.work.begin(task, connection, (error) => {
        leave();
        if (error === undefined) this.#retry.progressed();
        else this.#lost(task, error);
      });
    } catch (error) {
      leave();
      throw error;
    }
    if (begun !== undefined) return this.#begun(begun, leave, connection);
    if (connection.full) return flushQuietly(connection);
  }

  async #begun(begun: Promise<void>, leave: () => void, connection: Connection): Promise<void> {
    try {
      await begun;
    } catch (error) {
      leave();
      throw error;
    }
    if (connection.full) await flushQuietly(connection);
  }

  /** Waits until at most this many transfers, with at most this many bytes, are running. */
  async #downTo(items: number, bytes = Infinity): Promise<void> {
    while (this.#running > items || this.#bytes > bytes) {
      this.#oneEnded = Promise.withResolvers();
      await this.#oneEnded.promise;
    }
  }

  #lost(task: Task<T>, error: ClientError): void {
    task.tries++;
    if (!isRetryable(error) || task.tries > this.client.retryPolicy.retries) {
      this.work.failed(task.item, error);
      return;
    }
    this.#lostTasks.push(task);
    this.#trouble ??= error;
  }

  async #afterLoss(): Promise<void> {
    if (this.#lostTasks.length === 0) return;
    try {
      await this.work.afterLoss?.(this.#lostTasks.map((task) => task.item));
    } catch (error) {
      // Still out of reach: the next attempt reports it.
      if (!isRetryable(error)) throw error;
    }
  }

  async #settle(): Promise<void> {
    await this.#connection?.flush().catch(() => {});
    await this.#downTo(0);
  }

  #letGo(): void {
    if (this.#connection !== undefined) this.client.release(this.#connection);
    this.#connection = undefined;
  }
}

/** A failed write is seen again by the next; the running transfers get the error. */
async function flushQuietly(connection: Connection): Promise<void> {
  await connection.flush().catch(() => {});
}
