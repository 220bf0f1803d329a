/** Public links, as their owner makes them and a stranger opens them. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb, type WebClient } from "../../support/web.ts";
import { ask, done, put, unescaped, viewOf } from "./pages_support.ts";

/** Makes a link by the form; its path. */
async function makeLink(client: WebClient, form: Record<string, string>): Promise<string> {
  const { status, text } = await ask(client, "/actions/link", { form });
  assertEquals(status, 201, text);
  const address = unescaped(/<code class="secret">([^<]*)</.exec(text)![1]!);
  assertStrictEquals(new URL(address).origin, client.origin);
  return new URL(address).pathname;
}

holdsWeb("a visitor with a link sees the file's details, and downloads it", async (bench) => {
  const { server, alice, browser } = bench;
  await put(server, "/private/report <1>.txt", "content");
  await alice.page("/files/");
  const link = await makeLink(alice, { path: "/private/report <1>.txt", label: "for <b>you" });
  const stranger = await browser();
  const page = await stranger.page(link);
  assertMatch(page, /report &lt;1&gt;\.txt/);
  assertMatch(page, /for &lt;b&gt;you/);
  assertMatch(page, /ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73/);
  assertNotMatch(page, /private|Sign out/);
  const { status, headers, text } = await ask(stranger, `${link}/raw`);
  assertEquals([status, text], [200, "content"]);
  assertMatch(headers.get("content-disposition")!, /^attachment; filename="report <1>\.txt"/);
  assertMatch(headers.get("content-security-policy")!, /^sandbox;/);
  for (const path of ["/s/x", `${link}x`, `${link}/in/x`, "/files/", "/raw/private/report"]) {
    assert([303, 404, 409].includes((await ask(stranger, path)).status), path);
  }
  assertMatch(await alice.page("/files/private"), /<span class="badge on">link<\/span>/);
  const shown = await alice.page("/shares");
  assertMatch(shown, /1 download</);
  assertNotMatch(shown, new RegExp(link.slice(3)));
});

holdsWeb("a link's downloads are counted; a part that follows is none", async (bench) => {
  const { server, alice, browser } = bench;
  await put(server, "/a.txt", "0123456789");
  await alice.page("/files/");
  const link = await makeLink(alice, { path: "/a.txt", most: "2" });
  const one = await browser();
  assertMatch(await one.page(link), /2 downloads left/);
  const get = (client: WebClient, range?: string, method = "GET") =>
    ask(client, `${link}/raw`, { method, headers: range === undefined ? {} : { range } });
  assertEquals((await get(one, undefined, "HEAD")).status, 200);
  assertEquals((await get(one, "bytes=0-4")).text, "01234");
  assertEquals((await get(one, "bytes=5-")).text, "56789");
  assertMatch(await one.page(link), /1 download left/);
  const others = await Promise.all(Array.from({ length: 6 }, () => browser()));
  const raced = await Promise.all(others.map((other) => get(other)));
  assertEquals(raced.filter(({ status }) => status === 200).length, 1);
  assertEquals(raced.filter(({ status }) => status === 404).length, 5);
  assertMatch(await one.page(link), /used up/);
  assertEquals((await get(one, "bytes=5-")).text, "56789");
  assertEquals((await get(one)).status, 404);
  const ifRange = { range: "bytes=5-", "if-range": '"other"' };
  assertEquals((await ask(one, `${link}/raw`, { headers: ifRange })).status, 404);
});

holdsWeb("a link with a password reveals nothing before it", async ({ server, alice, browser }) => {
  await put(server, "/d/secret name.txt", "a");
  await alice.page("/files/");
  const link = await makeLink(alice, { path: "/d", password: "open sesame" });
  const one = await browser();
  const locked = await one.page(link);
  assertMatch(locked, /A password is needed/);
  assertNotMatch(locked, /secret name/);
  for (const path of ["/raw/secret%20name.txt", "/zip/"]) {
    assertStrictEquals((await ask(one, link + path)).location, link);
  }
  const wrong = await ask(one, `${link}/unlock`, { form: { password: "wrong password" } });
  assertEquals(wrong.status, 403);
  assertMatch(wrong.text, /The password is wrong/);
  assertMatch(await one.page(link), /A password is needed/);
  assertStrictEquals(await done(one, `${link}/unlock`, { password: "open sesame" }), link);
  assertMatch(await one.page(link), /secret name/);
  assertEquals((await ask(one, `${link}/raw/secret%20name.txt`)).text, "a");
  assertMatch(await (await browser()).page(link), /A password is needed/);
  const short = await ask(alice, "/actions/link", { form: { path: "/d", password: "short" } });
  assertEquals(short.status, 400);
});

holdsWeb("guesses at a link's password are slowed down", async ({ server, alice, browser }) => {
  await put(server, "/a.txt", "a");
  await alice.page("/files/");
  const link = await makeLink(alice, { path: "/a.txt", password: "open sesame" });
  const one = await browser();
  const statuses = [];
  for (let i = 0; i < 12; i++) {
    const form = { password: `guess number ${i}` };
    statuses.push((await ask(one, `${link}/unlock`, { form })).status);
  }
  assertEquals(statuses.slice(0, 11), Array(11).fill(403));
  assertEquals(statuses[11], 429);
});

