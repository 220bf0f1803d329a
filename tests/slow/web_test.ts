// PUT, tus and forms once more, over a disk whose writes are late.

import "../support/slow/slow_writes.ts";
import { assertEquals } from "@std/assert";
import { KIB, onDisk, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { holdsWeb } from "../support/web.ts";
import "../web/api/api_put_resume_test.ts";
import "../web/tus/tus_test.ts";

holdsWeb("files of a form are stored as they came", async ({ server, alice }) => {
  // Text similar to the form's boundary makes the parser keep bytes from one piece to the next.
  const near = new TextEncoder().encode("\r\n------boundary\r\n--\r\n------bound");
  const files = Array.from({ length: 6 }, (_, at) => {
    const content = randomBytes(400 * KIB + 1000 * at);
    for (let place = 0; place + 999 < content.length; place += 999) content.set(near, place);
    return content;
  });
  const body = new FormData();
  for (const [at, content] of files.entries()) body.append("file", new File([content], `f${at}`));
  const path = `/actions/upload?directory=/&csrf=${alice.csrfToken}`;
  const reply = await alice.fetch(path, { method: "POST", body });
  await reply.body?.cancel();
  assertEquals(reply.status, 303);
  for (const [at, content] of files.entries()) {
    assertEquals(sha256(Deno.readFileSync(onDisk(server, `f${at}`))), sha256(content), `f${at}`);
  }
});
