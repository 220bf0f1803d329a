// While long work runs in slices, and while a session sends many requests at once, what others ask is
// answered between two slices: how many pass meanwhile is counted, not how long they take.
import { assert, assertEquals } from "@std/assert";
import type { FtpSessionOptions } from "../../../server/ftp/context/context.ts";
import { FtpSession } from "../../../server/ftp/session.ts";
import type { Peer } from "../../../server/listener/acceptor.ts";
import { Outbox } from "../../../server/native/context/outbox.ts";
import { HttpConnection } from "../../../server/web/http/connection.ts";
import { nextSlice, Pace } from "../../../storage/common/slices.ts";
import { afterWaiting, inTurn } from "../../../storage/common/turns.ts";
import { workWhileAsking } from "../../support/measure/other_session.ts";

/** The slice that runs as a byte is sent, and the one before it is read, each way. */
const MAX_SLICES = 3;
/** Turns of requests: two of them may follow each other. */
const MAX_TURNS = MAX_SLICES + 1;
/** Answers of 3 ms in as many turns of 10 ms. */
const MAX_ANSWERS = 3 * MAX_TURNS;
const TIMES = 12;

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

Deno.test("requests that sessions send ahead let other sessions be answered in between", async () => {
  for (const sessions of [1, 4, 40]) {
    let turns = 0;
    const session = async (signal: AbortSignal) => {
      const outbox = new Outbox({ write: (bytes) => Promise.resolve(bytes.length) }, () => {});
      for (; !signal.aborted; turns++) {
        busyFor(11); // as long as a turn
        await outbox.betweenRequests();
      }
    };
    const most = await workWhileAsking(
      (signal) => Promise.all(Array.from({ length: sessions }, () => session(signal))),
      () => turns,
      TIMES,
    );
    assert(most <= MAX_TURNS, `${sessions} sessions: ${most} turns while one byte was under way`);
  }
});

/** A connection that has such bytes to read, again and again, and takes what is written. */
function connectionOf(text: string, over: () => boolean) {
  const all = new TextEncoder().encode(text);
  let left = all;
  return {
    read(into: Uint8Array) {
      if (left.length === 0) {
        if (over()) return Promise.resolve(null);
        left = all;
      }
      const some = left.subarray(0, into.length);
      left = left.subarray(some.length);
      into.set(some);
      return Promise.resolve(some.length);
    },
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(),
    close() {},
  };
}

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const peer = { setIdentified() {} } as unknown as Peer;

Deno.test("HTTP requests that come one behind the other let other sessions be answered", async () => {
  let answered = 0;
  const answer = () => {
    answered++;
    busyFor(3);
    return new Response("ok");
  };
  const most = await workWhileAsking(
    (signal) => {
      const connection = connectionOf(REQUEST.repeat(50), () => signal.aborted);
      return new HttpConnection(connection, peer, 60_000, answer).run();
    },
    () => answered,
    TIMES,
  );
  assert(most <= MAX_ANSWERS, `${most} answers while one byte was under way`);
});

Deno.test("requests of 100 sessions that come at once let others be answered in between", async () => {
  let answered = 0;
  const answer = () => {
    answered++;
    busyFor(3);
    return new Response("ok");
  };
  const most = await workWhileAsking(
    async (signal) => {
      while (!signal.aborted) {
        const all = Array.from({ length: 100 }, () => connectionOf(REQUEST, () => true));
        await Promise.all(all.map((one) => new HttpConnection(one, peer, 60_000, answer).run()));
      }
    },
    () => answered,
    TIMES,
  );
  assert(most <= MAX_ANSWERS, `${most} answers while one byte was under way`);
});

Deno.test("FTP commands that come one behind the other let other sessions be answered", async () => {
  let carriedOut = 0;
  const addr = { hostname: "127.0.0.1", port: 1, transport: "tcp" };
  const options = {
    settings: { implicitTls: false },
    serverInfo: { name: "test", version: "0" },
    limits: {
      countRequest() {
        carriedOut++;
        busyFor(3);
      },
    },
  } as unknown as FtpSessionOptions;
  const most = await workWhileAsking(
    async (signal) => {
      const connection = {
        ...connectionOf("NOOP\r\n".repeat(500), () => signal.aborted),
        setNoDelay() {},
        remoteAddr: addr,
        localAddr: addr,
      } as unknown as Deno.TcpConn;
      const session = new FtpSession(connection, { address: "127.0.0.1" }, options);
      signal.addEventListener("abort", () => session.drop());
      await session.run(Promise.resolve(undefined));
    },
    () => carriedOut,
    TIMES,
  );
  assert(most <= MAX_ANSWERS, `${most} commands while one byte was under way`);
});

Deno.test("work that many requests share comes after the clients that wait for a turn", async () => {
  const order: string[] = [];
  const client = (name: string) =>
    inTurn(() => {
      order.push(name);
      busyFor(12); // longer than a turn, so that those behind it wait
      return Promise.resolve();
    });
  const shared = async () => {
    await afterWaiting();
    order.push("shared");
  };
  await Promise.all([client("first"), client("second"), client("third"), shared()]);
  assertEquals(order, ["first", "second", "third", "shared"]);
});
