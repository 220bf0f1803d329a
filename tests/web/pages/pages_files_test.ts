/** Files by pages and forms, without a script. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb, holdsWebOnDisk } from "../../support/web.ts";
import { ask, done, namesIn, put, rowsOf, viewOf } from "./pages_support.ts";

holdsWeb("a directory is shown sorted, filtered and in pages", async ({ server, alice }) => {
  for (const [name, content] of [["b.txt", "22"], ["A.txt", "333"], ["c.md", "1"]]) {
    await put(server, `/d/${name}`, content!);
  }
  await (await viewOf(server)).tree.makeDirectory("/d/z");
  const rows = async (query: string) => rowsOf(await alice.page(`/files/d${query}`));
  assertEquals(await rows(""), ["z", "A.txt", "b.txt", "c.md"]);
  assertEquals(await rows("?order=desc"), ["z", "c.md", "b.txt", "A.txt"]);
  assertEquals(await rows("?sort=size&order=desc"), ["z", "A.txt", "b.txt", "c.md"]);
  assertEquals(await rows("?filter=TXT"), ["A.txt", "b.txt"]);
  const page = await alice.page("/files/d?sort=size");
  assertMatch(page, /<th [^>]*class="size number" aria-sort="ascending"/);
  assertMatch(await alice.page("/files/d?filter=nothing"), /No name in this folder contains/);
  assertEquals((await ask(alice, "/files/d/b.txt")).location, "/details/d/b.txt");
  assertEquals((await ask(alice, "/files/none")).status, 404);
  assertEquals((await ask(alice, "/files/d?cursor=x")).status, 400);
});

holdsWebOnDisk("a page shows 200 entries of however many there are", async ({ server, alice }) => {
  const directory = `${server.data}/users/a/alice/files/many`;
  await Deno.mkdir(directory);
  for (let i = 0; i < 450; i++) {
    Deno.writeTextFileSync(`${directory}/${String(i).padStart(4, "0")}`, "");
  }
  let [path, page] = ["/files/many", ""];
  const seen: string[] = [];
  for (const count of [200, 200, 50]) {
    page = await alice.page(path);
    assertEquals(rowsOf(page).length, count);
    seen.push(...rowsOf(page));
    path = (/href="([^"]*)" rel="next"/.exec(page)?.[1] ?? "").replaceAll("&amp;", "&");
  }
  assertEquals(path, "");
  assertEquals(new Set(seen).size, 450);
  assertMatch(page, /401–450 of 450 entries/);
  const previous = /href="([^"]*)" rel="prev"/.exec(page)![1]!.replaceAll("&amp;", "&");
  assertEquals(rowsOf(await alice.page(previous))[0], "0200");
});

holdsWeb("folders are made, names changed", async ({ server, alice }) => {
  await put(server, "/a.txt", "a");
  await put(server, "/b.txt", "b");
  await alice.page("/files/");
  const at = await done(alice, "/actions/mkdir", { directory: "/", name: "new" });
  assertMatch(await alice.page(at), /<p class="toast">The folder was created/);
  const tooLong = "x".repeat(256);
  for (const name of ["", "x/y", ".", "..", "...", "a\u0000b", tooLong]) {
    const form = { directory: "/new", name };
    const { status, text } = await ask(alice, "/actions/mkdir", { form });
    assertEquals(status, 400, name);
    if (/^\.+$/.test(name)) assertMatch(text, /consists of dots only/);
    assertMatch(text, new RegExp(`name="name" value="${RegExp.escape(name)}"`)); // nothing is cut
  }
  const renamed = await done(alice, "/actions/rename", { path: "/a.txt", name: "ä & <b>.txt" });
  assertMatch(await alice.page(renamed), /ä &amp; &lt;b&gt;\.txt/);
  const taken = { path: "/b.txt", name: "ä & <b>.txt" };
  assertEquals((await ask(alice, "/actions/rename", { form: taken })).status, 409);
  assertEquals(await namesIn(server), ["b.txt", "new", "ä & <b>.txt"]);
});

holdsWeb("nothing is deleted before it was asked for twice", async ({ server, alice }) => {
  await put(server, "/d/in/a.txt", "a");
  await put(server, "/b.txt", "b");
  await alice.page("/files/");
  const body = `directory=/&name=d&name=b.txt&csrf=${alice.csrfToken}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const post = (more = "") =>
    ask(alice, "/actions/delete", { method: "POST", headers, body: body + more, csrf: false });
  const asked = await post();
  assertEquals(asked.status, 200);
  assertMatch(asked.text, /Delete 2 entries\?/);
  assertMatch(asked.text, /A folder is deleted with everything in it/);
  assertEquals(await namesIn(server), ["b.txt", "d"]);
  const { status, location } = await post("&confirmed=yes");
  assertEquals([status, location], [303, "/files/?did=deleted-2"]);
  assertEquals(await namesIn(server), []);
  const again = await post("&confirmed=yes");
  assertEquals(again.status, 404);
  assertMatch(again.text, /2 were not/);
});

holdsWeb("entries are moved and copied to where the form says", async ({ server, alice }) => {
  await put(server, "/a.txt", "a");
  await put(server, "/d/b.txt", "b");
  await alice.page("/files/");
  const chosen = { directory: "/", name: "a.txt" };
  const form = (await ask(alice, "/actions/move", { form: chosen })).text;
  assertMatch(form, /<option value="\/d">/);
  assertEquals(await done(alice, "/actions/copy", { ...chosen, to: "d" }), "/files/d?did=copied-1");
  assertEquals(await done(alice, "/actions/move", { ...chosen, to: "/d" }).catch(() => ""), "");
  assertEquals(await namesIn(server, "/d"), ["a.txt", "b.txt"]);
  await done(alice, "/actions/copy", { ...chosen, to: "/d" });
  assertEquals(await namesIn(server, "/d"), ["a.txt", "a_v2.txt", "b.txt"]);
  await done(alice, "/actions/move", { directory: "/d", name: "b.txt", to: "/" });
  assertEquals(await namesIn(server), ["a.txt", "b.txt", "d"]);
  for (const to of ["/a.txt", "/none", "/../x"]) {
    const { status } = await ask(alice, "/actions/move", {
      form: { directory: "/d", name: "a.txt", to },
    });
    assert(status >= 400, `${to}: ${status}`);
  }
  const climbing = await ask(alice, "/actions/copy", {
    form: { directory: "/d", name: "../../x", to: "/" },
  });
  assertEquals(climbing.status, 403);
});

holdsWeb(
  "details show size, checksum, versions, and why access is allowed",
  async ({ server, alice }) => {
    await put(server, "/report.txt", "first");
    await alice.page("/files/");
    const view = await viewOf(server);
    const opening = await view.transfers.upload({ path: "/report.txt" });
    assert("upload" in opening);
    await opening.upload.write(new TextEncoder().encode("second"));
    await opening.upload.finish();
    const page = await alice.page("/details/report_v2.txt");
    assertMatch(page, /16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4/);
    assertMatch(page, /<pre[^>]*>second<\/pre>/);
    assertMatch(page, /href="\/details\/report\.txt"/);
    assertMatch(page, /the account alice has the permission r/);
    assertMatch(await alice.page("/why/shared/x"), /nothing is shared at/);
    assertMatch(await alice.page("/details/"), /Folder/);
  },
);

holdsWeb("a letter that is missing takes its actions away, and denies them", async (bench) => {
  const { server, browser } = bench;
  await addAccount(server.vault, "reader");
  await put(server, "/a.txt", "a", "reader");
  await server.catalog.setLetters("reader", "r");
  const reader = await browser("reader");
  const page = await reader.page("/files/");
  for (const gone of [/Delete…/, /Move…/, /New folder/, /data-upload-form/]) {
    assertNotMatch(page, gone);
  }
  const forms: [string, Record<string, string>][] = [
    ["/actions/mkdir", { directory: "/", name: "x" }],
    ["/actions/rename", { path: "/a.txt", name: "x" }],
    ["/actions/delete", { directory: "/", name: "a.txt", confirmed: "yes" }],
    ["/actions/move", { directory: "/", name: "a.txt", to: "/" }],
    ["/actions/copy", { directory: "/", name: "a.txt", to: "/" }],
  ];
  for (const [path, form] of forms) {
    assertEquals((await ask(reader, path, { form })).status, 403, path);
  }
  const reported = await ask(reader, "/actions/mkdir", {
    form: { directory: "/", name: "x" },
    headers: { referer: `${reader.origin}/files/d` },
  });
  assertMatch(reported.text, /href="\/why\/d"/);
  const body = new FormData();
  body.set("file", new File(["x"], "x.txt"));
  const upload = `/actions/upload?directory=/&csrf=${reader.csrfToken}`;
  assertEquals((await ask(reader, upload, { method: "POST", body })).status, 403);
  assertEquals(await namesIn(server, "/", "reader"), ["a.txt"]);

  await server.catalog.setLetters("reader", "w");
  for (const path of ["/files/", "/details/a.txt", "/raw/a.txt", "/zip/"]) {
    assertEquals((await ask(reader, path)).status, 403, path);
  }
  assertMatch((await ask(reader, "/raw/a.txt")).text, /href="\/why\/a\.txt"/);
});

holdsWeb("names are texts in every place", async ({ server, alice }) => {
  const name = `"><script>alert('x')</script>&\u202etxt.exe`;
  const view = await viewOf(server);
  await view.tree.makeDirectory("/<b>d");
  await put(server, `/<b>d/${name.replace("/", "")}`, "x");
  const stored = name.replace("/", "");
  const at = `/%3Cb%3Ed/${encodeURIComponent(stored)}`;
  const made = await view.links.make({ path: `/<b>d/${stored}`, label: "<i>label" });
  await view.sharing.share({ path: `/<b>d/${stored}`, guest: "*", letters: "r" });
  await alice.page("/files/");
  const listed = await ask(alice, "/actions/delete", {
    form: { directory: "/<b>d", name: stored },
  });
  const pages = [
    await alice.page("/files/%3Cb%3Ed"),
    await alice.page(`/details${at}`),
    await alice.page(`/s/${made.secret}`),
    await alice.page("/shares"),
    listed.text,
    (await ask(alice, "/files/%3Cscript%3E")).text,
    (await ask(alice, "/actions/mkdir", { form: { directory: "/", name: "<b>d" } })).text,
  ];
  for (const page of pages) {
    assertNotMatch(page, /<script>|<b>|<i>label/);
    assertNotMatch(page.replace(/="[^"]*"/g, ""), /\u202e/);
  }
  assertMatch(pages[0]!, /<span class="odd">U\+202E<\/span>/);
  const { headers } = await ask(alice, `/raw${at}`);
  const disposition = headers.get("content-disposition")!;
  assertMatch(disposition, /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w%.~!*'()-]*$/);
  assertStrictEquals(
    decodeURIComponent(/UTF-8''(.*)$/.exec(disposition)![1]!),
    stored,
  );
});

holdsWeb("names of any script are shown unchanged", async ({ server, alice }) => {
  const names = ["👨‍👩‍👧.txt", "می‌خواهم.txt", "日本語.txt", "é.txt", "ß ẞ.txt"];
  for (const name of names) await put(server, `/${name}`, "x");
  const page = await alice.page("/files/");
  for (const name of names) assert(page.includes(`<bdi>${name}</bdi>`), name);
});

holdsWeb("a toast says what its table says, whatever the address asks for", async ({ alice }) => {
  assertMatch(await alice.page("/files/?did=moved-3"), /<p class="toast">3 entries were moved/);
  for (const did of ["toString-1", "__proto__-1", "moved-x", "<b>-1", "hacked-1"]) {
    const page = await alice.page(`/files/?did=${encodeURIComponent(did)}`);
    assertNotMatch(page, /class="toast"/);
  }
});

holdsWeb("forms of other sites, and without the session's token, change nothing", async (bench) => {
  const { server, alice } = bench;
  await put(server, "/a.txt", "a");
  await alice.page("/files/");
  const form = { directory: "/", name: "a.txt", confirmed: "yes" };
  const body = new FormData();
  body.set("file", new File(["x"], "x.txt"));
  const tries = [
    await ask(alice, "/actions/delete", { form, csrf: false }),
    await ask(alice, "/actions/delete", { form: { ...form, csrf: "wrong" }, csrf: false }),
    await ask(alice, "/actions/delete", { form, headers: { origin: "https://evil.example" } }),
    await ask(alice, "/actions/delete", { form, headers: { "sec-fetch-site": "cross-site" } }),
    await ask(alice, "/actions/upload?directory=/", { method: "POST", body, csrf: false }),
    await ask(alice, "/actions/upload?directory=/&csrf=x", { method: "POST", body, csrf: false }),
    await ask(alice, "/account/tokens", { form: { letter: "r" }, csrf: false }),
    await ask(alice, "/actions/link", { form: { path: "/a.txt" }, csrf: false }),
  ];
  assertEquals(tries.map(({ status }) => status), tries.map(() => 403));
  assertEquals(await namesIn(server), ["a.txt"]);
});

holdsWeb(
  "a page loads at most 60 kB of script and style, all of it from here",
  async ({ alice }) => {
    const page = await alice.page("/files/");
    const files = [...page.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]*)"/g)]
      .map(([, address]) => address!);
    assert(files.length >= 3);
    let bytes = 0;
    for (const file of files) {
      assertMatch(file, /^\/assets\//);
      bytes += (await ask(alice, file)).text.length;
    }
    assert(bytes <= 60_000, `${bytes} bytes`);
    assertNotMatch(page, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
  },
);
