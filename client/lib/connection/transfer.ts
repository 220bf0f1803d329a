/** Common parts of uploads and downloads. */
import type { Reply } from "../../../protocol/wire.ts";
import type { Connection } from "./connection.ts";
import { Interrupted } from "../common/error.ts";

/** A transfer that was begun, or the final reply that came instead. */
export type Begun =
  | { first: Reply; final: Promise<Reply>; ended: () => boolean }
  | { first: undefined; reply: Reply };

/**
 * Sends a request that begins a transfer, and waits for its first reply.
 *
 * @param onProgress called for every `PROGRESS`
 */
export async function begin(
  connection: Connection,
  command: string,
  data: Record<string, unknown>,
  onProgress: (reply: Reply) => void,
  slow = false,
): Promise<Begun> {
  const firstReply = Promise.withResolvers<Reply>();
  let ended = false;
  const final = connection.send(command, data, {
    onInterim(reply) {
      if (reply.status === "PROGRESS") onProgress(reply);
      else firstReply.resolve(reply);
    },
  }, { slow });
  final.then(() => ended = true, () => ended = true);
  await connection.flush();
  const first = await Promise.race([firstReply.promise, final.then(() => undefined)]);
  if (first === undefined) return { first, reply: await final };
  return { first, final, ended: () => ended };
}

/**
 * Ends the running transfer with `ABOR`.
 *
 * @returns its final reply: `ABORTED`, or another where it had ended before
 */
export async function abort(
  connection: Connection,
  final: Promise<Reply>,
  discard: boolean,
): Promise<Reply> {
  const [reply] = await Promise.all([final, connection.request("ABOR", { discard })]);
  return reply;
}

/**
 * Returns the promise, unless the signal comes before it settles: then the connection closes, as a
 * late reply could be mistaken for that of the next request.
 *
 * @param graceMs how long the promise may still take once the signal has come
 * @throws {Interrupted} when the signal comes
 */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  connection: Connection,
  promise: Promise<T>,
  graceMs = 0,
): Promise<T> {
  if (signal === undefined) return await promise;
  const interrupted = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    interrupted.reject(new Interrupted());
    connection.close();
  };
  const onAbort = () => graceMs === 0 ? stop() : timer = setTimeout(stop, graceMs);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([interrupted.promise, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** The promise, or undefined where it takes longer than `ms`. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(resolve, ms, undefined));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
