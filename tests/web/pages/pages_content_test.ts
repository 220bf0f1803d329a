/** Content of users, as pages send it: never able to run, in ranges, as archives. */
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb, holdsWebOnDisk } from "../../support/web.ts";
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
      assertEquals(headers.get("content-type"), "application/octet-stream", name);
      assertMatch(headers.get("content-disposition")!, /^attachment;/, name);
      assertMatch(headers.get("content-security-policy")!, /^sandbox; default-src 'none'/);
      assertEquals(headers.get("x-content-type-options"), "nosniff");
    }
  }
  const inline = async (path: string) => {
    const { headers } = await ask(alice, path);
    return [headers.get("content-type"), headers.get("content-disposition")!.split(";")[0]];
  };
  assertEquals(await inline("/raw/a.png?inline=1"), ["image/png", "inline"]);
  assertEquals(await inline("/raw/a.mp4?inline=1"), ["video/mp4", "inline"]);
  assertEquals(await inline("/raw/a.png"), ["application/octet-stream", "attachment"]);
  const pdf = (await ask(alice, "/raw/a.pdf?inline=1")).headers;
  assertMatch(pdf.get("content-security-policy")!, /^default-src 'none';/);
  assertEquals(pdf.get("cross-origin-resource-policy"), "same-origin");
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
    assertMatch(await preview("a.html"), /<pre[^>]*>&lt;script&gt;/);
    assertEquals(await preview("b.bin"), "");
    assertMatch(await preview("c.png"), /<img src="\/raw\/c\.png\?inline=1"/);
    const cut = await preview("d.txt");
    assertMatch(cut, /Only the first 64\.0 KiB are shown/);
    assertNotMatch(cut, /\ufffd/);
  },
);

holdsWeb("downloads come whole, in ranges, and only if they changed", async ({ server, alice }) => {
  const text = "0123456789".repeat(60_000);
  await put(server, "/a.bin", text);
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    ask(alice, "/raw/a.bin", { headers, method });
  const whole = await get();
  assertEquals(whole.text, text);
  const etag = whole.headers.get("etag")!;
  assertMatch(etag, /^"[0-9a-f]{64}"$/);
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
    assertStrictEquals(part.status, status, range);
    assertEquals(part.text, content, range);
    assertStrictEquals(part.headers.get("content-range"), said, range);
  }
  assertEquals((await get({ range: "bytes=1-2", "if-range": etag })).text, "12");
  assertEquals((await get({ range: "bytes=1-2", "if-range": '"other"' })).status, 200);
  assertEquals((await get({ "if-none-match": `"x", ${etag}` })).status, 304);
  assertEquals((await get({ "if-match": '"other"' })).status, 412);
  const since = whole.headers.get("last-modified")!;
  assertEquals((await get({ "if-modified-since": since })).status, 304);
  const head = await get({}, "HEAD");
  assertEquals([head.status, head.text], [200, ""]);
  assertEquals(head.headers.get("content-length"), "600000");
  await put(server, "/empty", "");
  assertEquals((await ask(alice, "/raw/empty")).text, "");
  assertEquals((await ask(alice, "/raw/")).status, 409);
});

holdsWebOnDisk("a file that is damaged on disk is never a complete response", async (bench) => {
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
      assertEquals(await whole(path), true);
      const place = `${server.data}/users/a/alice/files/${name}`;
      const { mtime } = await Deno.stat(place);
      await Deno.writeTextFile(place, "y".repeat(size));
      await Deno.utime(place, mtime!, mtime!);
      assertEquals(await whole(path), false, `${path} of ${name}`);
      assertEquals((await ask(alice, `/raw/${name}`)).status, 422); // known by now
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
  assertEquals(reply.headers.get("content-type"), "application/zip");
  assertMatch(reply.headers.get("content-disposition")!, /^attachment; filename="d\.zip"/);
  const found = await unzipped(new Uint8Array(await reply.arrayBuffer()));
  assertEquals(found, {
    "a.txt": "a",
    "empty/": "",
    "in/": "",
    "in/ä 😀.txt": "b".repeat(300_000),
  });
  const file = await alice.fetch("/zip/d/a.txt");
  assertEquals(await unzipped(new Uint8Array(await file.arrayBuffer())), { "a.txt": "a" });
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
  assertEquals(names.sort(), ["d/", "d/a.txt", "d/empty/", "d/in/", "d/in/ä 😀.txt", "other"]);
});

