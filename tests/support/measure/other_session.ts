/** Delays of another session by work in the same thread. */
import { socketPair } from "./socket_pair.ts";
import { delay } from "@std/async";
import { setImmediate } from "node:timers";

/**
 * How often the work is measured. A look at the sockets is lost where the machine takes the processor
 * away at the very moment; work that does not let others run does so in each round.
 */
const ROUNDS = 3;

/**
 * Sends a byte to and fro between two sockets while `work` runs, each time answered a turn after it
 * came, as requests are. Between the two the kernel waits for nothing, so that work done meanwhile is
 * due to this thread alone, however busy the machine is.
 *
 * @param done how much work has been done so far
 * @param times how often in each round; then the signal of `work` is aborted
 * @returns the most work that was done while a byte was under way, in the round with the least of it
 */
export async function workWhileAsking(
  work: (signal: AbortSignal) => Promise<unknown>,
  done: () => number,
  times: number,
): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    least = Math.min(least, await mostWhileAsking(work, done, times));
  }
  return least;
}

async function mostWhileAsking(
  work: (signal: AbortSignal) => Promise<unknown>,
  done: () => number,
  times: number,
): Promise<number> {
  const [asking, answering] = await socketPair();
  const answers = (async () => {
    for (const byte = new Uint8Array(1); await answering.read(byte) !== null;) {
      await new Promise((resolve) => setImmediate(resolve));
      await answering.write(byte);
    }
  })();
  const over = new AbortController();
  const working = work(over.signal);
  let most = 0;
  try {
    for (const byte = new Uint8Array(1); times > 0; times--) {
      const before = done();
      await asking.write(byte);
      await asking.read(byte);
      most = Math.max(most, done() - before);
      await delay(times % 7);
    }
  } finally {
    over.abort();
    asking.close();
    await Promise.all([answers, working]);
    answering.close();
  }
  return most;
}
