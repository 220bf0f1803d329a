// While long work runs in slices, and while a session sends many requests at once, what others ask is
// answered between two slices: how many pass meanwhile is counted, not how long they take.
import assert from "node:assert/strict";
import { Outbox } from "../../server/native/outbox.ts";
import { nextSlice, Pace } from "../../storage/common/slices.ts";
import { workWhileAsking } from "../support/other_session.ts";

/** The slice that runs as a byte is sent, the one before it is read, and one for chance. */
const MAX_SLICES = 3;
const TIMES = 30;

function busyFor(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
}

Deno.test("however much paced work there is, others are answered between two slices", async () => {
  for (const jobs of [1, 4]) {
    let slices = 0;
    const job = async (signal: AbortSignal) => {
      for (const pace = new Pace(); !signal.aborted;) {
        const wait = pace.turn();
        if (wait === undefined) continue;
        await wait;
        slices++;
      }
    };
    const work = (signal: AbortSignal) =>
      Promise.all(Array.from({ length: jobs }, () => job(signal)));
    const most = await workWhileAsking(work, () => slices, TIMES);
    assert.ok(most <= MAX_SLICES, `${jobs} jobs: ${most} slices while one byte was under way`);
  }
});

Deno.test("work in steps of any length lets others be answered between two steps", async () => {
  let steps = 0;
  const most = await workWhileAsking(
    async (signal) => {
      for (; !signal.aborted; steps++) {
        busyFor(3);
        await nextSlice();
      }
    },
    () => steps,
    TIMES,
  );
  assert.ok(most <= MAX_SLICES, `${most} steps while one byte was under way`);
});

Deno.test("requests that one session sends at once let other sessions be answered in between", async () => {
  const outbox = new Outbox({ write: (bytes) => Promise.resolve(bytes.length) }, () => {});
  let turns = 0;
  const most = await workWhileAsking(
    async (signal) => {
      for (; !signal.aborted; turns++) {
        busyFor(11); // as long as a turn of the session's
        await outbox.betweenRequests();
      }
    },
    () => turns,
    TIMES,
  );
  assert.ok(most <= 9, `${most} turns while one byte was under way`);
});
