/** The real server against guessing: alike replies and times, over a restart, no account locked out. */
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Reply } from "../../../protocol/mod.ts";
import { is } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";

const PASSWORD = "correct horse";
const GUESSES = 201;

/** Text of a reply, without its retry time. */
function words({ status, code, data }: Reply): string {
  return JSON.stringify([status, code, String(data.message).replace(/\d+ s$/, "N s")]);
}

Deno.test("200 wrong passwords reveal nothing, hold over a restart, and lock out the guesser alone", async () => {
  await using server = await startServer({ args: ["--host", "::"] });
  {
    using admin = await RawClient.login(server, "admin", server.password);
    for (const username of ["existing", "removed"]) {
      is(await admin.ask("ADDU", { username, password: PASSWORD }), "OK");
    }
    is(await admin.ask("DELU", { username: "removed" }), "OK");
  }

  // One after the other, in turns: what slows the machine down slows all of them down.
  const names = ["existing", "missing", "removed"];
  const replies = new Map(names.map((name) => [name, [] as string[]]));
  const times = new Map(names.map((name) => [name, [] as number[]]));
  {
    using guesser = await RawClient.connect(server);
    for (let i = 0; i < GUESSES; i++) {
      const username = names[i % names.length]!;
      const start = performance.now();
      // Not one and the same guess each time: what was just found wrong is hashed again all the same.
      const reply = await guesser.ask("AUTH", { username, password: `wrong guess ${i}` });
      if (reply.status === "AUTH_FAILED") times.get(username)!.push(performance.now() - start);
      replies.get(username)!.push(words(reply));
    }
  }
  const [existing, missing, removed] = names.map((name) => replies.get(name)!);
  for (const other of [missing!, removed!]) {
    assertEquals(other.slice(0, 11), existing!.slice(0, 11));
    assertEquals(new Set(other), new Set(existing));
    // A second or more later, one or the other is checked again, when its delay has run out.
    const waiting = other.filter((reply) => reply.includes("TOO_MANY"));
    assert(waiting.length > GUESSES / names.length - 20, `${waiting.length} had to wait`);
  }
  assertEquals(new Set(existing).size, 2);
  assertMatch(existing![0]!, /AUTH_FAILED/);
  for (const name of names) {
    assert(times.get(name)!.length >= 11, `${name}: ${times.get(name)!.length} were checked`);
    for (const other of names) {
      const [a, b] = [times.get(name)!, times.get(other)!];
      assert(Math.min(...a) <= Math.max(...b), `${name} and ${other} can be distinguished`);
    }
  }

  await server.restart();
  {
    using guesser = await RawClient.connect(server);
    const right = { username: "existing", password: PASSWORD };
    // The delay may have run out meanwhile, or be about to: then one more wrong guess is enough for
    // the next, where a server that had forgotten would let in another ten.
    for (;;) {
      const { status, data } = await guesser.ask("AUTH", { ...right, password: "one more guess" });
      const left = status === "TOO_MANY" ? data.retry_after_ms as number : Infinity;
      if (left > 2000) break;
      await delay(left);
    }
    is(await guesser.ask("AUTH", right), "TOO_MANY", 450);
    using elsewhere = await RawClient.connect(server, "::1");
    is(await elsewhere.ask("AUTH", right), "AUTH_SUCCESS");
  }
});
