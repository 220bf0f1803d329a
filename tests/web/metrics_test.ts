// Reports of the web door about the server: health, metrics, its log.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { exposition } from "../../server/web/metrics.ts";
import { Counters } from "../../storage/monitor/counters.ts";
import { addAccount, openInProcess } from "../support/in_process.ts";
import { until } from "../support/native.ts";
import { openWebDoor } from "../../server/web/door.ts";
import { holdsWeb, WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";
import { ON_DISK } from "../support/engine.ts";

holdsWeb("the figures are those of the requests made", async (bench) => {
  const alice = await WebProgram.login(bench);
  await alice.ask("/files/a", { method: "PUT", body: "content" });
  await alice.ask("/files/nothing");
  const anyone = await bench.browser();
  await anyone.page("/healthz");
  const reply = await anyone.fetch("/metrics");
  assertMatch(reply.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await reply.text();
  assertMatch(text, /^towpath_sessions\{door="web"\} 2$/m); // the browser's and the program's
  assertMatch(text, /^towpath_accounts 1$/m);
  assertMatch(text, /^towpath_unfinished_uploads 0$/m);
  assertMatch(text, ON_DISK ? /^towpath_catalog_bytes [1-9]\d+$/m : /^towpath_catalog_bytes \d+$/m);
  assertMatch(text, /^towpath_http_requests_total\{method="PUT",status="201"\} 1$/m);
  assertMatch(text, /^towpath_http_requests_total\{method="GET",status="404"\} 1$/m);
  assertMatch(text, /^# TYPE towpath_http_request_seconds histogram$/m);
  // Each line is a comment or a series with a number.
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(
      line,
      /^(# (HELP|TYPE) towpath_\w+ .+|towpath_\w+(\{[^{}]*\})? \d+(\.\d+)?(e-?\d+)?)$/,
    );
  }
});

holdsWeb("figures are for this machine, or for administrators", async (bench) => {
  await addAccount(bench.server.vault, "root", "rwcdt");
  const status = async (headers: Record<string, string>) => {
    const reply = await (await bench.browser()).fetch("/metrics", { headers });
    await reply.body?.cancel();
    return reply.status;
  };
  assertEquals(await status({}), 200);
  assertEquals(await status({ authorization: basic("root") }), 200);
  assertEquals(await status({ authorization: basic("alice") }), 403);
  assertEquals(await status({ "x-forwarded-for": "203.0.113.5" }), 401); // a proxy's peer is not
  assertEquals(await status({ forwarded: "for=203.0.113.5" }), 401);
});

Deno.test("a histogram counts in every bucket that is as wide", () => {
  const counters = new Counters();
  counters.took("towpath_transfer_seconds", 50, { direction: "upload" });
  counters.took("towpath_transfer_seconds", 3000, { direction: "upload" });
  const text = exposition(counters.snapshot());
  assertMatch(text, /_bucket\{direction="upload",le="0\.02"\} 0$/m);
  assertMatch(text, /_bucket\{direction="upload",le="0\.1"\} 1$/m);
  assertMatch(text, /_bucket\{direction="upload",le="10"\} 2$/m);
  assertMatch(text, /_bucket\{direction="upload",le="\+Inf"\} 2$/m);
  assertMatch(text, /_sum\{direction="upload"\} 3\.05$/m);
  assertMatch(text, /_count\{direction="upload"\} 2$/m);
});

Deno.test("the log has a line for each request, and no secrets", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const lines: string[] = [];
  const web = await openWebDoor({ ...server.doorOptions, accessLog: (line) => lines.push(line) });
  const client = new WebClient(web.port, server.caText);
  try {
    await client.signIn("alice");
    const secrets = [...client.cookies.values(), client.csrfToken!, "linksecret1", "queryvalue1"];
    for (
      const [path, agent] of [
        ["/s/linksecret1/raw/a?x=queryvalue1", "x"],
        ["/S/linksecret1", "mistyped"],
        ["/%73%2flinksecret1/", "mistyped"],
        ["//s//linksecret1", "mistyped"],
        ["/%0Aforged", "line\u0085end"],
        ["/api/v1/account", "y"],
      ]
    ) {
      const reply = await client.fetch(path!, { headers: { "user-agent": agent! } });
      await reply.body?.cancel();
    }
    await until("all are logged", () => lines.some((line) => line.includes("/api/v1/account")));
    for (const line of lines) {
      assertMatch(line, /^\{[^\n\u0085\u202e]*\}\n$/);
      const { time, level, method, path, status, ms, address } = JSON.parse(line);
      assert(Date.parse(time) > 0 && /^(info|warning|error)$/.test(level));
      assert(/^[A-Z]+$/.test(method) && path.startsWith("/"));
      assert(status >= 200 && ms >= 0 && address === "127.0.0.1");
      for (const secret of secrets) assert(!line.includes(secret), line);
    }
    assert(lines.some((line) => JSON.parse(line).account === "alice"));
  } finally {
    client.close();
    await web.close(0);
  }
});
