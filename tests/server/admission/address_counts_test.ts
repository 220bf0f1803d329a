/** Places of a name, taken by several threads at the same moment. */
import { assertEquals } from "@std/assert";
import { addressMemory } from "../../../server/admission/address_counts.ts";

const THREADS = 4;
const ROUNDS = 300;
const MAX = 5;

Deno.test("threads that take places at once get all of them, and no more", async () => {
  const memory = addressMemory(THREADS);
  const barrier = new SharedArrayBuffer(8);
  const taken = new SharedArrayBuffer(4 * ROUNDS);
  const threads = Array.from({ length: THREADS }, () => {
    const url = new URL("../../support/quick/places_worker.ts", import.meta.url);
    return new Worker(url, { type: "module" });
  });
  await Promise.all(threads.map((thread, index) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.onmessage = () => resolve();
    thread.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    thread.postMessage({ memory, barrier, taken, index, threads: THREADS, max: MAX });
    return promise;
  }));
  for (const thread of threads) thread.terminate();
  assertEquals([...new Int32Array(taken)].filter((count) => count !== MAX), []);
});
