/** What another session notices of work that goes on in the same thread. */
import { delay } from "@std/async";
import { setImmediate } from "node:timers";

/**
 * Sends a byte to and fro between two sockets while `work` runs, each time answered a turn after it
 * came, as requests are.
 *
 * @param done how much work has been done so far
 * @param times how often; then the signal of `work` is aborted
 * @returns the work that was done while a byte was under way, at most in three of four cases: where
 * the machine has no processor for a socket, single bytes wait for that
 */
export async function workWhileAsking(
  work: (signal: AbortSignal) => Promise<unknown>,
  done: () => number,
  times: number,
): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [asking, answering] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  const answers = (async () => {
    for (const byte = new Uint8Array(1); await answering.read(byte) !== null;) {
      await new Promise((resolve) => setImmediate(resolve));
      await answering.write(byte);
    }
  })();
  const over = new AbortController();
  const working = work(over.signal);
  const counts: number[] = [];
  try {
    for (const byte = new Uint8Array(1); times > 0; times--) {
      const before = done();
      await asking.write(byte);
      await asking.read(byte);
      counts.push(done() - before);
      await delay(times % 7);
    }
  } finally {
    over.abort();
    asking.close();
    await Promise.all([answers, working]);
    answering.close();
  }
  counts.sort((a, b) => a - b);
  return counts[Math.floor(counts.length * 0.75)]!;
}
