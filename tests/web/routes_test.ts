// Properties of every route of the web door: the test takes the routes from the application itself, so
// that it covers routes added later.

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { makeApp } from "../../server/web/app.ts";
import type { WebApp } from "../../server/web/request/env.ts";
import { LiveSessions } from "../../server/web/request/live_sessions.ts";
import { addAccount } from "../support/in_process.ts";
import { holdsWeb, type WebBench, type WebClient } from "../support/web.ts";
import { put } from "./pages/pages_support.ts";

interface Route {
  method: string;
  path: string;
}

/** Text for users who are not signed in: nothing of it belongs to an account. */
const PUBLIC = new Set([
  "GET /sign-in",
  "GET /sign-up",
  "GET /trust", // the authority, which every handshake shows
  "GET /trust/ca.crt",
  "GET /healthz",
  "GET /metrics", // by this machine, or a token of an administrator
  "GET /favicon.ico",
  "GET /api/v1/openapi.json",
  "OPTIONS /tus",
  "OPTIONS /tus/",
  "OPTIONS /tus/x",
]);
/** Posts of who is not signed in. */
const ENTRANCE = new Set(["POST /sign-in", "POST /sign-up", "POST /sign-out"]);
/** Pages that say nothing but what every account may know of itself. */
const OWN = new Set([
  "GET /",
  "GET /files",
  "GET /account",
  "GET /shares",
  "GET /admin",
  "GET /why/x",
  "GET /api/v1/account",
  "GET /api/v1/tokens",
  "GET /api/v1/shares",
  "GET /api/v1/locks", // its own, as its shares
  "GET /api/v1/locks/x",
  "GET /api/v1/why",
  "GET /api/v1/why/x",
  "POST /account/tokens", // one that may do nothing either
]);

/** Every route, with something in the place of its parameters. */
function routesOf(bench: WebBench): Route[] {
  const { doorOptions } = bench.server;
  const sessions = new LiveSessions(doorOptions.vault, 1000);
  const { rate } = doorOptions.limits;
  const app: WebApp = makeApp({ ...doorOptions, rate, sessions, onClose: () => {} });
  sessions.close();
  const routes = new Map<string, Route>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue; // what holds for all
    const filled = path.replace(/:[a-z]+(\{[^}]*\})?/gi, "x").replace(/\*$/, "x");
    routes.set(`${method} ${filled}`, { method, path: filled });
  }
  assert(routes.size > 60, `${routes.size} routes are found`);
  return [...routes.values()];
}

const isSafe = ({ method }: Route) => ["GET", "HEAD", "OPTIONS"].includes(method);
const isProgram = ({ path }: Route) => /^\/(api|tus)(\/|$)/.test(path);
const keyOf = ({ method, path }: Route) => `${method} ${path}`;

/** Asks a route; no response is without what protects a browser. */
async function ask(client: WebClient, route: Route, headers: Record<string, string> = {}) {
  const { method, path } = route;
  const form = method === "POST" && !isProgram(route) ? { form: {} } : {};
  const more = isProgram(route) ? { "tus-resumable": "1.0.0" } : {};
  const reply = await client.fetch(path, { method, ...form, headers: { ...more, ...headers } });
  await reply.body?.cancel();
  const name = keyOf(route);
  const policy = reply.headers.get("content-security-policy") ?? "";
  assertMatch(policy, /default-src 'none'/, name);
  assertNotMatch(policy, /script-src[^;]*'unsafe-(inline|eval)'/, name);
  assertEquals(reply.headers.get("x-content-type-options"), "nosniff", name);
  assertMatch(reply.headers.get("x-frame-options") ?? "", /^(DENY|SAMEORIGIN)$/, name);
  assertEquals(reply.headers.get("cross-origin-resource-policy"), "same-origin", name);
  assertMatch(reply.headers.get("cache-control") ?? "", /no-store|no-cache|immutable/, name);
  assertEquals(reply.headers.get("access-control-allow-origin"), null, name);
  return reply;
}

holdsWeb("every route checks the session, and answers with headers that protect", async (bench) => {
  const stranger = await bench.browser();
  for (const route of routesOf(bench)) {
    const name = keyOf(route);
    if (PUBLIC.has(name) || ENTRANCE.has(name)) {
      await ask(stranger, route);
      continue;
    }
    const reply = await ask(stranger, route);
    const { status } = reply;
    if (/ \/(s|assets)\//.test(name)) assertEquals(status, 404, name);
    else if (/^POST \/tus\/x$/.test(name)) assertEquals(status, 405, name); // has none
    else if (isProgram(route)) assertEquals(status, 401, name);
    else if (route.method === "GET" && status === 301) assertEquals(route.path, "/files");
    else if (route.path === "/admin") assertEquals(status, 303); // to a page that asks
    else if (route.method === "GET") {
      assertEquals(status, 303, name);
      assertMatch(reply.headers.get("location")!, /^\/sign-in\?next=/, name);
    } else assertEquals(status, 401, name);
  }
});

holdsWeb(
  "no route changes anything for another site, or without the session's token",
  async (bench) => {
    const { alice } = bench;
    for (const route of routesOf(bench).filter((route) => !isSafe(route))) {
      const name = keyOf(route);
      const cross = await ask(alice, route, { origin: "https://evil.example" });
      assertEquals(cross.status, 403, name);
      const { csrfToken } = alice;
      alice.csrfToken = "x".repeat(43);
      assertEquals((await ask(alice, route)).status, 403, name);
      alice.csrfToken = csrfToken;
    }
    assertEquals((await alice.fetch("/account")).status, 200); // still signed in
  },
);

holdsWeb("an account that has lost its letters sees and changes nothing more", async (bench) => {
  const { server, browser } = bench;
  await addAccount(server.vault, "former");
  await put(server, "/x", "content", "former");
  const client = await browser("former");
  await server.catalog.setLetters("former", "");
  const reached: string[] = [];
  for (const route of routesOf(bench)) {
    const name = keyOf(route);
    if (PUBLIC.has(name) || ENTRANCE.has(name)) continue;
    const { status } = await ask(client, route);
    if (status < 400) reached.push(name);
  }
  assertEquals(reached.filter((name) => !OWN.has(name)), []);
  assert(reached.includes("GET /account"), "it is still signed in");
});
