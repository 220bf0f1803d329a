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

/** How items are transferred. */
export interface LaneWork<T> {
  /** Bytes the item takes of the window; undefined where it is to have a connection of its own. */
  bytes(item: T): number | undefined;
  /**
   * Begins a small one. `end` is the item's end; it rejects only with errors that another try may
   * mend.
   */
  begin(task: Task<T>, connection: Connection): Promise<{ end: Promise<void> }>;
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
  readonly #running = new Set<Promise<void>>();
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
    for (;;) {
      this.#trouble = undefined;
      try {
        await this.#runOnce();
        if (this.#trouble === undefined) return;
        throw this.#trouble;
      } catch (error) {
        await Promise.all(this.#running);
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
        await this.#start(task);
      } catch (error) {
        // Not begun: others may take it.
        this.queue.putBack(task);
        throw error;
      }
    }
    await this.#settle();
  }

  async #start(task: Task<T>): Promise<void> {
    const bytes = this.work.bytes(task.item);
    if (bytes === undefined) {
      await this.#settle();
      this.#letGo();
      this.#hopeless = true;
      await this.work.alone(task.item);
      this.#hopeless = false;
      this.#retry.progressed();
      return;
    }
    const connection = this.#connection ??= await this.client.acquire();
    if (this.#running.size >= WINDOW_ITEMS || this.#bytes + bytes > WINDOW_BYTES) {
      await connection.flush();
      // Down to half, so that requests and replies keep travelling in batches.
      while (this.#running.size > WINDOW_ITEMS / 2 || this.#bytes > WINDOW_BYTES / 2) {
        this.#oneEnded = Promise.withResolvers();
        await this.#oneEnded.promise;
      }
    }
    if (connection.failure !== undefined) await connection.flush(); // throws
    const { end } = await this.work.begin(task, connection);
    this.#bytes += bytes;
    const running: Promise<void> = end.then(
      () => this.#retry.progressed(),
      (error) => this.#lost(task, error),
    ).finally(() => {
      this.#bytes -= bytes;
      this.#running.delete(running);
      this.#oneEnded?.resolve();
    });
    this.#running.add(running);
    // A failed write is seen again by the next; this item is in the set already.
    if (connection.full) await connection.flush().catch(() => {});
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
    await Promise.all(this.#running);
  }

  #letGo(): void {
    if (this.#connection !== undefined) this.client.release(this.#connection);
    this.#connection = undefined;
  }
}
