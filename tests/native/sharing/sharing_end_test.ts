/** PROTOCOL "Sharing": how shares end, follow and come not back; transfers through them. */
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { is, login, MIB, namesIn, until } from "../../support/native.ts";
import type { RawClient } from "../../support/raw_client.ts";
import { among, type Guests, put, share, shares } from "../../support/sharing.ts";

const LARGE = 24 * MIB;
const DOC = "/shared/alice/doc";

/** Ways in which bob's share of `/doc` ends. */
const ENDS: Record<string, (guests: Guests) => Promise<unknown>> = {
  "UNSH": async ({ alice }) => is(await alice.ask("UNSH", { filename: "doc" }), "OK"),
  "its expiry": async ({ alice }) => {
    const expires = Date.now() + 300;
    is(
      await alice.ask("SHAR", { filename: "doc", username: "bob", permissions: "rw", expires }),
      "OK",
    );
    await until("the share has expired", () => Date.now() > expires);
  },
  "the loss of the owner's letters": ({ server }) =>
    server.catalog.updateAccount("alice", { letters: "cd" }),
  "fewer letters": ({ alice }) => share(alice, "doc", "cd"),
  "the removal of its owner": ({ server }) =>
    server.engine.removeAccount("alice", { keepFiles: false, evenLast: true }),
  "the removal of the directory": async ({ alice }) =>
    is(await alice.ask("RMD", { path: "doc", recursive: true }), "OK"),
};

