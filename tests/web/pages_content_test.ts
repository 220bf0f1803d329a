/** What users stored, as pages send it: never able to run, in ranges, as archives. */
import assert from "node:assert/strict";
import { addAccount } from "../support/in_process.ts";
import { holdsWeb } from "../support/web.ts";
import { ask, put, viewOf } from "./pages_support.ts";

const encoder = new TextEncoder();

holdsWeb("content runs nothing: it is downloaded, or of a kind that cannot", async (bench) => {
  const { server, alice } = bench;
  const html = "<script>alert(document.cookie)</script>";
  const names = ["a.html", "a.svg", "a.xml", "a.xhtml", "a.js", "a", "a.txt", "a.HTML", "png"];
  for (const name of [...names, "a.png", "a.mp4", "a.pdf"]) await put(server, `/${name}`, html);
  for (const name of names) {
    for (const query of ["", "?inline=1"]) {
      const { headers } = await ask(alice, `/raw/${name}${query}`);
      assert.equal(headers.get("content-type"), "application/octet-stream", name);
      assert.match(headers.get("content-disposition")!, /^attachment;/, name);
      assert.match(headers.get("content-security-policy")!, /^sandbox; default-src 'none'/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
    }
  }
  const inline = async (path: string) => {
    const { headers } = await ask(alice, path);
    return [headers.get("content-type"), headers.get("content-disposition")!.split(";")[0]];
  };
  assert.deepEqual(await inline("/raw/a.png?inline=1"), ["image/png", "inline"]);
  assert.deepEqual(await inline("/raw/a.mp4?inline=1"), ["video/mp4", "inline"]);
  assert.deepEqual(await inline("/raw/a.png"), ["application/octet-stream", "attachment"]);
  const pdf = (await ask(alice, "/raw/a.pdf?inline=1")).headers;
  assert.match(pdf.get("content-security-policy")!, /^default-src 'none';/);
  assert.equal(pdf.get("cross-origin-resource-policy"), "same-origin");
});

holdsWeb(
  "a preview shows text as text, and other kinds by themselves",
  async ({ server, alice }) => {
    await put(server, "/a.html", "<script>alert(1)</script>");
    await put(server, "/b.bin", "a\u0000b");
    await put(server, "/c.png", "no picture");
    await put(server, "/d.txt", "é".repeat(40_000));
    const preview = async (name: string) => {
      const page = await alice.page(`/details/${name}`);
      return /<section[^>]*aria-label="Preview">.*?<\/section>/s.exec(page)?.[0] ?? "";
    };
    assert.match(await preview("a.html"), /<pre[^>]*>&lt;script&gt;/);
    assert.equal(await preview("b.bin"), "");
    assert.match(await preview("c.png"), /<img src="\/raw\/c\.png\?inline=1"/);
    const cut = await preview("d.txt");
    assert.match(cut, /Only the first 64\.0 KiB are shown/);
    assert.doesNotMatch(cut, /\ufffd/);
  },
);

holdsWeb("downloads come whole, in ranges, and only if they changed", async ({ server, alice }) => {
  const text = "0123456789".repeat(60_000);
  await put(server, "/a.bin", text);
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    ask(alice, "/raw/a.bin", { headers, method });
  const whole = await get();
  assert.equal(whole.text, text);
  const etag = whole.headers.get("etag")!;
  assert.match(etag, /^"[0-9a-f]{64}"$/);
  for (
    const [range, status, content, said] of [
      ["bytes=2-5", 206, "2345", "bytes 2-5/600000"],
      ["bytes=599998-", 206, "89", "bytes 599998-599999/600000"],
      ["bytes=-3", 206, "789", "bytes 599997-599999/600000"],
      ["bytes=0-9999999", 206, text, "bytes 0-599999/600000"],
      ["bytes=600000-", 416, "", "bytes */600000"],
      ["bytes=-0", 416, "", "bytes */600000"],
      ["bytes=5-2", 200, text, null],
      ["bytes=0-1,4-5", 200, text, null],
      ["lines=1-2", 200, text, null],
    ] as const
  ) {
    const part = await get({ range });
    assert.equal(part.status, status, range);
    assert.equal(part.text, content, range);
    assert.equal(part.headers.get("content-range"), said, range);
  }
  assert.equal((await get({ range: "bytes=1-2", "if-range": etag })).text, "12");
  assert.equal((await get({ range: "bytes=1-2", "if-range": '"other"' })).status, 200);
  assert.equal((await get({ "if-none-match": `"x", ${etag}` })).status, 304);
  assert.equal((await get({ "if-match": '"other"' })).status, 412);
  const since = whole.headers.get("last-modified")!;
  assert.equal((await get({ "if-modified-since": since })).status, 304);
  const head = await get({}, "HEAD");
  assert.deepEqual([head.status, head.text], [200, ""]);
  assert.equal(head.headers.get("content-length"), "600000");
  await put(server, "/empty", "");
  assert.equal((await ask(alice, "/raw/empty")).text, "");
  assert.equal((await ask(alice, "/raw/")).status, 409);
});

holdsWeb("a file that is damaged on disk is never a complete response", async (bench) => {
  const { server, alice } = bench;
  /** Whether a response came whole, and is no page that tells what failed. */
  const whole = async (path: string) => {
    try {
      const reply = await alice.fetch(path);
      await reply.arrayBuffer();
      return reply.ok;
    } catch {
      return false; // cut, before or after its head
    }
  };
  for (const [name, size] of [["small", 7], ["large", 900_000]] as const) {
    for (const path of ["/zip/", `/raw/${name}`]) {
      await put(server, `/${name}`, "x".repeat(size));
      assert.equal(await whole(path), true);
      const place = `${server.data}/users/a/alice/files/${name}`;
      const { mtime } = await Deno.stat(place);
      await Deno.writeTextFile(place, "y".repeat(size));
      await Deno.utime(place, mtime!, mtime!);
      assert.equal(await whole(path), false, `${path} of ${name}`);
      assert.equal((await ask(alice, `/raw/${name}`)).status, 422); // known by now
      await (await viewOf(server)).tree.remove(`/${name}`);
    }
  }
});

holdsWeb("a directory is an archive with all below it", async ({ server, alice }) => {
  await put(server, "/d/a.txt", "a");
  await put(server, "/d/in/ä 😀.txt", "b".repeat(300_000));
  await (await viewOf(server)).tree.makeDirectory("/d/empty");
  await put(server, "/other", "c");
  const reply = await alice.fetch("/zip/d");
  assert.equal(reply.headers.get("content-type"), "application/zip");
  assert.match(reply.headers.get("content-disposition")!, /^attachment; filename="d\.zip"/);
  const found = await unzipped(new Uint8Array(await reply.arrayBuffer()));
  assert.deepEqual(found, {
    "a.txt": "a",
    "empty/": "",
    "in/": "",
    "in/ä 😀.txt": "b".repeat(300_000),
  });
  const file = await alice.fetch("/zip/d/a.txt");
  assert.deepEqual(await unzipped(new Uint8Array(await file.arrayBuffer())), { "a.txt": "a" });
  await alice.page("/files/");
  const chosen = new URLSearchParams({ directory: "/", csrf: alice.csrfToken! });
  for (const name of ["d", "other"]) chosen.append("name", name);
  const some = await alice.fetch("/actions/zip", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: chosen.toString(),
    csrf: false,
  });
  const names = Object.keys(await unzipped(new Uint8Array(await some.arrayBuffer())));
  assert.deepEqual(names.sort(), ["d/", "d/a.txt", "d/empty/", "d/in/", "d/in/ä 😀.txt", "other"]);
});

