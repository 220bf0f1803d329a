/** Files by pages and forms, without a script. */
import assert from "node:assert/strict";
import { addAccount } from "../support/in_process.ts";
import { holdsWeb } from "../support/web.ts";
import { ask, done, namesIn, put, rowsOf, viewOf } from "./pages_support.ts";

holdsWeb("a directory is shown sorted, filtered and in pages", async ({ server, alice }) => {
  for (const [name, content] of [["b.txt", "22"], ["A.txt", "333"], ["c.md", "1"]]) {
    await put(server, `/d/${name}`, content!);
  }
  await (await viewOf(server)).tree.makeDirectory("/d/z");
  const rows = async (query: string) => rowsOf(await alice.page(`/files/d${query}`));
  assert.deepEqual(await rows(""), ["z", "A.txt", "b.txt", "c.md"]);
  assert.deepEqual(await rows("?order=desc"), ["z", "c.md", "b.txt", "A.txt"]);
  assert.deepEqual(await rows("?sort=size&order=desc"), ["z", "A.txt", "b.txt", "c.md"]);
  assert.deepEqual(await rows("?filter=TXT"), ["A.txt", "b.txt"]);
  const page = await alice.page("/files/d?sort=size");
  assert.match(page, /<th [^>]*class="size number" aria-sort="ascending"/);
  assert.match(await alice.page("/files/d?filter=nothing"), /No name here contains that/);
  assert.equal((await ask(alice, "/files/d/b.txt")).location, "/details/d/b.txt");
  assert.equal((await ask(alice, "/files/none")).status, 404);
  assert.equal((await ask(alice, "/files/d?cursor=x")).status, 400);
});

holdsWeb("a page shows 200 entries of however many there are", async ({ server, alice }) => {
  const directory = `${server.data}/users/a/alice/files/many`;
  await Deno.mkdir(directory);
  for (let i = 0; i < 450; i++) {
    Deno.writeTextFileSync(`${directory}/${String(i).padStart(4, "0")}`, "");
  }
  let [path, page] = ["/files/many", ""];
  const seen: string[] = [];
  for (const count of [200, 200, 50]) {
    page = await alice.page(path);
    assert.equal(rowsOf(page).length, count);
    seen.push(...rowsOf(page));
    path = (/href="([^"]*)" rel="next"/.exec(page)?.[1] ?? "").replaceAll("&amp;", "&");
  }
  assert.equal(path, "");
  assert.equal(new Set(seen).size, 450);
  assert.match(page, /401–450 of 450 entries/);
  const previous = /href="([^"]*)" rel="prev"/.exec(page)![1]!.replaceAll("&amp;", "&");
  assert.equal(rowsOf(await alice.page(previous))[0], "0200");
});

holdsWeb("folders are made, names changed", async ({ server, alice }) => {
  await put(server, "/a.txt", "a");
  await put(server, "/b.txt", "b");
  await alice.page("/files/");
  const at = await done(alice, "/actions/mkdir", { directory: "/", name: "new" });
  assert.match(await alice.page(at), /<p class="toast">The folder was made/);
  for (const name of ["", "x/y", "..", "...", "a\u0000b"]) {
    const { status } = await ask(alice, "/actions/mkdir", { form: { directory: "/", name } });
    assert.ok([400, 403, 409].includes(status), `${name}: ${status}`);
  }
  const renamed = await done(alice, "/actions/rename", { path: "/a.txt", name: "ä & <b>.txt" });
  assert.match(await alice.page(renamed), /ä &amp; &lt;b&gt;\.txt/);
  const taken = { path: "/b.txt", name: "ä & <b>.txt" };
  assert.equal((await ask(alice, "/actions/rename", { form: taken })).status, 409);
  assert.deepEqual(await namesIn(server), ["b.txt", "new", "ä & <b>.txt"]);
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
  assert.equal(asked.status, 200);
  assert.match(asked.text, /Delete 2 entries\?/);
  assert.match(asked.text, /A folder is deleted with everything in it/);
  assert.deepEqual(await namesIn(server), ["b.txt", "d"]);
  const { status, location } = await post("&confirmed=yes");
  assert.deepEqual([status, location], [303, "/files/?did=deleted-2"]);
  assert.deepEqual(await namesIn(server), []);
  const again = await post("&confirmed=yes");
  assert.equal(again.status, 404);
  assert.match(again.text, /2 were not/);
});

holdsWeb("entries are moved and copied to where the form says", async ({ server, alice }) => {
  await put(server, "/a.txt", "a");
  await put(server, "/d/b.txt", "b");
  await alice.page("/files/");
  const chosen = { directory: "/", name: "a.txt" };
  const form = (await ask(alice, "/actions/move", { form: chosen })).text;
  assert.match(form, /<option value="\/d">/);
  assert.equal(await done(alice, "/actions/copy", { ...chosen, to: "d" }), "/files/d?did=copied-1");
  assert.equal(await done(alice, "/actions/move", { ...chosen, to: "/d" }).catch(() => ""), "");
  assert.deepEqual(await namesIn(server, "/d"), ["a.txt", "b.txt"]);
  await done(alice, "/actions/copy", { ...chosen, to: "/d" });
  assert.deepEqual(await namesIn(server, "/d"), ["a.txt", "a_v2.txt", "b.txt"]);
  await done(alice, "/actions/move", { directory: "/d", name: "b.txt", to: "/" });
  assert.deepEqual(await namesIn(server), ["a.txt", "b.txt", "d"]);
  for (const to of ["/a.txt", "/none", "/../x"]) {
    const { status } = await ask(alice, "/actions/move", {
      form: { directory: "/d", name: "a.txt", to },
    });
    assert.ok(status >= 400, `${to}: ${status}`);
  }
  const climbing = await ask(alice, "/actions/copy", {
    form: { directory: "/d", name: "../../x", to: "/" },
  });
  assert.equal(climbing.status, 403);
});

