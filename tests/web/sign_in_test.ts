// Signing in and out in the browser.

import { assertEquals, assertMatch } from "@std/assert";
import { PASSWORD } from "../support/in_process.ts";
import { holdsWeb } from "../support/web.ts";

holdsWeb("a visitor who is signed out is sent to sign in, and back", async ({ browser }) => {
  const client = await browser();
  const sent = await client.fetch("/?sort=size");
  assertEquals(sent.status, 303);
  assertEquals(sent.headers.get("location"), "/sign-in?next=%2F%3Fsort%3Dsize");
  const form = await client.page("/sign-in?next=%2F%3Fsort%3Dsize");
  assertMatch(form, /name="next" value="\/\?sort=size"/);
  const back = await client.fetch("/sign-in", {
    form: { username: "alice", password: PASSWORD, next: "/?sort=size" },
  });
  assertEquals(back.status, 303);
  assertEquals(back.headers.get("location"), "/?sort=size");
  assertMatch(await client.page("/files/"), /alice/);
});
