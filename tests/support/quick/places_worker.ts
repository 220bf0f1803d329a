/** A thread that takes places in rounds that all threads begin at the same moment. */
import { AddressCounts } from "../../../server/admission/address_counts.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { memory, barrier, taken, index, threads, max } }) => {
  const counts = new AddressCounts(memory, index);
  const waiting = new Int32Array(barrier);
  const sums = new Int32Array(taken);
  /** Waits for all others; short enough to keep the threads together. */
  const meet = (number: number) => {
    if (Atomics.add(waiting, 0, 1) + 1 === number * threads) Atomics.notify(waiting, 0);
    for (let now; (now = Atomics.load(waiting, 0)) < number * threads;) {
      Atomics.wait(waiting, 0, now, 1);
    }
  };
  for (let round = 0; round < sums.length; round++) {
    meet(2 * round + 1);
    const places = Array.from({ length: 4 }, () => counts.take("alice", max));
    const held = places.filter((release) => release !== undefined);
    Atomics.add(sums, round, held.length);
    meet(2 * round + 2);
    for (const release of held) release();
  }
  scope.postMessage("done");
};