holdsWeb(
  "details tell size, checksum, versions, and why what is allowed",
  async ({ server, alice }) => {
    await put(server, "/report.txt", "first");
    await alice.page("/files/");
    const view = await viewOf(server);
    const opening = await view.transfers.upload({ path: "/report.txt" });
    assert.ok("upload" in opening);
    await opening.upload.write(new TextEncoder().encode("second"));
    await opening.upload.finish();
    const page = await alice.page("/details/report_v2.txt");
    assert.match(page, /16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4/);
    assert.match(page, /<pre[^>]*>second<\/pre>/);
    assert.match(page, /href="\/details\/report\.txt"/);
    assert.match(page, /the account alice has the letter r/);
    assert.match(await alice.page("/why/shared/x"), /nothing is shared at/);
    assert.match(await alice.page("/details/"), /Folder/);
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
    assert.doesNotMatch(page, gone);
  }
  const forms: [string, Record<string, string>][] = [
    ["/actions/mkdir", { directory: "/", name: "x" }],
    ["/actions/rename", { path: "/a.txt", name: "x" }],
    ["/actions/delete", { directory: "/", name: "a.txt", confirmed: "yes" }],
    ["/actions/move", { directory: "/", name: "a.txt", to: "/" }],
    ["/actions/copy", { directory: "/", name: "a.txt", to: "/" }],
  ];
  for (const [path, form] of forms) {
    assert.equal((await ask(reader, path, { form })).status, 403, path);
  }
  const told = await ask(reader, "/actions/mkdir", {
    form: { directory: "/", name: "x" },
    headers: { referer: `${reader.origin}/files/d` },
  });
  assert.match(told.text, /href="\/why\/d"/);
  const body = new FormData();
  body.set("file", new File(["x"], "x.txt"));
  const upload = `/actions/upload?directory=/&csrf=${reader.csrfToken}`;
  assert.equal((await ask(reader, upload, { method: "POST", body })).status, 403);
  assert.deepEqual(await namesIn(server, "/", "reader"), ["a.txt"]);

  await server.catalog.setLetters("reader", "w");
  for (const path of ["/files/", "/details/a.txt", "/raw/a.txt", "/zip/"]) {
    assert.equal((await ask(reader, path)).status, 403, path);
  }
  assert.match((await ask(reader, "/raw/a.txt")).text, /href="\/why\/a\.txt"/);
});

holdsWeb("names are texts, wherever they stand", async ({ server, alice }) => {
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
    assert.doesNotMatch(page, /<script>|<b>|<i>label/);
    assert.doesNotMatch(page.replace(/="[^"]*"/g, ""), /\u202e/);
  }
  assert.match(pages[0]!, /<span class="odd">U\+202E<\/span>/);
  const { headers } = await ask(alice, `/raw${at}`);
  const disposition = headers.get("content-disposition")!;
  assert.match(disposition, /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w%.~!*'()-]*$/);
  assert.equal(
    decodeURIComponent(/UTF-8''(.*)$/.exec(disposition)![1]!),
    stored,
  );
});

holdsWeb("names of any script stand as they are", async ({ server, alice }) => {
  const names = ["👨‍👩‍👧.txt", "می‌خواهم.txt", "日本語.txt", "é.txt", "ß ẞ.txt"];
  for (const name of names) await put(server, `/${name}`, "x");
  const page = await alice.page("/files/");
  for (const name of names) assert.ok(page.includes(`<bdi>${name}</bdi>`), name);
});

holdsWeb("a toast says what its table says, whatever the address asks for", async ({ alice }) => {
  assert.match(await alice.page("/files/?did=moved-3"), /<p class="toast">3 entries were moved/);
  for (const did of ["toString-1", "__proto__-1", "moved-x", "<b>-1", "hacked-1"]) {
    const page = await alice.page(`/files/?did=${encodeURIComponent(did)}`);
    assert.doesNotMatch(page, /class="toast"/);
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
  assert.deepEqual(tries.map(({ status }) => status), tries.map(() => 403));
  assert.deepEqual(await namesIn(server), ["a.txt"]);
});

holdsWeb(
  "a page loads at most 60 kB of script and style, all of it from here",
  async ({ alice }) => {
    const page = await alice.page("/files/");
    const files = [...page.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]*)"/g)]
      .map(([, address]) => address!);
    assert.ok(files.length >= 3);
    let bytes = 0;
    for (const file of files) {
      assert.match(file, /^\/assets\//);
      bytes += (await ask(alice, file)).text.length;
    }
    assert.ok(bytes <= 60_000, `${bytes} bytes`);
    assert.doesNotMatch(page, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
  },
);
