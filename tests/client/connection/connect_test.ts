/** Connecting, given up at the worst moment. */
import { delay } from "@std/async";
import { assertEquals, assertRejects } from "@std/assert";
import { Interrupted } from "../../../client/lib/common/error.ts";
import { parseEndpoint } from "../../../client/lib/connection/endpoint.ts";
import { connectTls } from "../../../client/lib/connection/tls.ts";

Deno.test("a handshake that ends while it is given up leaves nothing open, and no error unhandled", async () => {
  const { connect, startTls } = Deno;
  const begun = Promise.withResolvers<void>();
  const shaken = Promise.withResolvers<void>();
  let closes = 0;
  const connection = {
    handshake() {
      begun.resolve();
      return shaken.promise;
    },
    close() {
      if (closes++ > 0) throw new Deno.errors.BadResource("Bad resource ID"); // as Deno does
    },
  };
  Deno.connect = (() => Promise.resolve({ setNoDelay() {} })) as unknown as typeof connect;
  Deno.startTls = (() => Promise.resolve(connection)) as unknown as typeof startTls;
  try {
    const stop = new AbortController();
    const connecting = connectTls(parseEndpoint("localhost:1"), [], 60_000, stop.signal);
    await begun.promise;
    stop.abort();
    await assertRejects(() => connecting, Interrupted);
    shaken.resolve();
    await delay(0); // what was not handled fails the test
    assertEquals(closes > 0, true);
  } finally {
    Object.assign(Deno, { connect, startTls });
  }
});