holdsWeb("a directory's link lists and packs its entries, and nothing else", async (bench) => {
  const { server, alice, browser } = bench;
  await put(server, "/d/in/a.txt", "a");
  await put(server, "/d/b.txt", "b");
  await put(server, "/beside.txt", "c");
  await alice.page("/files/");
  const link = await makeLink(alice, { path: "/d", most: "3" });
  const one = await browser();
  assertMatch(await one.page(link), /b\.txt/);
  assertMatch(await one.page(`${link}/in/in`), /a\.txt/);
  assertEquals((await ask(one, `${link}/raw/in/a.txt`)).text, "a");
  for (const path of ["/raw/..%2fbeside.txt", "/in/..%2f", "/raw/%2e%2e/beside.txt", "/raw/none"]) {
    const { status, text } = await ask(one, link + path);
    assert([400, 403, 404].includes(status), `${path}: ${status}`);
    assertNotMatch(text, /^c$/);
  }
  const zip = await one.fetch(`${link}/zip/`);
  const archive = new TextDecoder("latin1").decode(await zip.arrayBuffer());
  assert(archive.includes("in/a.txt") && !archive.includes("beside"));
  const [made] = await (await viewOf(server)).links.list();
  assertEquals(made!.downloads, 2);
});

holdsWeb(
  "a link ends with its file, and follows its renames",
  async ({ server, alice, browser }) => {
    await put(server, "/a.txt", "a");
    await put(server, "/b.txt", "b");
    await alice.page("/files/");
    const one = await browser();
    const link = await makeLink(alice, { path: "/a.txt", pinned: "yes" });
    const revoked = await makeLink(alice, { path: "/b.txt", label: "revoked" });
    await done(alice, "/actions/rename", { path: "/a.txt", name: "c.txt" });
    assertMatch(await one.page(link), /c\.txt/);
    await put(server, "/c.txt", "changed");
    const changed = await ask(one, link);
    assertEquals(changed.status, 412);
    assertMatch(changed.text, /changed since the link was made/);
    assertEquals((await ask(one, `${link}/raw`)).status, 412);
    const view = await viewOf(server);
    const id = (await view.links.list("/b.txt"))[0]!.id;
    await done(alice, "/actions/unlink", { id, path: "/b.txt", back: "shares" });
    assertEquals((await ask(one, revoked)).status, 404);
    await view.tree.remove("/c.txt");
    assertEquals((await ask(one, link)).status, 404);
    assertEquals(
      (await ask(alice, "/actions/unlink", { form: { id, path: "/b.txt" } })).status,
      404,
    );
  },
);

holdsWeb("shares are made, shown to both sides, and ended", async ({ server, alice, browser }) => {
  await addAccount(server.vault, "bob");
  await put(server, "/d/a.txt", "a");
  await alice.page("/files/");
  const form = { path: "/d", guest: "bob", letter: "r", hours: "24" };
  assertMatch(await done(alice, "/actions/share", form), /did=shared/);
  const bob = await browser("bob");
  assertMatch(await bob.page("/shares"), /href="\/files\/shared\/alice\/d"/);
  assertMatch(await bob.page("/files/shared/alice/d"), /a\.txt/);
  const page = await alice.page("/details/d");
  assertMatch(page, /<strong>bob<\/strong>: <span>read<\/span>, until/);
  assertNotMatch(await bob.page("/details/shared/alice/d"), /Create a public link/);
  const theirs = { path: "/shared/alice/d" };
  assertEquals((await ask(bob, "/actions/link", { form: theirs })).status, 403);
  await done(alice, "/actions/unshare", { path: "/d", guest: "bob", back: "shares" });
  assertEquals((await ask(bob, "/files/shared/alice/d")).status, 404);
  for (
    const [guest, letter, status] of [["nobody", "r", 404], ["bob", "", 400], ["bob", "t", 403]]
  ) {
    const wrong = { path: "/d", guest: String(guest), letter: String(letter) };
    assertStrictEquals((await ask(alice, "/actions/share", { form: wrong })).status, status);
  }
});

holdsWeb(
  "a link gives out files with any characters in their names",
  async ({ server, alice, browser }) => {
    const names = ["a;b.txt", "a,b.txt", "a b.txt", "a=b&c.txt", "é.txt", "a#b?c%2f.txt"];
    for (const name of names) await put(server, `/box/${name}`, name);
    await alice.page("/files/");
    const link = await makeLink(alice, { path: "/box" });
    const stranger = await browser();
    for (const name of names) {
      // As a page writes it, and as people type it.
      const typed = name.replace(/[%#?]/g, encodeURIComponent);
      for (const written of [encodeURIComponent(name), encodeURI(typed).replaceAll("%25", "%")]) {
        const { status, text } = await ask(stranger, `${link}/raw/${written}`);
        assertEquals([status, text], [200, name], written);
      }
    }
  },
);

holdsWeb(
  "a term that is none of those offered makes nothing, least of all without end",
  async (bench) => {
    const { server, alice } = bench;
    await put(server, "/a.txt", "a");
    await alice.page("/files/");
    for (const hours of ["-1", "x", "", "1e9", "0.5", "24 ", "00"]) {
      for (
        const [path, form] of [
          ["/actions/link", { path: "/a.txt" }],
          ["/actions/share", { path: "/a.txt", guest: "*", letter: "r" }],
          ["/account/tokens", { label: "", letter: "r", path: "/" }],
        ] as const
      ) {
        const { status } = await ask(alice, path, { form: { ...form, hours } });
        assertEquals(status, 400, `${path} "${hours}"`);
      }
    }
    const view = await viewOf(server);
    assertEquals(await view.links.list(), []);
    assertEquals(await Array.fromAsync(view.sharing.sharedByMe()), []);
    assertEquals(await view.tokens.list(), []);
  },
);
