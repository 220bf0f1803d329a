// Holds that everything the web door answers with leads below --web-base-path. The test follows every
// link and sends every form of every page, so that it covers pages added later.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openWebDoor } from "../../server/web/door.ts";
import { addAccount } from "../support/in_process.ts";
import { holdsWeb, type WebBench, WebClient } from "../support/web.ts";
import { ask, put, unescaped, viewOf } from "./pages/pages_support.ts";

const BASE = "/files-and-more";
const options = { basePath: BASE };
/** Attributes with a path of a stored file, or other text that may begin with a slash. */
const NO_ADDRESSES = new Set([
  "value",
  "title",
  "aria-label",
  "data-directory",
  "data-name",
  "placeholder",
]);

/** Fails for an address in a reply that is not below the base path. @returns addresses without it */
async function assertBelow(reply: Response, name: string): Promise<{ text: string; found: Found }> {
  const found: Found = { links: [], forms: [] };
  for (const header of ["location", "content-location"]) {
    const value = reply.headers.get(header);
    // That of tus is the virtual path of the file.
    if (value === null || (header === "content-location" && name.includes(" /tus"))) continue;
    assertMatch(value, new RegExp(`^${BASE}/`), `${header} of ${name}`);
    if (header === "location") found.links.push(value.slice(BASE.length));
  }
  for (const cookie of reply.headers.getSetCookie()) {
    assertMatch(cookie, new RegExp(`; Path=${BASE}(/|;|$)`), `cookie of ${name}`);
  }
  const text = await reply.text();
  if (!/^text\/html/.test(reply.headers.get("content-type") ?? "")) return { text, found };
  for (const [whole, attribute, escaped] of text.matchAll(/\s([a-z-]+)="([^"]*)"/g)) {
    const value = unescaped(escaped!);
    if (NO_ADDRESSES.has(attribute!)) continue;
    if (/^\/|^\d+; url=/.test(value)) {
      assertMatch(value, new RegExp(`^(\\d+; url=)?${BASE}(/|$)`), `${whole} in ${name}`);
    }
    assertEquals(/https:\/\/localhost:\d+\/(?!files-and-more\/)/.exec(value), null, name);
    if (attribute === "href" || attribute === "src") {
      if (value.startsWith("/")) found.links.push(value.slice(BASE.length));
      else assertMatch(value, /^[#?]/, `${whole} in ${name}`);
    }
  }
  found.forms.push(...formsIn(text));
  return { text, found };
}

interface Form {
  action: string;
  fields: Record<string, string>;
}

interface Found {
  links: string[];
  forms: Form[];
}

/** The forms that a page posts, each button's address with the fields as they came. */
function formsIn(text: string): Form[] {
  return [...text.matchAll(/<form[^>]*method="post"[^>]*>.*?<\/form>/gs)].flatMap(([form]) => {
    const fields: Record<string, string> = {};
    for (const [input] of form.matchAll(/<input[^>]*>/g)) {
      const name = /\sname="([^"]*)"/.exec(input)?.[1];
      if (name !== undefined) fields[name] = unescaped(/\svalue="([^"]*)"/.exec(input)?.[1] ?? "");
    }
    return [...form.matchAll(/\s(?:form)?action="([^"]*)"/g)].map(([, action]) => ({
      action: unescaped(action!).slice(BASE.length),
      fields,
    }));
  });
}

/** Follows every link and sends every form, from some pages on. @returns their addresses */
async function crawl(client: WebClient, from: readonly string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const waiting: (string | Form)[] = [...from];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const form = typeof next === "string" ? undefined : next;
    const address = typeof next === "string" ? next : next.action;
    // Queries that differ in a state or a time lead to the same pages.
    const key = `${form ? "POST" : "GET"} ${address.replace(/\?.*/, "")}`;
    if (seen.has(key) || /^POST \/sign-out/.test(key)) continue;
    seen.add(key);
    const headers = { referer: `${client.origin}${BASE}/files/` };
    const reply = await client.fetch(address, form ? { form: form.fields, headers } : {});
    assert(reply.status < 500, `${key}: ${reply.status}`);
    const { found } = await assertBelow(reply, key);
    waiting.push(...found.links, ...found.forms);
  }
  return seen;
}