holdsWebOnDisk(
  "no entry of an archive climbs, with any names on disk",
  async ({ server, alice }) => {
    const directory = `${server.data}/users/a/alice/files/d`;
    await Deno.mkdir(directory);
    const odd = ["..\\..\\windows.exe", "C:evil", "\\abs", "a\nb", "..", "ok.txt"];
    for (const name of odd.filter((name) => name !== "..")) {
      await Deno.writeTextFile(`${directory}/${name}`, "x").catch(() => {});
    }
    const reply = await alice.fetch("/zip/d");
    const bytes = new Uint8Array(await reply.arrayBuffer().catch(() => new ArrayBuffer(0)));
    const names = Object.keys(await unzipped(bytes));
    assert(names.includes("ok.txt"));
    for (const name of names) {
      assertNotMatch(name, /\\|^\/|(^|\/)\.\.(\/|$)|^[A-Za-z]:|\n/, name);
    }
  },
);

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
  assertEquals(Object.keys(await unzipped(new Uint8Array(await own.arrayBuffer()))), [
    "own.txt",
  ]);
  const shared = await alice.fetch("/zip/shared/bob");
  const names = Object.keys(await unzipped(new Uint8Array(await shared.arrayBuffer())));
  assertEquals(names, ["secret.txt"]);
});

holdsWeb("an abandoned archive leaves no file open", async ({ server, alice }) => {
  await put(server, "/d/a.bin", "x".repeat(3_000_000));
  await put(server, "/d/b.bin", "x".repeat(3_000_000));
  const reply = await alice.fetch("/zip/d");
  const reader = reply.body!.getReader();
  await reader.read();
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = open();
  await reader.cancel();
  const deadline = Date.now() + 10_000;
  while (open() >= before && Date.now() < deadline) await delay(10);
  assert(open() < before);
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
  assertEquals([sent.status, sent.location], [303, "/files/?did=uploaded-4"]);
  const view = await viewOf(server);
  assertEquals((await view.tree.list("/")).entries.map(({ name, size }) => [name, size]), [
    ["a.txt", 1],
    ["e", 0],
    ["large", large.length],
    ['q"<b>ö.txt', 1],
  ]);
  assertEquals((await ask(alice, "/raw/large")).text, large);
  await upload([["a.txt", "again"]]);
  await upload([["a.txt", "third"]], "", [["if-exists", "overwrite"]]);
  assertEquals((await ask(alice, "/raw/a.txt")).text, "third");
  assertEquals((await ask(alice, "/raw/a_v2.txt")).text, "again");
  assertEquals((await upload([["x", "x"]], "none")).status, 404);
  // Browsers send no more than a name; others are held to it.
  await upload([["../../../etc/climb", "x"], ["C:\\dir\\win.txt", "x"]]);
  const names = (await view.tree.list("/")).entries.map(({ name }) => name);
  assert(names.includes("climb") && names.includes("win.txt"), String(names));
  assertEquals(await Array.fromAsync(await view.transfers.unfinished()), []);
});

holdsWebOnDisk(
  "a form that is cut, or too large, leaves nothing half done",
  async ({ server, alice }) => {
    await alice.page("/files/");
    await server.catalog.updateAccount("alice", { quotaBytes: 100_000 });
    const path = `/actions/upload?directory=/&csrf=${alice.csrfToken}`;
    const body = new FormData();
    body.append("file", new File(["small"], "first.txt"));
    body.append("file", new File(["x".repeat(5_000_000)], "large.bin"));
    const full = await ask(alice, path, { method: "POST", body });
    assertEquals(full.status, 507);
    const view = await viewOf(server);
    const names = async () => (await view.tree.list("/")).entries.map(({ name }) => name);
    assertEquals(await names(), ["first.txt"]);
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const cut = '--b\r\nContent-Disposition: form-data; name="file"; filename="c"\r\n\r\nabc';
    for (const text of [cut, "--b\r\n", "", "no form at all"]) {
      const reply = await ask(alice, path, { method: "POST", headers, body: encoder.encode(text) });
      assert(reply.status === 400 || reply.status === 303, `${text}: ${reply.status}`);
    }
    assertEquals(await names(), ["first.txt"]);
    assertEquals(await Array.fromAsync(await view.transfers.unfinished()), []);
    assertEquals((await view.account.usage()).reservedBytes, 0);
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
  assert(success, new TextDecoder().decode(stderr));
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
  assertEquals(reply.status, 400);
  assertMatch(reply.text, /too many parts/);
  assertEquals(await Array.fromAsync(await (await viewOf(server)).transfers.unfinished()), []);
});
