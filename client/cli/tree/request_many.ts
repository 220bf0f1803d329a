import type { Reply } from "../../../protocol/wire.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { Retry } from "../../lib/common/retry.ts";

const WINDOW = 96;

/** A request without file data. */
export interface Request {
  command: string;
  data: Record<string, unknown>;
}

/**
 * Sends repeatable requests, many at a time, over one connection; after a lost connection those
 * without a reply are sent again.
 *
 * @returns the reply to each
 * @throws {ClientError} where the server stays out of reach, or the user interrupts
 */
export async function requestMany(client: Client, requests: Request[]): Promise<Reply[]> {
  const replies = new Map<number, Reply>();
  const retry = new Retry(client.retryPolicy);
  while (replies.size < requests.length) {
    const left = [...requests.keys()].filter((index) => !replies.has(index)).slice(0, WINDOW);
    let connection: Connection | undefined;
    try {
      client.signal?.throwIfAborted();
      connection = await client.acquire();
      const open = connection;
      const waiting = left.map(async (index) => {
        const { command, data } = requests[index]!;
        replies.set(index, await open.send(command, data, undefined, { slow: true }));
      });
      await connection.flush();
      const failed = (await Promise.allSettled(waiting)).find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      retry.progressed();
    } catch (error) {
      await retry.pause(error);
    } finally {
      if (connection !== undefined) client.release(connection);
    }
  }
  return [...requests.keys()].map((index) => replies.get(index)!);
}
