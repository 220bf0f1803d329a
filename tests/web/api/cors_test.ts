// Pages of other origins use the API and tus where the operator named them, and nothing else.

import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { openWebDoor } from "../../../server/web/door.ts";
import { holdsWeb, type WebBench, WebClient } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";

const APP = "https://app.example.org";

/** A second web door of the same server, open to these origins. */
async function withOrigins(
  { server }: WebBench,
  corsOrigins: string[],
  run: (program: WebProgram, client: WebClient) => Promise<void>,
): Promise<void> {
  const door = await openWebDoor(server.doorOptions, { corsOrigins });
  const client = new WebClient(door.port, server.caText);
  try {
    await run(new WebProgram(client, basic("alice")), client);
  } finally {
    client.close();
    await door.close(0);
  }
}

const PREFLIGHT = {
  "access-control-request-method": "PATCH",
  "access-control-request-headers": "authorization,upload-offset,x-request-id",
};

holdsWeb("a page of a named origin is let in, with its own credentials", async (bench) => {
  await withOrigins(bench, [APP], async (program, client) => {
    for (const path of ["/api/v1/files/a", "/tus/", "/tus/x"]) {
      const asked = await client.fetch(path, {
        method: "OPTIONS",
        headers: { origin: APP, ...PREFLIGHT },
      });
      assertEquals(asked.status, 204);
      assertStrictEquals(asked.headers.get("access-control-allow-origin"), APP);
      assertMatch(asked.headers.get("access-control-allow-methods")!, /\bPATCH\b/);
      assertStrictEquals(
        asked.headers.get("access-control-allow-headers"),
        PREFLIGHT["access-control-request-headers"],
      );
      assertMatch(asked.headers.get("vary")!, /\bOrigin\b/);
    }
    const headers = { origin: APP, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
    const put = await program.ask("/files/a", { method: "PUT", body: "content", headers });
    assertEquals(put.status, 201);
    const created = await program.ask("/tus/", {
      method: "POST",
      headers: {
        ...headers,
        "tus-resumable": "1.0.0",
        "upload-length": "5",
        "upload-metadata": "path L3Q=",
      },
    });
    assertEquals(created.status, 201);
    const got = await program.ask("/files/a", { headers });
    const missing = await program.ask("/files/none", { headers });
    assertEquals([got.text, missing.status], ["content", 404]);
    for (const reply of [put, created, got, missing]) {
      assertStrictEquals(reply.headers.get("access-control-allow-origin"), APP);
      assertEquals(reply.headers.get("access-control-allow-credentials"), null);
      assertMatch(reply.headers.get("vary")!, /\bOrigin\b/);
      const exposed = reply.headers.get("access-control-expose-headers")!.split(", ");
      for (const name of ["Upload-Offset", "Location", "Upload-Length", "Tus-Resumable", "ETag"]) {
        assert(exposed.includes(name), name);
      }
    }
  });
});

holdsWeb("other origins, and origins at other doors, get nothing", async (bench) => {
  await withOrigins(bench, [APP], async (program, client) => {
    for (
      const origin of ["https://evil.example", "http://app.example.org", `${APP}.evil`, "null"]
    ) {
      const asked = await client.fetch("/tus/", {
        method: "OPTIONS",
        headers: { origin, ...PREFLIGHT },
      });
      const refused = await program.ask("/files/a", {
        method: "PUT",
        body: "x",
        headers: { origin },
      });
      const read = await program.ask("/files/", { headers: { origin } });
      assertEquals([refused.status, read.status], [403, 200]);
      for (const { headers } of [asked, refused, read]) {
        assertEquals(headers.get("access-control-allow-origin"), null);
        assertMatch(headers.get("vary")!, /\bOrigin\b/, "a cache must not give it to the other");
      }
    }
    for (const path of ["/", "/sign-in", "/raw/a", "/metrics", "/healthz"]) {
      const page = await client.fetch(path, { headers: { origin: APP } });
      await page.body?.cancel();
      assertEquals(page.headers.get("access-control-allow-origin"), null, path);
    }
    const post = await client.fetch("/sign-in", { form: {}, headers: { origin: APP } });
    assertEquals(post.status, 403);
  });
  // Off by default.
  const alice = await WebProgram.login(bench);
  const off = await alice.ask("/files/", { headers: { origin: APP } });
  assertEquals([off.status, off.headers.get("access-control-allow-origin")], [200, null]);
});

holdsWeb("a session's cookie is worth nothing from another origin", async (bench) => {
  await withOrigins(bench, ["*"], async (_, client) => {
    await client.signIn("alice");
    const token = { "x-csrf-token": client.csrfToken! };
    const own = await client.fetch("/api/v1/files/", { headers: token });
    assertEquals(own.status, 200);
    const cross = await client.fetch("/api/v1/files/", { headers: { ...token, origin: APP } });
    assertEquals(cross.status, 401);
    assertEquals(cross.headers.get("access-control-allow-origin"), "*");
    assertEquals(cross.headers.get("access-control-allow-credentials"), null);
    const put = { method: "PUT", body: "x", headers: { ...token, origin: APP } };
    assertEquals((await client.fetch("/api/v1/files/a", put)).status, 401);
    // The page of this server itself goes on as ever.
    const same = { ...put, headers: { ...token, origin: client.origin } };
    assertEquals((await client.fetch("/api/v1/files/a", same)).status, 201);
  });
});
