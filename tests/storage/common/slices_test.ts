// While long work runs in slices, and while a session sends many requests at once, what others ask is
// answered between two slices: how many pass meanwhile is counted, not how long they take.
import { assert } from "@std/assert";
import type { Peer } from "../../../server/listener/acceptor.ts";
import { Outbox } from "../../../server/native/outbox.ts";
import { HttpConnection } from "../../../server/web/http/connection.ts";
import { nextSlice, Pace } from "../../../storage/common/slices.ts";
import { workWhileAsking } from "../../support/measure/other_session.ts";

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
    assert(most <= MAX_SLICES, `${jobs} jobs: ${most} slices while one byte was under way`);
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
  assert(most <= MAX_SLICES, `${most} steps while one byte was under way`);
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
  assert(most <= 9, `${most} turns while one byte was under way`);
});

Deno.test("HTTP requests that come one behind the other let other sessions be answered", async () => {
  const requests = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50));
  const peer = { setIdentified() {} } as unknown as Peer;
  let answered = 0;
  const most = await workWhileAsking(
    async (signal) => {
      const connection = {
        read(into: Uint8Array) {
          if (signal.aborted || answered > 3000) return Promise.resolve(null);
          const some = requests.subarray(0, into.length);
          into.set(some);
          return Promise.resolve(some.length);
        },
        write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
        closeWrite: () => Promise.resolve(),
        close() {},
      };
      const answer = () => {
        answered++;
        busyFor(3);
        return new Response("ok");
      };
      await new HttpConnection(connection, peer, 60_000, answer).run();
    },
    () => answered,
    10,
  );
  assert(answered <= 3000, "a byte was under way for thousands of answers");
  // Four answers of 3 ms are a turn, of which three follow each other, and some for chance.
  assert(most <= 18, `${most} answers while one byte was under way`);
});
