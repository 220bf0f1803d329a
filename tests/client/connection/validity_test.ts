/** Certificates that are not valid yet, or not any more. */
import { assertEquals, assertMatch } from "@std/assert";
import { connectError } from "../../../client/lib/connection/connect_error.ts";
import { parseEndpoint } from "../../../client/lib/connection/endpoint.ts";

/** The message for a handshake that failed with an error of Deno's. */
function messageFor(reason: string): string {
  const error = new Error(`invalid peer certificate: certificate ${reason}`);
  const { message, exitCode } = connectError(error, parseEndpoint("localhost:1"));
  assertEquals(exitCode, 7);
  return message;
}

Deno.test("an error names the end of the time for which a certificate was made", () => {
  const at = "verification time 1796046795 (UNIX), but certificate is";
  assertMatch(
    messageFor(`expired: ${at} not valid after 1571147542 (224899253 seconds ago)`),
    /^Cannot trust localhost:1: its certificate expired on 2019-10-15 13:52 UTC, and this clock says .*: one that the server made itself is renewed when it starts$/,
  );
  assertMatch(
    messageFor(`not valid yet: ${at} not valid before 2020686747 (224639947 seconds in future)`),
    /: its certificate is valid only from 2034-01-12 13:52 UTC on, and this clock says .* UTC\. Set the clocks/,
  );
  assertMatch(messageFor("expired"), /is not valid at this time\. Check the clock/);
});
