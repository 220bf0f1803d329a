/** PROTOCOL "Sharing": what is shared with whom, and what that lets a guest do. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { is, login, namesIn } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { among, put, share, shares } from "../../support/sharing.ts";

among("SHAR, SHWM and SHBY: with one account and with all", async ({ alice, bob, carol }) => {
  await put(alice, "doc/a.txt", "b.txt");
  const expires = Date.now() + 3_600_000;
  const asked = { filename: "doc", username: "bob", permissions: "wr", expires };
  const doc = { owner: "alice", filename: "/doc", path: "/shared/alice/doc", permissions: "rw" };
  assertEquals(is(await alice.ask("SHAR", asked), "OK", 200), {
    ...doc,
    username: "bob",
    expires,
  });
  is(await alice.ask("SHAR", { filename: "b.txt", username: "*" }), "OK");
  const everybodys = {
    owner: "alice",
    filename: "/b.txt",
    path: "/shared/alice/b.txt",
    permissions: "r",
    expires: null,
  };
  assertEquals(await shares(bob, "SHWM"), [everybodys, { ...doc, expires }]);
  assertEquals(await shares(carol, "SHWM"), [everybodys]);
  assertEquals(await shares(alice, "SHWM"), []);
  assertEquals(await shares(alice, "SHBY"), [
    { ...everybodys, username: "*" },
    { ...doc, expires, username: "bob" },
  ]);
  assertEquals(await shares(bob, "SHBY"), []);
  // Sharing again replaces letters and expiry.
  await share(alice, "doc", "c");
  assertEquals((await shares(bob, "SHWM"))[1], { ...doc, permissions: "c", expires: null });
  assertEquals((await bob.download("/shared/alice/b.txt")).content.length, 5);
  assertEquals((await carol.download("/shared/alice/b.txt")).content.length, 5);
  is((await alice.download("/shared/alice/b.txt")).head, "FILE_NOT_FOUND");
});

among("SHAR and UNSH refuse requests that are no share", async ({ server, alice, bob, carol }) => {
  await put(alice, "doc/a");
  await addAccount(server.vault, "less", "rd");
  using less = await login(server, "less");
  const shar = (data: object, client = alice) =>
    client.ask("SHAR", { filename: "doc", username: "bob", ...data });
  is(await shar({ username: "nobody" }), "FILE_NOT_FOUND");
  is(await shar({ username: "Bob" }), "FILE_NOT_FOUND");
  is(await shar({ filename: "none" }), "FILE_NOT_FOUND");
  is(await shar({ username: "alice" }), "BAD_REQUEST");
  for (const permissions of ["", "t", "rt", "x", "R"]) {
    is(await shar({ permissions }), "BAD_REQUEST");
  }
  for (const expires of [0, Date.now()]) is(await shar({ expires }), "BAD_REQUEST");
  is(await shar({ filename: "" }), "BAD_NAME");
  is(await shar({ filename: "../doc" }), "PERMISSION_DENIED");
  is(await shar({ filename: "/", permissions: "rw" }, less), "PERMISSION_DENIED");
  is(await shar({ filename: "none", permissions: "w" }, less), "PERMISSION_DENIED");
  assertEquals(await shares(alice, "SHBY"), []);
  is(await alice.ask("UNSH", { filename: "doc" }), "FILE_NOT_FOUND");
  await share(alice, "doc", "rwcd");
  await share(alice, "doc", "r", "*");
  // Only the owner shares on, and ends it.
  for (const filename of ["/shared", "/shared/alice", "/shared/alice/doc", "/shared/alice/doc/a"]) {
    is(await shar({ filename, username: "carol" }, bob), "PERMISSION_DENIED");
    is(await bob.ask("UNSH", { filename, username: "bob" }), "PERMISSION_DENIED");
  }
  is(await bob.ask("UNSH", { filename: "/doc" }), "FILE_NOT_FOUND"); // of bob's own tree
  is(await alice.ask("UNSH", { filename: "doc", username: "carol" }), "FILE_NOT_FOUND");
  is(await alice.ask("UNSH", { filename: "doc/a" }), "FILE_NOT_FOUND");
  is(await alice.ask("UNSH", { filename: "doc", username: "bob" }), "OK", 200);
  is(await carol.ask("STAT", { filename: "/shared/alice/doc" }), "OK");
  assertEquals((await shares(bob, "SHWM")).length, 1);
  await share(alice, "doc", "w");
  is(await alice.ask("UNSH", { filename: "doc" }), "OK"); // all of them
  assertEquals([await shares(alice, "SHBY"), await shares(carol, "SHWM")], [[], []]);
  is(await bob.ask("LIST", { path: "/shared" }), "FILE_NOT_FOUND");
});

among("a share covers its path and all below, and nothing beside", async ({ alice, bob }) => {
  await put(alice, "doc/a.txt", "doc/sub/b", "docs/c", "doc.txt", "doc_v2", "solo.txt", "solo.txt");
  await share(alice, "doc", "rwcd");
  await share(alice, "solo.txt", "rwcd");
  const at = (path: string) => bob.ask("STAT", { filename: `/shared/alice/${path}` });
  for (const path of ["doc", "doc/a.txt", "doc//sub/./b", "doc/x/../a.txt", "solo.txt"]) {
    is(await at(path), "OK", 213);
  }
  const outside = [
    "docs",
    "docs/c",
    "doc.txt",
    "doc_v2",
    "solo_v2.txt",
    "solo.tx",
    "solo.txt2",
    "DOC",
  ];
  for (const path of [...outside, "doc/../docs/c", "doc/../doc.txt", "none"]) {
    is(await at(path), "FILE_NOT_FOUND", 550);
    const filename = `/shared/alice/${path}`;
    is(await bob.ask("UPLOAD", { filename, make_dirs: true }), "FILE_NOT_FOUND");
    is(await bob.ask("MKD", { path: filename }), "FILE_NOT_FOUND");
    is(await bob.ask("DELE", { filename }), "FILE_NOT_FOUND");
    const from = "/shared/alice/doc/a.txt";
    is(await bob.ask("RENAME", { from, to: filename, overwrite: true }), "FILE_NOT_FOUND");
    is(await bob.ask("COPY", { from, to: filename }), "FILE_NOT_FOUND");
  }
  is(await at("solo.txt/x"), "FILE_NOT_FOUND");
  is(await bob.ask("STAT", { filename: "/shared/al/doc" }), "FILE_NOT_FOUND");
  is(await bob.ask("STAT", { filename: "/shared/bob/doc" }), "FILE_NOT_FOUND");
  is(await bob.ask("STAT", { filename: "/shared/alice/../../doc/a.txt" }), "FILE_NOT_FOUND");
  is(await bob.ask("STAT", { filename: "/shared/alice/../../../doc" }), "PERMISSION_DENIED");
  const { versions } = is(await bob.ask("VERSIONS", { filename: "/shared/alice/solo.txt" }), "OK");
  assertEquals(
    (versions as { filename: string }[]).map(({ filename }) => filename),
    ["/shared/alice/solo.txt"],
  );
  assertEquals(await namesIn(alice), [
    "doc",
    "doc.txt",
    "doc_v2",
    "docs",
    "solo.txt",
    "solo_v2.txt",
  ]);
});

among("one file's share: overwritten and appended to, but no version beside it", async (guests) => {
  const { alice, bob } = guests;
  await put(alice, "a.txt");
  await share(alice, "a.txt", "rw");
  const filename = "/shared/alice/a.txt";
  is(await bob.upload(filename, "new"), "PERMISSION_DENIED");
  is(await bob.upload(filename, "new", { if_exists: "fail" }), "ALREADY_EXISTS");
  is(await bob.ask("COPY", { from: filename, to: filename }), "PERMISSION_DENIED");
  const skip = { if_exists: "skip", file_size: 5 };
  const skipped = await bob.ask("UPLOAD", { filename, ...skip, file_hash: sha256("a.txt") });
  assertEquals(is(skipped, "OK", 200).skipped, true);
  is(
    await bob.ask("UPLOAD", { filename, ...skip, file_hash: sha256("b.txt") }),
    "PERMISSION_DENIED",
  );
  await bob.send("UPLOAD", { filename, pipelined: true, file_size: 3, file_hash: sha256("new") });
  await bob.data("new");
  await bob.send("END");
  is(await bob.reply(), "PERMISSION_DENIED");
  assertStrictEquals(
    is(await bob.upload(filename, "new", { overwrite: true }), "OK").filename,
    filename,
  );
  is(await bob.ask("APPE", { filename }), "OK", 150);
  await bob.data("er");
  await bob.send("END");
  is(await bob.reply(), "OK", 226);
  assertEquals(new TextDecoder().decode((await alice.download("a.txt")).content), "newer");
  assertEquals(await namesIn(alice), ["a.txt"]);
});