holdsWeb("no entry of an archive climbs, whatever stands on disk", async ({ server, alice }) => {
  const directory = `${server.data}/users/a/alice/files/d`;
  await Deno.mkdir(directory);
  const odd = ["..\\..\\windows.exe", "C:evil", "\\abs", "a\nb", "..", "ok.txt"];
  for (const name of odd.filter((name) => name !== "..")) {
    await Deno.writeTextFile(`${directory}/${name}`, "x").catch(() => {});
  }
  const reply = await alice.fetch("/zip/d");
  const bytes = new Uint8Array(await reply.arrayBuffer().catch(() => new ArrayBuffer(0)));
  const names = Object.keys(await unzipped(bytes));
  assert.ok(names.includes("ok.txt"));
  for (const name of names) {
    assert.doesNotMatch(name, /\\|^\/|(^|\/)\.\.(\/|$)|^[A-Za-z]:|\n/, name);
  }
});

holdsWeb("what others share is in no archive of one's own", async ({ server, alice }) => {
  await addAccount(server.vault, "bob");
  await put(server, "/secret.txt", "s", "bob");
  await (await viewOf(server, "bob")).sharing.share({
    path: "/secret.txt",
    guest: "alice",
    letters: "r",
  });
  await put(server, "/own.txt", "o");
  const own = await alice.fetch("/zip/");
  assert.deepEqual(Object.keys(await unzipped(new Uint8Array(await own.arrayBuffer()))), [
    "own.txt",
  ]);
  const shared = await alice.fetch("/zip/shared/bob");
  const names = Object.keys(await unzipped(new Uint8Array(await shared.arrayBuffer())));
  assert.deepEqual(names, ["secret.txt"]);
});

