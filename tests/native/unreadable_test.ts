/** An account that may write but not read a file learns nothing of its content by any command. */
import { assertEquals } from "@std/assert";
import { is, login } from "../support/native.ts";
import { type RawClient, sha256 } from "../support/raw_client.ts";
import { among, put, share } from "../support/sharing.ts";

/** Appends a line, and looks for a checksum of what was there before. */
async function assertAppendsOnly(client: RawClient, filename: string, before: string) {
  const ready = is(await client.ask("APPE", { filename }), "OK", 150);
  assertEquals(ready.offset, before.length);
  await client.data("+");
  await client.send("END");
  assertEquals(is(await client.reply(), "OK", 226).hash, sha256(`${before}+`));
  // One that is cut leaves nothing that could be continued, by its id or its name.
  const { temp_id } = is(await client.ask("APPE", { filename }), "OK", 150);
  await client.data("more");
  is(await client.ask("ABOR"), "ABORTED");
  is(await client.reply(), "OK", 226);
  assertEquals((is(await client.ask("PARTS"), "OK").parts as unknown[]).length, 0);
  is(await client.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
  is(await client.ask("RESUME", { filename }), "TRANSFER_NOT_FOUND");
  is(await client.ask("REST", { offset: 1 }), "OK", 350);
  is(await client.ask("STOR", { filename }), "OFFSET_MISMATCH");
}

among("w alone appends, and is given no checksum of a beginning", async (parties) => {
  const { server, alice, bob } = parties;
  await put(alice, "drop/log");
  await share(alice, "drop", "w");
  const before = "drop/log"; // its content is its name
  await assertAppendsOnly(bob, "/shared/alice/drop/log", before);
  // A token that only writes, and an account.
  const { token } = is(await alice.ask("TOKEN", { permissions: "w" }), "OK");
  using writer = await login(server, "bob");
  is(await writer.ask("AUTH", { token }), "AUTH_SUCCESS");
  await assertAppendsOnly(writer, "drop/log", `${before}+`);
  await server.catalog.setLetters("alice", "wcd");
  await assertAppendsOnly(alice, "drop/log", `${before}++`);
});

among("an append is continued only by accounts that may read the file", async (parties) => {
  const { server, alice } = parties;
  await put(alice, "log");
  const { temp_id } = is(await alice.ask("APPE", { filename: "log" }), "OK", 150);
  await alice.data("more");
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK", 226);
  await server.catalog.setLetters("alice", "w");
  is(await alice.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
  is(await alice.ask("RESUME", { filename: "log" }), "TRANSFER_NOT_FOUND");
  await server.catalog.setLetters("alice", "rw");
  const resumed = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
  assertEquals(
    resumed.prefix_hash,
    sha256("log".concat("more").slice(0, resumed.offset as number)),
  );
  is(await alice.ask("ABOR", { discard: true }), "ABORTED");
  is(await alice.reply(), "OK", 226);
});

among("a rename makes nothing readable that is shared without r", async ({ alice, bob }) => {
  await put(alice, "drop/secret", "drop/in/secret", "box/a", "drop2/b");
  await share(alice, "drop", "wd");
  await share(alice, "drop2", "wd");
  await share(alice, "box", "rwcd");
  const at = (path: string) => `/shared/alice/${path}`;
  for (const name of ["secret", "in"]) {
    const from = at(`drop/${name}`);
    for (const to of [at("box/got"), at("box/a")]) {
      is(await bob.ask("RENAME", { from, to, overwrite: true }), "PERMISSION_DENIED");
    }
    is(await bob.ask("RNFR", { filename: from }), "OK", 350);
    is(await bob.ask("RNTO", { filename: at("box/got") }), "PERMISSION_DENIED");
  }
  assertEquals((await alice.download("box/a")).head.data.file_hash, sha256("box/a"));
  // A file readable before, or unreadable after, is moved as usual.
  is(await bob.ask("RENAME", { from: at("drop/secret"), to: at("drop2/secret") }), "OK");
  is(await bob.ask("RENAME", { from: at("box/a"), to: at("drop/a") }), "OK");
  await share(alice, "drop", "rwd");
  is(await bob.ask("RENAME", { from: at("drop/in"), to: at("box/in") }), "OK");
  is(await alice.ask("RENAME", { from: "drop2/secret", to: "box/secret" }), "OK");
});
