/** The own account and administration, by pages and forms. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { addAccount, PASSWORD } from "../../support/in_process.ts";
import { holdsWeb } from "../../support/web.ts";
import { ask, done, put, viewOf } from "./pages_support.ts";
import { catalogOf, uploadsIn } from "../../support/vault.ts";
import { ALL } from "../../support/pages.ts";

const NEW = "battery staple";

holdsWeb("the current password is required to change it", async ({ server, alice, browser }) => {
  const other = await browser("alice");
  const { secret } = await (await viewOf(server)).tokens.make({});
  await alice.page("/account");
  const change = (old: string, next: string, again = next) =>
    ask(alice, "/account/password", { form: { old, new: next, again } });
  assertMatch((await change("wrong one", NEW)).text, /The user name or password is wrong/);
  assertMatch((await change(PASSWORD, NEW, "another")).text, /not typed the same twice/);
  assertEquals((await change(PASSWORD, "short")).status, 400);
  const changed = await change(PASSWORD, NEW);
  assertEquals(changed.location, "/account?did=password-1");
  assertMatch(await alice.page("/account"), /Change the password/);
  assertEquals((await ask(other, "/account")).location?.startsWith("/sign-in"), true);
  assertEquals((await server.catalog.tokens.of("alice", ALL)).length, 0);
  assert(secret);
});

holdsWeb("tokens are made, shown once, and revoked", async ({ server, alice }) => {
  await alice.page("/account");
  const form = { label: "for <b>", letter: "w", path: "/backup", hours: "24" };
  const made = await ask(alice, "/account/tokens", { form });
  assertEquals(made.status, 201);
  const secret = /<code class="secret">(towpath_[\w-]+)</.exec(made.text)![1]!;
  const page = await alice.page("/account");
  assertMatch(page, /for &lt;b&gt;/);
  assertEquals(page.includes(secret), false);
  const [token] = await server.catalog.tokens.of("alice", ALL);
  assertEquals([token!.letters, token!.path], ["w", "/backup"]);
  await done(alice, "/account/tokens/revoke", { id: token!.id });
  assertEquals(
    (await ask(alice, "/account/tokens/revoke", { form: { id: token!.id } })).status,
    404,
  );
  const beyond = { label: "", letter: "t", path: "/" };
  assertEquals((await ask(alice, "/account/tokens", { form: beyond })).status, 403);
});

holdsWeb("other browsers are seen and signed out, never those of others", async (bench) => {
  const { server, alice, browser } = bench;
  await addAccount(server.vault, "bob");
  const [other, bob] = [await browser("alice"), await browser("bob")];
  const page = await alice.page("/account");
  const found = [
    ...page.matchAll(/action="\/account\/browsers\/end".*?name="id" value="([^"]*)"/gs),
  ];
  assertEquals(found.length, 1);
  const id = found[0]![1]!;
  await bob.page("/account");
  assertEquals((await ask(bob, "/account/browsers/end", { form: { id } })).status, 404);
  assertEquals((await ask(other, "/account")).status, 200);
  await done(alice, "/account/browsers/end", { id });
  assertEquals((await ask(other, "/account")).status, 303);
  assertEquals((await ask(alice, "/account")).status, 200);
});

const ADMIN_PAGES = [
  ...["sessions", "accounts", "accounts/alice", "limits", "uploads", "logs", "health"],
];
const ADMIN_FORMS: [string, Record<string, string>][] = [
  ["sessions/kick", { id: "x" }],
  ["uploads/drop", { id: "x" }],
  ["limits", { of: "bob", requests: "5" }],
  ["limits/ban", { network: "192.0.2.1" }],
  ["limits/unban", { network: "192.0.2.1" }],
  ["accounts", { name: "new", password: PASSWORD }],
  ["accounts/bob/letters", { letter: "r" }],
  ["accounts/bob/quota", { quota: "1" }],
  ["accounts/bob/password", { password: NEW }],
  ["accounts/bob/remove", { confirm: "bob" }],
];

holdsWeb("without the letter t nothing is administered, nor seen of it", async (bench) => {
  const { server, alice } = bench;
  await addAccount(server.vault, "bob");
  assertNotMatch(await alice.page("/files/"), /Administration/);
  for (const path of ADMIN_PAGES) {
    const { status, text } = await ask(alice, `/admin/${path}`);
    assertEquals(status, 403, path);
    assertNotMatch(text, /bob/, path);
  }
  for (const [path, form] of ADMIN_FORMS) {
    assertEquals((await ask(alice, `/admin/${path}`, { form })).status, 403, path);
  }
  const bob = (await server.catalog.account("bob"))!;
  assertEquals([bob.letters, bob.quotaBytes, bob.generation], ["rwcd", null, 1]);
});

holdsWeb("a visitor who is signed out is sent to sign in, from every page", async ({ browser }) => {
  const stranger = await browser();
  const pages = ["/", "/files/", "/details/x", "/raw/x", "/zip/", "/shares", "/account", "/why/x"];
  for (const path of [...pages, ...ADMIN_PAGES.map((page) => `/admin/${page}`)]) {
    const { status, location } = await ask(stranger, path);
    assertEquals(status, 303, path);
    assertEquals(location, `/sign-in?next=${encodeURIComponent(path)}`);
  }
  const forms: [string, Record<string, string>][] = [
    ["/actions/delete", { directory: "/", name: "x", confirmed: "yes" }],
    ["/actions/share", { path: "/x" }],
    ["/account/tokens", {}],
    ...ADMIN_FORMS.map((
      [path, form],
    ): [string, Record<string, string>] => [`/admin/${path}`, form]),
  ];
  for (const [path, form] of forms) {
    assertEquals((await ask(stranger, path, { form })).status, 401, path);
  }
});

holdsWeb("limits and bans are set on their page", async ({ server, browser }) => {
  await addAccount(server.vault, "root", "rwcdt");
  const root = await browser("root");
  const { policy } = server.catalog;
  assertMatch(await root.page("/admin/limits"), /No account and no network has limits/);
  const form = { "rate-up": "2M", requests: "300", doors: "web, api", "deny-ip": "192.0.2.0/24" };
  await done(root, "/admin/limits", { of: "alice", ...form });
  assertEquals(await policy.limitsOf("alice"), {
    rateUp: 2 * 1024 ** 2,
    requests: 300,
    doors: ["web", "api"],
    denied: [{ address: "192.0.2.0", prefixLength: 24 }],
  });
  const page = await root.page("/admin/limits?of=alice");
  for (const value of ["2M", "300", "web,api", "192.0.2.0/24"]) {
    assertMatch(page, new RegExp(`value="${value}"`));
  }
  await done(root, "/admin/limits", { of: "any", connections: "none" });
  assertMatch(await root.page("/admin/limits"), /<a href="\/admin\/limits\?of=any">any<\/a>/);
  const wrongs: [Record<string, string>, number, RegExp][] = [
    [{ of: "alice", requests: "0" }, 400, /It must be .*integer from 1/],
    [{ of: "any", "allow-ip": "192.0.2.1" }, 400, /Only an account has this limit/],
    [{ of: "missing", requests: "5" }, 404, /no account/i],
  ];
  for (const [wrong, status, text] of wrongs) {
    const reply = await ask(root, "/admin/limits", { form: wrong });
    assertEquals(reply.status, status);
    assertMatch(reply.text, text);
  }
  await done(root, "/admin/limits", { of: "alice" }); // nothing of its own any more
  assertEquals(await policy.limitsOf("alice"), {});
  const ban = { network: "203.0.113.0/24", for: "1d", reason: "guessing" };
  assertEquals((await ask(root, "/admin/limits/ban", { form: { ...ban, for: "x" } })).status, 400);
  await done(root, "/admin/limits/ban", ban);
  const listed = await root.page("/admin/limits");
  assertMatch(listed, /203\.0\.113\.0\/24/);
  assertMatch(listed, /guessing, /);
  await done(root, "/admin/limits/unban", { network: ban.network });
  assertMatch(await root.page("/admin/limits"), /Nothing is banned/);
});

holdsWeb("accounts are made, changed and removed", async ({ server, browser }) => {
  await addAccount(server.vault, "root", "rwcdt");
  const root = await browser("root");
  await root.page("/admin/accounts");
  const made = { name: "carol", password: PASSWORD, letter: "r", quota: "1.5 GiB" };
  assertEquals(await done(root, "/admin/accounts", made), "/admin/accounts/carol?did=account-1");
  assertEquals((await ask(root, "/admin/accounts", { form: made })).status, 409);
  const carol = async () => (await server.catalog.account("carol"))!;
  assertEquals([(await carol()).letters, (await carol()).quotaBytes], ["r", 1.5 * 1024 ** 3]);
  await done(root, "/admin/accounts/carol/letters", { letter: "w" });
  await done(root, "/admin/accounts/carol/quota", { quota: "" });
  assertEquals([(await carol()).letters, (await carol()).quotaBytes], ["w", null]);
  for (const quota of ["many", "-1", "1 XB", "1e9", "1 GB"]) {
    const wrong = await ask(root, "/admin/accounts/carol/quota", { form: { quota } });
    assertEquals(wrong.status, 400, quota);
  }
  await done(root, "/admin/accounts/carol/password", { password: NEW });
  const signIn = await browser();
  await signIn.signIn("carol", NEW).catch(() => {}); // may list nothing: letter w only
  assertEquals(signIn.cookies.size, 1);
  assertMatch(await root.page("/admin/accounts"), /href="\/admin\/accounts\/carol"/);
  const unsure = await ask(root, "/admin/accounts/carol/remove", { form: { confirm: "caro" } });
  assertEquals(unsure.status, 400);
  await done(root, "/admin/accounts/carol/remove", { confirm: "carol", keep: "yes" });
  assertEquals(await server.catalog.account("carol"), undefined);
  assertEquals((await ask(root, "/admin/accounts/carol")).status, 404);
  const last = await ask(root, "/admin/accounts/root/remove", { form: { confirm: "root" } });
  assertEquals(last.status, 403);
});

holdsWeb(
  "sessions are shown with their transfers, and ended",
  async ({ server, alice, browser }) => {
    await addAccount(server.vault, "root", "rwcdt");
    const root = await browser("root");
    const view = await viewOf(server);
    let ended = "";
    const bob = server.vault.enter(
      { ...view.principal, sessionId: "native-1", address: "192.0.2.99" },
      (why) => ended = why.message,
    );
    const opening = await bob.transfers.upload({ path: "/<film>.mkv", sizeBytes: 1000 });
    assert("upload" in opening);
    await opening.upload.write(new Uint8Array(400));
    const page = await root.page("/admin/sessions");
    assertMatch(page, /192\.0\.2\.99/);
    assertMatch(page, /&lt;film&gt;\.mkv/);
    assertMatch(page, /400 B of 1000 B/);
    await done(root, "/admin/sessions/kick", { id: "native-1" });
    assertMatch(ended, /An administrator ended it/);
    assertEquals(
      (await ask(root, "/admin/sessions/kick", { form: { id: "native-1" } })).status,
      404,
    );
    const own = (await catalogOf(server.vault).account("alice"))!.generation;
    assertEquals(own, 1);
    assertEquals((await ask(alice, "/account")).status, 200);
  },
);

holdsWeb("a visitor of a link is shown while he downloads, and can be ended", async (bench) => {
  const { server, browser } = bench;
  await addAccount(server.vault, "root", "rwcdt");
  await put(server, "/large.bin", "x".repeat(30_000_000));
  const { secret } = await (await viewOf(server)).links.make({ path: "/large.bin" });
  const reply = await (await browser()).fetch(`/s/${secret}/raw`);
  const reader = reply.body!.getReader();
  await reader.read();
  const root = await browser("root");
  const page = await root.page("/admin/sessions");
  const row = page.split("<tr>").find((text) => text.includes("visitor of a link"))!;
  assertMatch(row, /\/large\.bin/);
  const id = /name="id" value="([^"]*)"/.exec(row)![1]!;
  await done(root, "/admin/sessions/kick", { id });
  await assertRejects(async () => {
    while (!(await reader.read()).done);
  });
  assertNotMatch(await root.page("/admin/sessions"), /visitor of a link/);
});

holdsWeb("unfinished uploads of all are shown and dropped", async ({ server, browser }) => {
  await addAccount(server.vault, "root", "rwcdt");
  const root = await browser("root");
  assertMatch(await root.page("/admin/uploads"), /There are none/);
  const opening = await (await viewOf(server)).transfers.upload({ path: "/a <b>", sizeBytes: 10 });
  assert("upload" in opening);
  await opening.upload.suspend();
  const page = await root.page("/admin/uploads");
  assertMatch(page, /\/a &lt;b&gt;/);
  await done(root, "/admin/uploads/drop", { id: opening.upload.id });
  assertEquals(await uploadsIn(server.engine), []);
});

holdsWeb("logs are filtered, searched, and shown as text", async ({ server, browser }) => {
  await addAccount(server.vault, "root", "rwcdt");
  const root = await browser("root");
  await Deno.mkdir(`${server.data}/logs`);
  const line = (level: string, more: string) => `{"level":"${level}","what":"${more}"}\n`;
  await Deno.writeTextFile(
    `${server.data}/logs/audit.log`,
    line("info", "one") + line("warning", "<script>two") + line("info", "three"),
  );
  const log = async (query = "") =>
    /<pre [^>]*id="log"[^>]*>(.*?)<\/pre>|<pre [^>]*>(.*?)<\/pre>/s
      .exec(await root.page(`/admin/logs${query}`))![0];
  assertMatch(await log(), /one.*&lt;script&gt;two.*three/s);
  assertNotMatch(await log("?level=warning"), /one|three/);
  assertMatch(await log("?contains=three"), /three/);
  assertNotMatch(await log("?contains=three"), /one/);
  assertMatch(await log("?name=server"), /No line of it matches/);
  assertMatch(await root.page("/admin/logs?name=server&level=x&lines=x"), /The server log/);
  assertMatch(
    await root.page("/admin/logs?contains=a%26b"),
    /data-live="\/admin\/logs\?name=audit&amp;contains=a%26b&amp;lines=200"/,
  );
});

holdsWeb("health shows the server's records", async ({ server, browser }) => {
  await addAccount(server.vault, "root", "rwcdt");
  await put(server, "/a", "12345");
  const page = await (await browser("root")).page("/admin/health");
  assertMatch(page, /<dt>Accounts<\/dt><dd><a [^>]*>2 accounts<\/a><\/dd>/);
  assertMatch(page, /5 B in files, 0 B reserved/);
  assertMatch(page, /Everything works/);
  assertMatch(page, /Nothing was left half done/);
});