/** Files, a share, an upload that is not finished, and another account. */
async function fill({ server, browser }: WebBench): Promise<WebClient> {
  await server.catalog.setLetters("alice", "rwcdt");
  await addAccount(server.vault, "bob", "rwcd");
  await put(server, "/papers/plan.txt", "content");
  await put(server, "/papers/deep/picture.png", "content");
  await put(server, "/of bob.txt", "content", "bob");
  const [alice, bob] = await Promise.all([viewOf(server), viewOf(server, "bob")]);
  await alice.sharing.share({ path: "/papers", guest: "bob", letters: "r" });
  await bob.sharing.share({ path: "/of bob.txt", guest: "alice", letters: "r" });
  const client = await browser("alice");
  const reply = await client.fetch("/tus/", {
    method: "POST",
    headers: {
      "tus-resumable": "1.0.0",
      "upload-length": "7",
      "upload-metadata": `path ${btoa("/unfinished.txt")}`,
    },
  });
  assertEquals(reply.status, 201);
  await assertBelow(reply, "POST /tus/");
  return client;
}

holdsWeb("every page, form and redirection leads below the base path", async (bench) => {
  const client = await fill(bench);
  const link = await client.fetch("/actions/link", { form: { path: "/papers", hours: "24" } });
  const { text } = await assertBelow(link, "POST /actions/link");
  const shared = unescaped(/<code class="secret[^>]*>([^<]*)</.exec(text)![1]!);
  assert(shared.startsWith(`${client.origin}${BASE}/s/`), shared);
  const locked = await client.fetch("/actions/link", {
    form: { path: "/papers/plan.txt", hours: "24", password: "a horse that is not correct" },
  });
  const unlocking = (await assertBelow(locked, "POST /actions/link")).text;
  const secret = unescaped(/<code class="secret[^>]*>([^<]*)</.exec(unlocking)![1]!);
  const visits = [shared, secret].map((url) => url.slice(`${client.origin}${BASE}`.length));

  const stranger = await bench.browser();
  const unlocked = await stranger.fetch(`${visits[1]}/unlock`, {
    form: { password: "a horse that is not correct" },
  });
  await assertBelow(unlocked, "the password of a link");
  const download = await stranger.fetch(`${visits[1]}/raw`);
  assertEquals((await assertBelow(download, "a download")).text, "content", "download");
  assertEquals([...stranger.cookies.keys()], ["__Secure-towpath-pass", "__Secure-towpath-ticket"]);

  const seen = await crawl(client, ["/", "/files", "/admin", "/details/papers", ...visits]);
  for (
    const page of [
      "GET /files/papers/deep",
      "GET /raw/papers/plan.txt",
      "GET /zip/papers",
      "GET /shares",
      "GET /account",
      "GET /admin/sessions",
      "GET /admin/accounts/bob",
      "POST /actions/mkdir",
      "POST /actions/upload",
      "POST /actions/zip",
      "POST /account/tokens",
      "POST /admin/sessions/kick",
      `GET ${visits[0]}/in/deep`,
      `POST ${visits[1]}/unlock`,
    ]
  ) assert(seen.has(page), `${page} was not reached: ${[...seen].join("\n")}`);

  const outer = await crawl(stranger, ["/", "/files/papers?a=b", "/trust", "/nothing", "/s/x"]);
  assert(outer.has("POST /sign-in"));
  const foreign = await stranger.fetch("/files/", {
    headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
  });
  const { text: between } = await assertBelow(foreign, "the page in between");
  assert(between.includes(`content="0; url=${BASE}/files/"`), between);
}, options);

holdsWeb("sign-in, sign-out and their cookie are below the base path", async ({ browser }) => {
  const client = await browser();
  const wanted = await ask(client, "/files/a?b=c");
  assertEquals(wanted.location, `${BASE}/sign-in?next=%2Ffiles%2Fa%3Fb%3Dc`);
  const form = { username: "alice", password: "correct horse", next: "/files/a?b=c" };
  const reply = await client.fetch("/sign-in", { form });
  await reply.body?.cancel();
  assertEquals(reply.headers.get("location"), `${BASE}/files/a?b=c`);
  assertMatch(
    reply.headers.get("set-cookie")!,
    /^__Secure-towpath=[^;]+; Path=\/files-and-more; HttpOnly; Secure; SameSite=Strict$/,
  );
  await client.page("/account");
  const out = await client.fetch("/sign-out", { form: {} });
  await out.body?.cancel();
  assertEquals(out.headers.get("location"), `${BASE}/sign-in`);
  assertMatch(out.headers.get("set-cookie")!, /Max-Age=0; Path=\/files-and-more;/);
  assertEquals(client.cookies.size, 0);
}, options);

holdsWeb("API, tus, health and metrics are below the base path", async ({ alice, server }) => {
  const put = await alice.fetch("/api/v1/files/a.txt", { method: "PUT", body: "content" });
  await assertBelow(put, "PUT /api/v1/files/a.txt");
  assertEquals(put.headers.get("content-location"), `${BASE}/api/v1/files/a.txt`);
  const description = await alice.fetch("/api/v1/openapi.json");
  assertEquals((await description.json()).servers, [{ url: `${BASE}/api/v1` }]);
  assertMatch(await alice.page("/healthz"), /^ok\n/);
  const metrics = await (await alice.fetch("/metrics")).text();
  assert(metrics.includes("towpath_sessions"), metrics);
  const created = await alice.fetch("/tus/", {
    method: "POST",
    headers: {
      "tus-resumable": "1.0.0",
      "upload-length": "7",
      "upload-metadata": `path ${btoa("/b.txt")}`,
    },
  });
  await created.body?.cancel();
  const location = created.headers.get("location")!;
  const patched = await alice.fetch(location.slice(BASE.length), {
    method: "PATCH",
    headers: {
      "tus-resumable": "1.0.0",
      "upload-offset": "0",
      "content-type": "application/offset+octet-stream",
    },
    body: "content",
  });
  await patched.body?.cancel();
  assertEquals(patched.status, 204);
  const shown = await alice.fetch(location.slice(BASE.length));
  await assertBelow(shown, `GET ${location}`);
  assertEquals(await (await viewOf(server)).tree.describe("/b.txt").then(({ size }) => size), 7);
}, options);

holdsWeb("an address outside the base path is answered by nothing but a refusal", async (bench) => {
  const { server, web } = bench;
  const outside = new WebClient(web.port, server.caText);
  try {
    for (const path of ["/", "/files-and-morex/", "/FILES-AND-MORE/", "/healthz", "/sign-in"]) {
      const reply = await outside.fetch(path);
      const { text } = await assertBelow(reply, path);
      assertEquals(reply.status, 404, path);
      assert(text.includes("/files-and-more/"), text);
      assertMatch(reply.headers.get("content-security-policy")!, /default-src 'none'/);
    }
    const program = await outside.fetch("/api/v1/account");
    assertEquals(program.headers.get("content-type"), "application/problem+json");
    assertEquals((await program.json()).kind, "no-route");
    const bare = await outside.fetch("/files-and-more");
    await bare.body?.cancel();
    assertEquals(bare.headers.get("location"), `${BASE}/sign-in?next=%2F`);
  } finally {
    outside.close();
  }
}, options);

holdsWeb("the access log has whole paths, without the secrets of links", async ({ server }) => {
  const lines: string[] = [];
  const web = await openWebDoor(
    { ...server.doorOptions, accessLog: (line) => lines.push(line) },
    { corsOrigins: [], basePath: BASE },
  );
  const client = new WebClient(web.port, server.caText);
  try {
    for (
      const path of [`${BASE}/sign-in`, `${BASE}/s/secret`, "/s/secret", "/other/s/secret/raw"]
    ) {
      await (await client.fetch(path)).body?.cancel();
    }
    const paths = lines.map((line) => JSON.parse(line).path);
    assertEquals(paths, [`${BASE}/sign-in`, `${BASE}/s/…`, "/s/…", "/other/s/…/raw"]);
  } finally {
    client.close();
    await web.close(0);
  }
}, options);

holdsWeb(
  "a health check of a proxy that ends TLS needs no forwarding fields",
  async ({ server }) => {
    const door = { ...server.doorOptions, trustsProxy: () => true };
    const web = await openWebDoor(door, { corsOrigins: [], isPlain: true, basePath: BASE });
    try {
      const ask = async (path: string) => {
        const reply = await fetch(`http://127.0.0.1:${web.port}${path}`);
        await reply.body?.cancel();
        return reply.status;
      };
      assertEquals(await ask(`${BASE}/healthz`), 200);
      assertEquals(await ask(`${BASE}/sign-in`), 400);
      assertEquals(await ask("/sign-in"), 400);
    } finally {
      await web.close(0);
    }
  },
  options,
);