for (const [what, end] of Object.entries(ENDS)) {
  among(`${what} ends a download and an upload that run through a share`, async (guests) => {
    const { server, alice, bob } = guests;
    is(await alice.upload("doc/large", new Uint8Array(LARGE), { make_dirs: true }), "OK");
    await share(alice, "doc", "rw");
    using reader = await login(server, "bob");
    is(await reader.ask("DOWNLOAD", { filename: `${DOC}/large` }), "OK", 150);
    const { temp_id } = is(await bob.ask("UPLOAD", { filename: `${DOC}/new` }), "OK", 150);
    await bob.data("con");
    is(await bob.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
    await end(guests);
    await bob.data("tent");
    is(await bob.reply(), "PERMISSION_DENIED");
    let count = 0;
    is(await reader.untilReply((bytes) => count += bytes.length), "PERMISSION_DENIED");
    assert(count < LARGE);
    const { status } = await bob.ask("RESUME", { temp_id });
    assert(
      ["FILE_NOT_FOUND", "PERMISSION_DENIED", "TRANSFER_NOT_FOUND"].includes(status),
      status,
    );
  });
}

among(
  "an upload whose share ended is kept for its guest, and goes on when shared again",
  async (guests) => {
    const { server, alice, bob, carol } = guests;
    await put(alice, "doc/a");
    await server.catalog.updateAccount("alice", { quotaBytes: 100 });
    await share(alice, "doc", "w");
    const asked = { filename: `${DOC}/new`, file_size: 7 };
    const { temp_id } = is(await bob.ask("UPLOAD", asked), "OK", 150);
    assertEquals((await server.catalog.usage("alice")).reservedBytes, 7);
    await bob.data("con");
    is(await bob.ask("NOOP"), "BAD_SEQUENCE");
    await bob.send("END");
    is(await bob.reply(), "CHECKSUM_FAILED"); // too short
    is(await alice.ask("UNSH", { filename: "doc" }), "OK");
    is(await bob.ask("UPLOAD", asked), "FILE_NOT_FOUND");
    await share(alice, "doc", "w");
    const { temp_id: second } = is(await bob.ask("UPLOAD", asked), "OK", 150);
    assertNotStrictEquals(second, temp_id);
    await bob.data("con");
    is(await bob.ask("NOOP"), "BAD_SEQUENCE");
    is(await alice.ask("UNSH", { filename: "doc" }), "OK");
    await bob.data("ten");
    is(await bob.reply(), "PERMISSION_DENIED");
    const parts = async (client: RawClient) =>
      (is(await client.ask("PARTS"), "OK").parts as { filename: string }[]).map((part) =>
        part.filename
      );
    assertEquals(await parts(bob), [`${DOC}/new`]);
    // The owner sees what a guest began in his tree; it holds nothing any more.
    assertEquals([await parts(alice), await parts(carol)], [["/doc/new"], []]);
    assertEquals((await server.catalog.usage("alice")).reservedBytes, 0);
    is(await bob.ask("RESUME", { temp_id: second }), "FILE_NOT_FOUND");
    is(await bob.ask("RESUME", asked), "FILE_NOT_FOUND");
    is(await alice.ask("RESUME", { temp_id: second }), "TRANSFER_NOT_FOUND");
    await share(alice, "doc", "r");
    is(await bob.ask("RESUME", { temp_id: second }), "PERMISSION_DENIED");
    await share(alice, "doc", "w");
    assertEquals(is(await bob.ask("RESUME", asked), "OK", 150).offset, 3);
    await bob.data("tent");
    await bob.send("END");
    assertEquals(is(await bob.reply(), "OK", 226).filename, `${DOC}/new`);
    assertEquals(await server.catalog.usage("alice"), { usedBytes: 12, reservedBytes: 0 });
    assertEquals(await server.catalog.usage("bob"), { usedBytes: 0, reservedBytes: 0 });
    is(await bob.upload(`${DOC}/huge`, new Uint8Array(89)), "QUOTA_EXCEEDED");
    is(await bob.upload("/own", new Uint8Array(89)), "OK");
  },
);

among("a share follows renames, of itself and of directories above", async (guests) => {
  const { server, alice, bob } = guests;
  is(await alice.upload("top/doc/large", new Uint8Array(LARGE), { make_dirs: true }), "OK");
  await put(alice, "top/doc/sub/a", "top/file");
  await share(alice, "top/doc", "rw");
  await share(alice, "top/doc/sub", "c", "carol");
  await share(alice, "top/file");
  using reader = await login(server, "bob");
  is(await reader.ask("DOWNLOAD", { filename: "/shared/alice/top/doc/large" }), "OK", 150);
  is(await bob.ask("UPLOAD", { filename: "/shared/alice/top/doc/new" }), "OK", 150);
  is(await alice.ask("RENAME", { from: "top", to: "up" }), "OK");
  await bob.data("x");
  is(await bob.reply(), "PERMISSION_DENIED"); // it was to get a name that is not shared any more
  is(await alice.ask("RENAME", { from: "up/doc", to: "docs" }), "OK");
  is(await alice.ask("RENAME", { from: "up/file", to: "docs/f" }), "OK");
  is(await reader.untilReply(() => {}), "OK", 226); // it is the same file
  assertEquals(
    (await shares(alice, "SHBY")).map(({ filename, username }) => [filename, username]),
    [["/docs", "bob"], ["/docs/f", "bob"], ["/docs/sub", "carol"]],
  );
  is(await bob.ask("STAT", { filename: "/shared/alice/top/doc" }), "FILE_NOT_FOUND");
  assertEquals(await namesIn(bob, "/shared/alice/docs"), ["f", "large", "sub"]);
  await put(alice, "top/doc/later", "top/file");
  is(await bob.ask("STAT", { filename: "/shared/alice/top/doc/later" }), "FILE_NOT_FOUND");
  is(await bob.ask("STAT", { filename: "/shared/alice/top/file" }), "FILE_NOT_FOUND");
  // A failed rename leaves it.
  is(await alice.ask("RENAME", { from: "docs", to: "top" }), "ALREADY_EXISTS");
  is(await bob.ask("STAT", { filename: "/shared/alice/docs/f" }), "OK");
});

among("a removed or replaced path is not shared when it comes again", async ({ alice, bob }) => {
  const seen = async (path: string) =>
    (await bob.ask("STAT", { filename: `/shared/alice/${path}` })).status;
  const gone = async (path: string) => {
    assertEquals(await seen(path), "FILE_NOT_FOUND");
    await put(alice, path.includes(".") ? path : `${path}/x`);
    assertEquals(await seen(path), "FILE_NOT_FOUND");
  };
  await put(alice, "a.txt", "b.txt", "c.txt", "d.txt", "dir/x", "tree/sub/x");
  is(await alice.ask("MKD", { path: "empty" }), "OK");
  for (const name of ["a.txt", "b.txt", "c.txt", "dir", "tree/sub", "empty"]) {
    await share(alice, name, "rwcd");
    assertEquals(await seen(name), "OK");
  }
  is(await alice.ask("DELE", { filename: "a.txt" }), "OK");
  await gone("a.txt");
  is(await alice.ask("RENAME", { from: "d.txt", to: "b.txt", overwrite: true }), "OK");
  assertEquals(await seen("b.txt"), "FILE_NOT_FOUND");
  is(await alice.ask("RMD", { path: "dir" }), "NOT_EMPTY");
  assertEquals(await seen("dir"), "OK");
  is(await alice.ask("RMD", { path: "dir", recursive: true }), "OK");
  await gone("dir");
  is(await alice.ask("RMD", { path: "tree", recursive: true }), "OK");
  await gone("tree/sub");
  is(await alice.ask("RMD", { path: "empty" }), "OK");
  await gone("empty");
  // New content, and new versions, are still the same file.
  is(await alice.upload("c.txt", "2"), "OK");
  is(await alice.upload("c.txt", "3", { overwrite: true }), "OK");
  assertEquals(await seen("c.txt"), "OK");
  assertEquals(await seen("c_v2.txt"), "FILE_NOT_FOUND");
  // A guest that may remove it ends it.
  is(await bob.ask("DELE", { filename: "/shared/alice/c.txt" }), "OK");
  await gone("c.txt");
  assertEquals(await shares(alice, "SHBY"), []);
});

among(
  "accounts that come and go take their shares along",
  async ({ server, alice, bob, carol }) => {
    await put(alice, "doc/a");
    await put(bob, "b");
    await share(alice, "doc", "r", "bob");
    await share(alice, "doc", "r", "*");
    await share(bob, "b", "r", "alice");
    await server.engine.removeAccount("bob", { keepFiles: false, evenLast: true });
    await addAccount(server.vault, "bob");
    using again = await login(server, "bob");
    assertEquals(await shares(alice, "SHWM"), []);
    assertEquals((await shares(alice, "SHBY")).map(({ username }) => username), ["*"]);
    assertEquals((await shares(again, "SHWM")).length, 1); // every account: this one too
    await server.engine.removeAccount("alice", { keepFiles: false, evenLast: true });
    await addAccount(server.vault, "alice");
    for (const client of [again, carol]) assertEquals(await shares(client, "SHWM"), []);
    is(await carol.ask("STAT", { filename: `${DOC}/a` }), "FILE_NOT_FOUND");
  },
);

among("expired shares are neither used nor listed", async ({ alice, bob }) => {
  await put(alice, "doc/a");
  const expires = Date.now() + 200;
  is(await alice.ask("SHAR", { filename: "doc", username: "bob", expires }), "OK");
  is(await bob.ask("STAT", { filename: `${DOC}/a` }), "OK");
  await until("the share has expired", () => Date.now() > expires);
  is(await bob.ask("STAT", { filename: `${DOC}/a` }), "FILE_NOT_FOUND");
  is(await bob.ask("LIST", { path: "/shared" }), "FILE_NOT_FOUND");
  assertEquals([await shares(bob, "SHWM"), await shares(alice, "SHBY")], [[], []]);
  assertEquals(await namesIn(bob), []);
  await share(alice, "doc");
  is(await bob.ask("STAT", { filename: `${DOC}/a` }), "OK");
});

among("a token's path is one as the guest writes it, and its letters count", async (guests) => {
  const { server, alice, bob } = guests;
  await put(alice, "doc/a", "doc/in/b");
  await put(bob, "own");
  await share(alice, "doc", "rwcd");
  await share(bob, "own", "r", "carol");
  const made = is(await bob.ask("TOKEN", { path: `${DOC}/in`, permissions: "rc" }), "OK");
  const other = is(await bob.ask("TOKEN", { permissions: "r" }), "OK");
  using confined = await login(server, "bob");
  is(await confined.ask("AUTH", { token: made.token }), "AUTH_SUCCESS");
  is((await confined.download(`${DOC}/in/b`)).final, "OK");
  is(await confined.ask("MKD", { path: `${DOC}/in/x` }), "OK");
  is(await confined.ask("UPLOAD", { filename: `${DOC}/in/y` }), "PERMISSION_DENIED");
  for (const path of ["/", "/shared", DOC, `${DOC}/a`, "/own"]) {
    is(await confined.ask("STAT", { filename: path }), "PERMISSION_DENIED");
    is(await confined.ask("SHAR", { filename: path, username: "carol" }), "PERMISSION_DENIED");
    is(await confined.ask("UNSH", { filename: path }), "PERMISSION_DENIED");
  }
  assertEquals(await shares(confined, "SHWM"), []);
  assertEquals(await shares(confined, "SHBY"), []);
  is(await confined.ask("AUTH", { token: other.token }), "AUTH_SUCCESS");
  is(
    await confined.ask("SHAR", { filename: "own", username: "alice", permissions: "w" }),
    "PERMISSION_DENIED",
  );
  is(await confined.ask("SHAR", { filename: "own", username: "alice" }), "OK");
});

among("an upload ends with its share, without another byte of it", async ({ alice, bob }) => {
  await put(alice, "doc/a");
  await share(alice, "doc", "rw");
  const { temp_id } = is(await bob.ask("UPLOAD", { filename: `${DOC}/new` }), "OK", 150);
  await bob.data("con");
  is(await bob.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  is(await alice.ask("UNSH", { filename: "doc" }), "OK");
  assertStrictEquals(is(await bob.reply(), "PERMISSION_DENIED").temp_id, temp_id);
});