holdsWeb("an archive that nobody wants any more leaves no file open", async ({ server, alice }) => {
  await put(server, "/d/a.bin", "x".repeat(3_000_000));
  await put(server, "/d/b.bin", "x".repeat(3_000_000));
  const reply = await alice.fetch("/zip/d");
  const reader = reply.body!.getReader();
  await reader.read();
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = open();
  await reader.cancel();
  const deadline = Date.now() + 10_000;
  while (open() >= before && Date.now() < deadline) await new Promise((r) => setTimeout(r, 10));
  assert.ok(open() < before);
});

holdsWeb("files of a form are stored as they come", async ({ server, alice }) => {
  await alice.page("/files/");
  const upload = async (files: [string, string][], more = "", fields: [string, string][] = []) => {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    for (const [name, content] of files) body.append("file", new File([content], name));
    const path = `/actions/upload?directory=/${more}&csrf=${alice.csrfToken}`;
    return await ask(alice, path, { method: "POST", body });
  };
  const large = "0123456789abcdef".repeat(300_000);
  const sent = await upload([["a.txt", "a"], ['q"<b>ö.txt', "b"], ["large", large], ["e", ""]]);
  assert.deepEqual([sent.status, sent.location], [303, "/files/?did=uploaded-4"]);
  const view = await viewOf(server);
  assert.deepEqual((await view.tree.list("/")).entries.map(({ name, size }) => [name, size]), [
    ["a.txt", 1],
    ["e", 0],
    ["large", large.length],
    ['q"<b>ö.txt', 1],
  ]);
  assert.equal((await ask(alice, "/raw/large")).text, large);
  await upload([["a.txt", "again"]]);
  await upload([["a.txt", "third"]], "", [["if-exists", "overwrite"]]);
  assert.equal((await ask(alice, "/raw/a.txt")).text, "third");
  assert.equal((await ask(alice, "/raw/a_v2.txt")).text, "again");
  assert.equal((await upload([["x", "x"]], "none")).status, 404);
  // Browsers send no more than a name; others are held to it.
  await upload([["../../../etc/climb", "x"], ["C:\\dir\\win.txt", "x"]]);
  const names = (await view.tree.list("/")).entries.map(({ name }) => name);
  assert.ok(names.includes("climb") && names.includes("win.txt"), String(names));
  assert.deepEqual(await Array.fromAsync(await view.transfers.unfinished()), []);
});

holdsWeb(
  "a form that is cut, or too large, leaves nothing half done",
  async ({ server, alice }) => {
    await alice.page("/files/");
    await server.catalog.updateAccount("alice", { quotaBytes: 100_000 });
    const path = `/actions/upload?directory=/&csrf=${alice.csrfToken}`;
    const body = new FormData();
    body.append("file", new File(["small"], "first.txt"));
    body.append("file", new File(["x".repeat(5_000_000)], "large.bin"));
    const full = await ask(alice, path, { method: "POST", body });
    assert.equal(full.status, 507);
    const view = await viewOf(server);
    const names = async () => (await view.tree.list("/")).entries.map(({ name }) => name);
    assert.deepEqual(await names(), ["first.txt"]);
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const cut = '--b\r\nContent-Disposition: form-data; name="file"; filename="c"\r\n\r\nabc';
    for (const text of [cut, "--b\r\n", "", "no form at all"]) {
      const reply = await ask(alice, path, { method: "POST", headers, body: encoder.encode(text) });
      assert.ok(reply.status === 400 || reply.status === 303, `${text}: ${reply.status}`);
    }
    assert.deepEqual(await names(), ["first.txt"]);
    assert.deepEqual(await Array.fromAsync(await view.transfers.unfinished()), []);
    assert.equal((await view.usage()).reservedBytes, 0);
  },
);

/** Names and contents of an archive, as another program reads it. */
async function unzipped(archive: Uint8Array): Promise<Record<string, string>> {
  const program = [
    "import io, json, sys, zipfile",
    "z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))",
    "assert z.testzip() is None",
    "print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))",
  ].join("\n");
  const child = new Deno.Command("python3", {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(archive);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

holdsWeb("a form with more files than a form may have is not taken for done", async (bench) => {
  const { server, alice } = bench;
  await alice.page("/files/");
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="same"\r\n\r\n\r\n';
  const reply = await ask(alice, `/actions/upload?directory=/&csrf=${alice.csrfToken}`, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b" },
    body: part.repeat(30) + part.replace('name="file"; filename="same"', 'name="x"').repeat(30) +
      "--b--\r\n",
  });
  assert.equal(reply.status, 400);
  assert.match(reply.text, /too many parts/);
  assert.deepEqual(await Array.fromAsync(await (await viewOf(server)).transfers.unfinished()), []);
});
