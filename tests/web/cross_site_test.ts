// Requests of another site in a user's name have no effect.

import {
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { PASSWORD } from "../support/in_process.ts";
import { holdsWeb, type WebBench, type WebRequest } from "../support/web.ts";
import { basic } from "../support/web_program.ts";

const EVIL = "https://evil.example";
const PATCH_TYPE = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
const TUS = { "tus-resumable": "1.0.0" };

async function statusOf(bench: WebBench, path: string, request: WebRequest): Promise<number> {
  const reply = await bench.alice.fetch(path, request);
  await reply.body?.cancel();
  return reply.status;
}

async function names({ server }: WebBench): Promise<string[]> {
  const { directories, files } = await server.engine.tree.names("alice", "/", { limit: 100 });
  return [...directories, ...files];
}

/** Requests that would change something, at every kind of route. */
const CHANGES: readonly [path: string, request: WebRequest][] = [
  ["/actions/mkdir", { form: { directory: "/", name: "evil" } }],
  ["/sign-out", { form: {} }],
  ["/account/tokens", { form: { label: "evil", letters: "r" } }],
  ["/api/v1/files/evil", { method: "PUT", body: "evil" }],
  ["/api/v1/files/kept", { method: "DELETE" }],
  ["/tus/", { method: "POST", headers: { ...TUS, "upload-length": "1" } }],
  ["/tus/0123", { method: "PATCH", headers: { ...TUS, ...PATCH_TYPE }, body: "x" }],
  ["/tus/0123", { method: "DELETE", headers: TUS }],
];

holdsWeb("changes that another site asks for are refused, token or not", async (bench) => {
  const keep = await bench.alice.fetch("/api/v1/files/kept", { method: "PUT", body: "kept" });
  assertEquals(keep.status, 201, await keep.text());
  for (const [path, request] of CHANGES) {
    for (
      const headers of [
        { origin: EVIL },
        { origin: "null" },
        { origin: bench.alice.origin.replace("https:", "http:") },
        { origin: `https://localhost.evil.example:${bench.web.port}` },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]
    ) {
      const status = await statusOf(bench, path, {
        ...request,
        headers: { ...request.headers, ...headers } as Record<string, string>,
      });
      assertEquals(status, 403, `${path} ${JSON.stringify(headers)}`);
    }
  }
  assertEquals(await names(bench), ["kept"]);
  assertEquals(await statusOf(bench, "/account", {}), 200);
});

holdsWeb("a cookie without the session's token changes nothing", async (bench) => {
  await statusOf(bench, "/api/v1/files/kept", { method: "PUT", body: "kept" });
  for (const [path, request] of CHANGES) {
    const status = await statusOf(bench, path, { ...request, csrf: false });
    const byProgram = /^\/(api|tus)/.test(path);
    assertStrictEquals(status, byProgram ? 401 : 403, path);
  }
  const { alice, browser } = bench;
  const other = await browser("alice");
  assertNotStrictEquals(other.csrfToken, alice.csrfToken);
  other.csrfToken = alice.csrfToken;
  const reply = await other.fetch("/api/v1/files/kept", { method: "DELETE" });
  assertEquals(reply.status, 403); // a token is of one session
  await reply.body?.cancel();
  assertEquals(await names(bench), ["kept"]);
});

holdsWeb("programs' routes read nothing by a cookie alone", async (bench) => {
  for (const path of ["/api/v1/files/", "/api/v1/account", "/api/v1/uploads"]) {
    assertEquals(await statusOf(bench, path, { csrf: false }), 401);
    assertEquals(await statusOf(bench, path, {}), 200);
  }
});

holdsWeb(
  "a password that the browser sends by itself is not enough for another site",
  async (bench) => {
    const authorization = basic("alice", PASSWORD);
    const headers = { authorization, origin: EVIL, cookie: "" };
    const status = await statusOf(bench, "/api/v1/files/x", { method: "PUT", body: "x", headers });
    assertEquals(status, 403);
  },
);

holdsWeb("no other site is let in by CORS, and no page is framed", async ({ alice }) => {
  const reply = await alice.fetch("/api/v1/account", {
    method: "OPTIONS",
    headers: { origin: EVIL, "access-control-request-method": "GET" },
  });
  await reply.body?.cancel();
  assertEquals(reply.headers.get("access-control-allow-origin"), null);
  const page = await alice.fetch("/account");
  await page.body?.cancel();
  const policy = page.headers.get("content-security-policy")!;
  assertMatch(policy, /frame-ancestors 'none'/);
  assertMatch(policy, /default-src 'none'/);
  assertNotMatch(policy, /unsafe/);
  assertEquals(page.headers.get("x-content-type-options"), "nosniff");
  assertEquals(page.headers.get("cache-control"), "no-store");
});
